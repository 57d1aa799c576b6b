import { setImmediate } from "node:timers/promises";
import { seededIntegers } from "./seeded-random.ts";

/** A metric over rows that count with a weight; null counts every row once. NaN where it is not defined. */
export type Scorer = (weights: Float64Array | null) => number;

export const RESAMPLES = 1_000;
/** Resamples between two looks at the signal: a few milliseconds for a large test set. */
const BATCH = 20;

/**
 * The statistic on resamples of the rows, drawn with replacement. The same `rows` and `seed` give the same resamples, so
 * that two models can be compared on them row by row. Undefined values (a class that a resample lacks) are left out.
 */
export async function resampled(options: {
  readonly rows: number;
  readonly seed: number;
  readonly statistic: Scorer;
  readonly signal: AbortSignal;
}): Promise<number[]> {
  const { rows, seed, statistic, signal } = options;
  const draw = seededIntegers(seed);
  const weights = new Float64Array(rows);
  const values: number[] = [];
  for (let resample = 0; resample < RESAMPLES; resample++) {
    if (resample % BATCH === 0) {
      await setImmediate();
      signal.throwIfAborted();
    }
    weights.fill(0);
    for (let row = 0; row < rows; row++) {
      const drawn = draw(rows);
      weights[drawn] = (weights[drawn] ?? 0) + 1;
    }
    const value = statistic(weights);
    if (Number.isFinite(value)) values.push(value);
  }
  return values.sort((a, b) => a - b);
}

/** The middle 95 % of sorted values; the fallback where there are none. */
export function percentileInterval(sorted: readonly number[], fallback: number): readonly [number, number] {
  return [quantile(sorted, 0.025) ?? fallback, quantile(sorted, 0.975) ?? fallback];
}

/** Linear interpolation between order statistics, as numpy's default. Null without values. */
export function quantile(sorted: readonly number[], share: number): number | null {
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  return below === undefined || above === undefined
    ? null
    : below + (above - below) * (position - Math.floor(position));
}
