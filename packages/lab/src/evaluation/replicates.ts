import type { Replicates, Score } from "./score.ts";

/**
 * Mean and sample standard deviation of the same code over its seeds, from scores on one set.
 * With scores of several codes it describes the code of the last one. Null below two seeds.
 */
export function replicates(scores: readonly Score[]): Replicates | null {
  const last = scores.at(-1);
  if (last === undefined) return null;
  const bySeed = new Map<number, number>();
  for (const score of scores) {
    if (score.code_sha256 === last.code_sha256 && score.set === last.set) bySeed.set(score.seed, score.value);
  }
  const values = [...bySeed.values()];
  if (values.length < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { runs: values.length, mean, sd: Math.sqrt(squares / (values.length - 1)) };
}
