import { z } from "zod";
import type { PriceSettings } from "../metering/prices/price-setting.ts";
import { section } from "./section.ts";
import { wholeNumber } from "./values.ts";

/** More than a dollar for a token is a slip: prices are per million. */
const MOST_DOLLARS = 1_000_000;

const dollars = decimal({ most: MOST_DOLLARS });

const prices = {
  input: dollars,
  output: dollars,
  cacheWrite5m: dollars.optional(),
  cacheWrite1h: dollars.optional(),
  cacheRead: dollars.optional(),
};

const model = z.string().regex(/^[^*]*\*?$/, { error: "A * stands at the end only, for any rest." });

/** What models cost, by their names. */
export const priceSchema: z.ZodType<PriceSettings> = z.record(
  model.min(1),
  section({
    ...prices,
    batch: decimal({ most: 1 }).optional(),
    longPrompt: section({ above: wholeNumber({ least: 1 }), ...prices }).optional(),
  }),
);

/** A number from 0 with six decimals at most, also as a string from the environment: with more, money could not be exact. */
function decimal({ most }: { readonly most: number }): z.ZodType<number> {
  return z.preprocess(
    (value) => (typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value),
    z
      .number()
      .min(0)
      .max(most)
      .refine((value) => Number(value.toFixed(6)) === value, {
        message: "has more than six decimals",
        params: { mend: "Round it. Prices are in USD per million tokens." },
      }),
  );
}
