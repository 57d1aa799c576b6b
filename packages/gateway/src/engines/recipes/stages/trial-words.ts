import { searchSeconds } from "../candidates.ts";
import { type Facts, targetReached } from "../facts.ts";
import type { Contract } from "../lab-types.ts";
import { type Move, say } from "../move.ts";
import type { Trial } from "../trials.ts";
import { capitalized, claimed, round, runTrouble, sentence, verified } from "../wording.ts";

/** What the last answers said: a verified score, a refusal or a run that broke. */
export function describeNews({ submissions, trials, contract }: Facts): string {
  const { evaluation, failure } = submissions.at(-1) ?? { evaluation: null, failure: null };
  const broken = trials.find(
    ({ attempts, runs }) => attempts.length > 0 && runs.length === 0 && attempts === lastAttempts(trials),
  );
  const news: string[] = [];
  if (failure !== null) news.push(`The evaluator refused: ${sentence(failure.message)}`);
  const score = evaluation?.scores[0];
  const trial = trials.find(({ runs }) => runs.some(({ id }) => id === score?.run));
  if (score !== undefined && trial !== undefined) {
    const { title } = trial.candidate;
    const base = score.baseline === null ? "" : `; a constant guess scores ${round(score.baseline.value)}`;
    news.push(`${capitalized(title)}: ${verified(score)}${base}.`);
    const comparison = evaluation?.comparison ?? null;
    if (comparison !== null) news.push(`Against ${comparison.against} it is ${comparison.verdict}.`);
  }
  if (broken !== undefined) {
    const last = broken.attempts.at(-1);
    news.push(
      `${capitalized(broken.candidate.title)}: ${sentence(last?.failure?.message ?? runTrouble(last?.runs.at(-1)))}`,
    );
  }
  if (targetReached({ trials, contract })) news.push("The agreed target is reached.");
  return news.join(" ");
}

function lastAttempts(trials: readonly Trial[]): Trial["attempts"] | undefined {
  return trials.findLast(({ attempts }) => attempts.length > 0)?.attempts;
}

export function describeWaiting({ candidate, runs }: Trial, { metric }: Contract): string {
  const [run] = runs;
  if (run === undefined) return "";
  return `${run.id} (${candidate.title}) claims ${claimed(run, metric)} after ${round(run.duration_s)} s; the evaluator shall say what it is worth.`;
}

export function describeStart({ candidate, attempts }: Trial, contract: Contract): string {
  if (attempts.length > 0) {
    const run = attempts.at(-1)?.runs.at(-1);
    if (run?.ended === "memory" || run?.ended === "timeout") {
      return `I try the ${candidate.title} once more on fewer rows.`;
    }
    return `The run of the ${candidate.title} was interrupted, so I start it again.`;
  }
  const limit = `up to ${searchSeconds(contract)} s of search`;
  return `Next the ${candidate.title}, because ${candidate.why} (${limit}).`;
}

export function nothingWorked({ trials }: Facts): Move {
  const reasons = trials.map(({ candidate, attempts, refusal }) => {
    const last = attempts.at(-1);
    const reason = refusal?.message ?? last?.failure?.message ?? runTrouble(last?.runs.at(-1));
    const mend = refusal?.mend ?? last?.failure?.mend ?? "";
    return `${candidate.title}: ${sentence(reason)}${mend === "" ? "" : ` Mend: ${sentence(mend)}`}`;
  });
  return say(
    `I stop here: no family gave a model that the evaluator could score, so there is nothing to publish. ${reasons.join(" ")} The logs of the runs tell more.`,
  );
}
