import { priceSchema } from "@ml-intern/gateway";
import { z } from "zod";
import type { BudgetSettings } from "./budget-limits.ts";

const amount = z.number().positive();
const price = z
  .number()
  .min(0)
  .max(1_000_000)
  .refine((value) => Number(value.toFixed(6)) === value, { message: "has more than six decimals" });

const byName = z.record(
  z.string().regex(/^[^*]+\*?$|^\*$/, { error: "A * stands at the end only, for any rest." }),
  price,
);

/** The section `budget` of intern.yaml. */
export const budgetSchema: z.ZodType<BudgetSettings> = z.strictObject({
  usd: amount.exactOptional(),
  tokens: z.int().positive().exactOptional(),
  computeHours: amount.exactOptional(),
  storageGigabytes: amount.exactOptional(),
  keepBackPercent: z.number().min(0).max(50).exactOptional(),
  prices: z
    .strictObject({
      models: priceSchema.exactOptional(),
      computePerHour: byName.exactOptional(),
      storagePerGigabyteMonth: byName.exactOptional(),
      electricity: z
        .strictObject({ usdPerKilowattHour: price, watts: z.number().min(0).max(1_000_000) })
        .exactOptional(),
    })
    .exactOptional(),
});
