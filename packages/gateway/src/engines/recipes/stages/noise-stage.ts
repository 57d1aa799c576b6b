import { type Facts, isBudgetSpent, leader } from "../facts.ts";
import type { Move } from "../move.ts";
import { TRAIN_SCRIPT } from "../recipe-files.ts";
import type { Stage } from "../stage.ts";
import { isMeasured, type Trial } from "../trials.ts";
import { claimed, round } from "../wording.ts";
import { submitCall } from "./trial-stage.ts";

const SEEDS = [0, 1, 2];
/** Measuring can dethrone the leader; its successor is measured too, and then it is enough. */
const MOST_MEASURED = 2;

export const noiseStage: Stage = {
  title: "Measure the noise",
  next(facts) {
    const best = leader(facts);
    if (best === null || isMeasured(best)) return null;
    if (facts.trials.filter(isMeasured).length >= MOST_MEASURED) return null;
    return (isBudgetSpent(facts) ? null : seedRuns(best)) ?? submitSeeds(best, facts);
  },
};

/** Same script, same arguments, other seeds: whatever differs then is noise. */
function seedRuns(best: Trial): Move | null {
  const [first] = best.runs;
  const attempt = best.attempts.find(({ runs }) => runs.some(({ id }) => id === first?.id));
  if (attempt === undefined || first === undefined) return null;
  const args = attempt.args;
  const others = best.attempts.filter(
    (other) => other !== attempt && best.attempts.indexOf(other) > best.attempts.indexOf(attempt),
  );
  // One try, and one more when the first was interrupted.
  if (others.some(({ runs, failure }) => runs.length > 0 || failure !== null) || others.length > 1)
    return null;
  const seeds = SEEDS.filter((seed) => seed !== first.seed).slice(0, 2);
  return {
    text: `The ${best.candidate.title} leads. Before I call it better I measure the noise: the same code with other seeds.`,
    calls: [
      {
        name: "start_run",
        input: { name: best.candidate.title, script: TRAIN_SCRIPT, args: [...args], seeds },
      },
    ],
  };
}

function submitSeeds({ candidate, runs, scores }: Trial, { submissions, contract }: Facts): Move | null {
  const ids = runs.map(({ id }) => id).slice(0, 3);
  const refused = submissions.some(
    ({ asked, failure }) => failure !== null && ids.every((id) => asked.includes(id)),
  );
  if (ids.length < 2 || refused || ids.every((id) => scores.has(id))) return null;
  const claims = runs
    .slice(1, 3)
    .map((run) => `seed ${run.seed} claims ${claimed(run, contract?.metric ?? "")}`);
  return {
    text: `The other seeds of the ${candidate.title} are trained (${claims.join(", ")}). The evaluator measures how far they lie apart.`,
    calls: [submitCall(ids)],
  };
}

/** One sentence on the measured noise, or that there is none. */
export function describeNoise({ submissions }: Facts): string {
  const spread = submissions.findLast(({ evaluation }) => evaluation?.replicates != null)?.evaluation
    ?.replicates;
  if (spread === undefined || spread === null) return "The noise over seeds could not be measured.";
  return `Over ${spread.runs} seeds the verified mean is ${round(spread.mean)} with a standard deviation of ${round(spread.sd)}.`;
}
