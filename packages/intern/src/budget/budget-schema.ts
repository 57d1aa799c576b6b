import { priceSchema } from "@ml-intern/gateway";
import { positiveNumber, section, wholeNumber } from "@ml-intern/gateway/settings";
import { z } from "zod";
import type { BudgetSettings } from "./budget-limits.ts";

const MILLION = 1_000_000;

/** Dollars, also as a string from the environment; with more than six decimals money could not be exact. */
export const usdSchema: z.ZodType<number> = z.preprocess(
  (value) => (typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value),
  z
    .number()
    .min(0)
    .max(MILLION)
    .refine((value) => Number(value.toFixed(6)) === value, {
      message: "has more than six decimals",
      params: { mend: "Round it." },
    }),
);

const byName = z.record(
  z.string().regex(/^([^*]+\*?|\*)$/, { error: "A * stands at the end only, for any rest." }),
  usdSchema,
);

/** The section `budget` of intern.yaml. */
export const budgetSchema: z.ZodType<BudgetSettings> = section({
  usd: usdSchema.refine((usd) => usd > 0, { message: "must be more than 0" }).exactOptional(),
  tokens: wholeNumber({ least: 1 }).exactOptional(),
  computeHours: positiveNumber().exactOptional(),
  storageGigabytes: positiveNumber().exactOptional(),
  keepBackPercent: wholeNumber({ least: 0, most: 50 }).exactOptional(),
  prices: section({
    models: priceSchema.exactOptional(),
    computePerHour: byName.exactOptional(),
    storagePerGigabyteMonth: byName.exactOptional(),
    electricity: section({ usdPerKilowattHour: usdSchema, watts: positiveNumber() }).exactOptional(),
  }).exactOptional(),
});
