import { searchSeconds } from "../candidates.ts";
import { type Facts, targetReached } from "../facts.ts";
import type { Contract } from "../lab-types.ts";
import { type Move, type PlannedCall, say } from "../move.ts";
import { TRAIN_SCRIPT } from "../recipe-files.ts";
import type { Stage } from "../stage.ts";
import { firstScore, type Trial } from "../trials.ts";
import { capitalized, claimed, giveUp, round, runTrouble, sentence, verified } from "../wording.ts";

const FIRST_SEED = 0;
const MOST_ATTEMPTS = 3;
const LESS_ROWS = 4;

export const baselineStage: Stage = {
  title: "Train a simple baseline",
  next: (facts) => nextTrialMove(facts, facts.trials.slice(0, 1)),
};

export const candidatesStage: Stage = {
  title: "Try model families",
  next(facts) {
    const move = nextTrialMove(facts, facts.trials);
    if (move !== null) return move;
    if (facts.contract === null || facts.trials.some((trial) => firstScore(trial) !== null)) return null;
    return nothingWorked(facts);
  },
};

/** Hands in what is trained and starts what is next, in one message when no early stop was agreed. */
function nextTrialMove(facts: Facts, trials: readonly Trial[]): Move | null {
  const { contract } = facts;
  if (contract === null) return null;
  const blocker = facts.conversation.exchanges.at(-1)?.outcome;
  if (blocker?.kind === "failed" && stopsEverything(blocker.failure.code)) {
    return giveUp("no run can be started or scored", blocker.failure);
  }
  const waiting = exhausted(facts) ? [] : trials.filter(isWaiting);
  const mayStart = !targetReached(facts) && (waiting.length === 0 || contract.stop.target_value === null);
  const starting = mayStart ? trials.find((trial) => isToStart(trial)) : undefined;
  const calls = [
    ...waiting.flatMap(({ runs }) => (runs[0] === undefined ? [] : [submitCall([runs[0].id])])),
    ...(starting === undefined ? [] : [startCall(starting, contract)]),
  ];
  if (calls.length === 0) return null;
  const texts = [describeNews(facts), ...waiting.map(describeWaiting)];
  if (starting !== undefined) texts.push(describeStart(starting, contract));
  return { text: texts.filter((text) => text !== "").join(" "), calls };
}

export function submitCall(runs: readonly string[], set: "validation" | "test" = "validation"): PlannedCall {
  return { name: "submit_for_evaluation", input: { runs, set } };
}

function startCall(trial: Trial, contract: Contract): PlannedCall {
  const { family, title } = trial.candidate;
  const args = ["--family", family, "--budget-s", String(searchSeconds(contract))];
  const last = trial.attempts.at(-1)?.runs.at(-1);
  if (last?.ended === "memory" || last?.ended === "timeout") {
    args.push("--max-rows", String(Math.max(200, Math.floor(contract.split.train / LESS_ROWS))));
  }
  return { name: "start_run", input: { name: title, script: TRAIN_SCRIPT, args, seeds: [FIRST_SEED] } };
}

function isWaiting(trial: Trial): boolean {
  return trial.runs.length > 0 && firstScore(trial) === null && trial.refusal === null;
}

function isToStart({ runs, attempts }: Trial): boolean {
  if (runs.length > 0 || attempts.length >= MOST_ATTEMPTS) return false;
  const last = attempts.at(-1);
  if (last === undefined) return true;
  if (last.failure !== null) return false;
  const [run] = last.runs;
  if (run === undefined || run.ended === "cancelled" || run.ended === "killed") return true;
  return (run.ended === "memory" || run.ended === "timeout") && !last.args.includes("--max-rows");
}

function exhausted({ submissions }: Facts): boolean {
  return submissions.some(({ failure }) => failure?.code === "evaluation/budget_exhausted");
}

function stopsEverything(code: string): boolean {
  return /^(sandbox|environment|disk|ledger|internal)\b/.test(code) || code === "contract/not_fixed";
}

/** What the last answers said: a verified score, a refusal or a run that broke. */
function describeNews({ submissions, trials, contract }: Facts): string {
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
  if (contract !== null && targetReached({ trials, contract } as Facts))
    news.push("The agreed target is reached.");
  return news.join(" ");
}

function lastAttempts(trials: readonly Trial[]): Trial["attempts"] | undefined {
  return trials.findLast(({ attempts }) => attempts.length > 0)?.attempts;
}

function describeWaiting({ candidate, runs }: Trial): string {
  const [run] = runs;
  if (run === undefined) return "";
  return `${run.id} (${candidate.title}) claims ${claimed(run)} after ${round(run.duration_s)} s; the evaluator shall say what it is worth.`;
}

function describeStart({ candidate, attempts }: Trial, contract: Contract): string {
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

function nothingWorked({ trials }: Facts): Move {
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
