import { type Facts, leader } from "../facts.ts";
import type { Comparison, Contract } from "../lab-types.ts";
import type { Stage } from "../stage.ts";
import { firstScore, meanScore, readComparisons, type Trial } from "../trials.ts";
import { describeNoise } from "./noise-stage.ts";
import { submitCall } from "./trial-stage.ts";

export const selectionStage: Stage = {
  title: "Choose by the evaluator's comparison",
  next(facts) {
    const best = leader(facts);
    if (best === null) return null;
    const open = simplerThan(best, facts).filter((trial) => !askedAgain(trial, facts));
    if (open.length === 0) return null;
    const names = open.map(({ candidate }) => `the ${candidate.title}`).join(", ");
    return {
      text: `${describeNoise(facts)} A simpler model wins unless the leader is better beyond that, so I have ${names} compared with the ${best.candidate.title} once more; known scores cost no query.`,
      calls: open.flatMap(({ runs }) => (runs[0] === undefined ? [] : [submitCall([runs[0].id])])),
    };
  },
};

/**
 * The simplest candidate that the leader is not better than: by the evaluator's word, and by two samples that agree
 * (see {@link leadIsConfirmed}).
 */
export function champion(facts: Facts): Trial | null {
  const best = leader(facts);
  if (best === null) return null;
  const equal = simplerThan(best, facts).find((trial) => {
    const comparison = comparisonWith(trial, best, facts);
    if (comparison === null || leaderIsBetter(comparison, trial)) return false;
    return !leadIsConfirmed(trial, best, facts) && !leadIsClear(trial, best, comparison, facts);
  });
  return equal ?? best;
}

/** The latest comparison of a candidate with the leader: it knows the most about the noise. */
export function comparisonWith(trial: Trial, best: Trial, { submissions }: Facts): Comparison | null {
  const own = new Set(trial.runs.map(({ id }) => id));
  const others = new Set(best.runs.map(({ id }) => id));
  const direct = readComparisons(submissions).findLast(
    ({ run, against }) => (own.has(run) && others.has(against)) || (own.has(against) && others.has(run)),
  );
  return direct ?? null;
}

function leaderIsBetter({ run, verdict }: Comparison, trial: Trial): boolean {
  const isOwn = trial.runs.some(({ id }) => id === run);
  return verdict === (isOwn ? "worse" : "better");
}

function simplerThan(best: Trial, { trials }: Facts): Trial[] {
  return trials.slice(0, trials.indexOf(best)).filter((trial) => firstScore(trial) !== null);
}

/** True when the candidate was handed in again after the leader's last submission, whatever came of it. */
function askedAgain(trial: Trial, facts: Facts): boolean {
  const { submissions } = facts;
  const best = leader(facts);
  const [own] = trial.runs;
  const leaderAsked = submissions.findLastIndex(({ asked }) =>
    best?.runs.some(({ id }) => asked.includes(id)),
  );
  return submissions.some(
    ({ asked, set }, index) =>
      index > leaderAsked && set === "validation" && own !== undefined && asked.includes(own.id),
  );
}

const DEVIATIONS = 2;
/** Half the width of a 95 % interval, in standard errors. */
const INTERVAL_ERRORS = 1.96;

/**
 * True when the verified lead exceeds both kinds of noise: twice the spread over seeds, and one standard error of the
 * paired difference on the validation rows. Enough to prefer the leader; not enough to call it better.
 */
export function leadIsClear(trial: Trial, best: Trial, comparison: Comparison, { contract }: Facts): boolean {
  if (contract === null || comparison.noise === null) return false;
  const sign = contract.direction === "minimize" ? -1 : 1;
  const lead = sign * (meanScore(best) - meanScore(trial));
  const [low, high] = comparison.interval;
  const standardError = (high - low) / (2 * INTERVAL_ERRORS);
  return lead > Math.max(DEVIATIONS * comparison.noise, standardError);
}

/**
 * True when the leader's verified lead exceeds the noise and cross-validation, which used other rows, puts it ahead as
 * well by more than its errors. A small validation set alone often cannot tell; this is a reason to choose the leader,
 * not to call it better.
 */
export function leadIsConfirmed(trial: Trial, best: Trial, facts: Facts): boolean {
  const { contract } = facts;
  const noise = comparisonWith(trial, best, facts)?.noise ?? null;
  const [simple, leading] = [claimedScore(trial, contract), claimedScore(best, contract)];
  if (contract === null || noise === null || simple === null || leading === null) return false;
  const sign = contract.direction === "minimize" ? -1 : 1;
  const lead = sign * (meanScore(best) - meanScore(trial));
  const claimedLead = sign * (leading.value - simple.value);
  return lead > DEVIATIONS * noise && claimedLead > DEVIATIONS * Math.hypot(leading.error, simple.error);
}

/** What the candidate's first run says of itself; null without an error to judge it by. */
function claimedScore({ runs }: Trial, contract: Contract | null): { value: number; error: number } | null {
  const value = runs[0]?.claimed[`cv_${contract?.metric}`];
  const error = runs[0]?.claimed.cv_standard_error ?? 0;
  return value === undefined || error <= 0 ? null : { value, error };
}
