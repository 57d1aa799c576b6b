import { readFile } from "node:fs/promises";
import type { Contract } from "../contract/contract.ts";
import type { Predict } from "./evaluate-submission.ts";
import type { Outcome } from "./outcome.ts";
import { parsePredictions } from "./parse-predictions.ts";
import { readOutcome } from "./row-outcomes.ts";
import type { Score } from "./score.ts";
import { readSealedLabels, unlabelledRows } from "./sealed-rows.ts";

/** Numbers may differ by rounding between two ways of writing them. */
const TOLERANCE = 1e-6;

/**
 * Lets a model predict the rows of an earlier score again and says whether every prediction is the same. It tells nothing
 * new about the labels, so it spends no query.
 */
export async function repeatEvaluation(options: {
  readonly labDirectory: string;
  readonly contract: Contract;
  readonly score: Score;
  readonly predict: Predict;
  readonly signal: AbortSignal;
}): Promise<{ readonly rows: number; readonly agrees: boolean }> {
  const { labDirectory, contract, score, predict, signal } = options;
  const { set } = score;
  const output = await predict(await unlabelledRows({ labDirectory, contract, set }), signal);
  const text = "text" in output ? output.text : await readFile(output.path, "utf8");
  const again = parsePredictions(text, await readSealedLabels({ labDirectory, contract, set }), contract);
  return { rows: score.rows, agrees: same(again, await readOutcome(labDirectory, score.ledger_seq)) };
}

function same(a: Outcome, b: Outcome): boolean {
  if (a.kind !== b.kind || a.predicted.length !== b.predicted.length) return false;
  const exact = a.kind === "classes";
  return a.predicted.every((value, row) => {
    const other = b.predicted[row] ?? Number.NaN;
    return exact ? value === other : Math.abs(value - other) <= TOLERANCE * Math.max(1, Math.abs(other));
  });
}
