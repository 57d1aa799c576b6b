import type { Contract } from "../contract/contract.ts";
import { percentileInterval, resampled, type Scorer } from "./bootstrap.ts";
import { readOutcome } from "./row-outcomes.ts";
import type { Comparison, Score } from "./score.ts";
import { scorerOf } from "./scorer-of.ts";
import { readSealedGroups } from "./sealed-rows.ts";

export interface CompareScoresOptions {
  /** The session's `lab/`. */
  readonly labDirectory: string;
  readonly contract: Contract;
  readonly a: Score;
  readonly b: Score;
  /** Standard deviation of the same code over seeds, when it was measured. */
  readonly noise: number | null;
  readonly signal: AbortSignal;
}

/** How many standard deviations of the noise a gain must exceed. */
const NOISE_FACTOR = 2;

/**
 * Compares two scores on the same set, row by row, on the same resamples. "better" needs an interval of the difference
 * that excludes zero, and a difference of more than twice the noise when the noise is known.
 */
export async function compareScores(options: CompareScoresOptions): Promise<Comparison> {
  const { labDirectory, contract, a, b, noise, signal } = options;
  if (a.set !== b.set) throw new TypeError(`scores on ${a.set} and ${b.set} cannot be compared`);
  const sign = contract.direction === "maximize" ? 1 : -1;
  const [first, second] = [await scorer(labDirectory, a, contract), await scorer(labDirectory, b, contract)];
  const statistic: Scorer = (weights) => sign * (first(weights) - second(weights));
  const difference = statistic(null);
  const groups = await readSealedGroups({ labDirectory, contract, set: a.set });
  const values = await resampled({ rows: a.rows, seed: contract.split.seed, statistic, groups, signal });
  const interval = percentileInterval(values, difference);
  const threshold = noise === null ? 0 : NOISE_FACTOR * noise;
  const { verdict, reason } = judge({ difference, interval, threshold });
  return { run: a.run, against: b.run, difference, interval, noise, verdict, reason };
}

async function scorer(labDirectory: string, score: Score, contract: Contract): Promise<Scorer> {
  const found = scorerOf(contract.metric, await readOutcome(labDirectory, score.ledger_seq), contract);
  if (found === null) throw new TypeError(`${contract.metric} cannot be computed for ${score.run}`);
  return found;
}

function judge(options: {
  readonly difference: number;
  readonly interval: readonly [number, number];
  readonly threshold: number;
}): Pick<Comparison, "verdict" | "reason"> {
  const { difference, interval, threshold } = options;
  const [low, high] = interval;
  const gain = `difference ${shown(difference)} [${shown(low)}, ${shown(high)}]`;
  if (low <= 0 && high >= 0)
    return { verdict: "indistinguishable", reason: `${gain}: the interval holds zero` };
  if (Math.abs(difference) <= threshold) {
    return {
      verdict: "indistinguishable",
      reason: `${gain} is within the noise of ${shown(threshold)} (two deviations over seeds)`,
    };
  }
  return {
    verdict: difference > 0 ? "better" : "worse",
    reason: `${gain} excludes zero${threshold > 0 ? " and exceeds the noise" : ""}`,
  };
}

function shown(value: number): string {
  return String(Number(value.toPrecision(3)));
}
