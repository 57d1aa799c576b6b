import { type Facts, leader } from "../facts.ts";
import type { Comparison } from "../lab-types.ts";
import type { Stage } from "../stage.ts";
import { firstScore, readComparisons, type Trial } from "../trials.ts";
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

/** The simplest candidate that the leader is not better than, by the evaluator's word. */
export function champion(facts: Facts): Trial | null {
  const best = leader(facts);
  if (best === null) return null;
  const equal = simplerThan(best, facts).find((trial) => {
    const comparison = comparisonWith(trial, best, facts);
    return comparison !== null && !leaderIsBetter(comparison, trial);
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
