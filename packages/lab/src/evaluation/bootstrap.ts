import { setImmediate } from "node:timers/promises";
import { seededIntegers } from "./seeded-random.ts";

/** A metric over rows that count with a weight; null counts every row once. NaN where it is not defined. */
export type Scorer = (weights: Float64Array | null) => number;

export const RESAMPLES = 1_000;
/** Resamples between two looks at the signal: a few milliseconds for a large test set. */
const BATCH = 20;

/**
 * The statistic on resamples of the rows, drawn with replacement; with `groups`, whole groups are drawn, since rows of one
 * group tell less than as many independent ones. The same `rows` and `seed` give the same resamples, so
 * that two models can be compared on them row by row. Undefined values (a class that a resample lacks) are left out.
 */
export async function resampled(options: {
  readonly rows: number;
  readonly seed: number;
  readonly statistic: Scorer;
  /** The group of each row, numbered from 0; null or absent when rows are independent. */
  readonly groups?: Int32Array | null;
  readonly signal: AbortSignal;
}): Promise<number[]> {
  const { rows, seed, statistic, groups = null, signal } = options;
  const draw = seededIntegers(seed);
  const weights = new Float64Array(rows);
  const units = groups === null ? rows : groups.reduce((most, group) => Math.max(most, group + 1), 0);
  const counts = groups === null ? weights : new Float64Array(units);
  const values: number[] = [];
  for (let resample = 0; resample < RESAMPLES; resample++) {
    if (resample % BATCH === 0) {
      await setImmediate();
      signal.throwIfAborted();
    }
    counts.fill(0);
    for (let unit = 0; unit < units; unit++) {
      const drawn = draw(units);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    if (groups !== null) for (let row = 0; row < rows; row++) weights[row] = counts[groups[row] ?? 0] ?? 0;
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
