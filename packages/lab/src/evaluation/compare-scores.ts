import type { Comparison, Score } from "./score.ts";

export interface CompareScoresOptions {
  /** The session's `lab/`. */
  labDirectory: string;
  a: Score;
  b: Score;
  /** Standard deviation of the same code over seeds, when it was measured. */
  noise: number | null;
  signal?: AbortSignal;
}

/**
 * Compares two scores on the same set, row by row. "better" needs an interval of the difference that excludes
 * zero, and a difference of more than twice the noise when the noise is known.
 */
export async function compareScores(_options: CompareScoresOptions): Promise<Comparison> {
  throw new Error("not written yet");
}
