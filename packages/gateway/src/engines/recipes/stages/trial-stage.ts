import { searchSeconds } from "../candidates.ts";
import { type Facts, isBudgetSpent } from "../facts.ts";
import type { Contract } from "../lab-types.ts";
import type { Move, PlannedCall } from "../move.ts";
import { TRAIN_SCRIPT } from "../recipe-files.ts";
import type { Stage } from "../stage.ts";
import { firstScore, type Trial } from "../trials.ts";
import { giveUp } from "../wording.ts";
import { describeNews, describeStart, describeWaiting, nothingWorked } from "./trial-words.ts";

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

/** Hands in what is trained and starts what is next, in one message. */
function nextTrialMove(facts: Facts, trials: readonly Trial[]): Move | null {
  const { contract } = facts;
  if (contract === null) return null;
  const blocker = facts.conversation.exchanges.at(-1)?.outcome;
  if (blocker?.kind === "failed" && stopsEverything(blocker.failure.code)) {
    return giveUp("no run can be started or scored", blocker.failure);
  }
  const waiting = exhausted(facts) ? [] : trials.filter(isWaiting);
  // Also when a target value is reached: on one validation set that may be luck, and more families cost little.
  const starting = isBudgetSpent(facts) ? undefined : trials.find((trial) => isToStart(trial));
  const calls = [
    ...waiting.flatMap(({ runs }) => (runs[0] === undefined ? [] : [submitCall([runs[0].id])])),
    ...(starting === undefined ? [] : [startCall(starting, contract)]),
  ];
  if (calls.length === 0) return null;
  const texts = [describeNews(facts), ...waiting.map((trial) => describeWaiting(trial, contract))];
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
