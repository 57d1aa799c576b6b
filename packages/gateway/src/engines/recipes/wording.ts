import type { Failure } from "./conversation.ts";
import type { Run, Score } from "./lab-types.ts";
import { type Move, say } from "./move.ts";

/** What remains of a difference of equal numbers. */
const NEXT_TO_NOTHING = 1e-12;

/** Four significant digits: more would be noise. */
export function round(value: number): string {
  return Math.abs(value) < NEXT_TO_NOTHING ? "0" : String(Number(value.toPrecision(4)));
}

/** A verified number as it is always quoted: with its interval and its ledger row. */
export function verified({ metric, value, interval, ledger_seq }: Score): string {
  const [low, high] = interval;
  return `verified ${metric} ${round(value)} (95 % interval ${round(low)} to ${round(high)}, ledger row ${ledger_seq})`;
}

/** The cross-validation score that a run printed about itself. */
export function claimed({ claimed }: Run, metric: string): string {
  const value = claimed[`cv_${metric}`];
  return value === undefined ? "no score" : `${metric} ${round(value)} in cross-validation`;
}

/** Ends the turn with cause and mend. */
export function giveUp(what: string, { code, message, mend }: Failure): Move {
  const cause = message === "" ? code : message;
  return say(
    `I stop here: ${what}. Cause: ${sentence(cause)}${mend === "" ? "" : ` Mend: ${sentence(mend)}`}`,
  );
}

export function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

export function count(amount: number, noun: string, plural = `${noun}s`): string {
  return `${amount.toLocaleString("en-US")} ${amount === 1 ? noun : plural}`;
}

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Why a run left no model, from the record's own words. */
export function runTrouble(run: Run | undefined): string {
  if (run === undefined) return "the run was interrupted";
  if (run.ended !== "exited") return `${run.id} ended by ${run.ended} after ${round(run.duration_s)} s`;
  const last = run.log_tail.trim().split("\n").at(-1) ?? "";
  if ((run.exit_code ?? 0) !== 0)
    return `${run.id} failed with exit code ${run.exit_code}: ${last.slice(0, 300)}`;
  return `${run.id} left no model`;
}
