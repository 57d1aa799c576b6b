import type { Contract } from "../contract/contract.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Score, SealedSet } from "./score.ts";

/** Unlabeled rows for the clean room: a CSV, and for images the folder that its `file` column points into. */
export interface PredictionInput {
  readonly csv: string;
  readonly images?: string;
}

/** Where the predictions are: a CSV file, or its text. */
export type PredictionOutput = { readonly path: string } | { readonly text: string };

export type Predict = (input: PredictionInput, signal: AbortSignal) => Promise<PredictionOutput>;

export interface EvaluateSubmissionOptions {
  /** The session's `lab/`. */
  labDirectory: string;
  contract: Contract;
  run: { readonly id: string; readonly seed: number; readonly code_sha256: string };
  modelDirectory: string;
  set: SealedSet;
  /** Names this submission: submitting again under the same key returns the recorded score. */
  key: string;
  predict: Predict;
  ledger: Ledger;
  signal?: AbortSignal;
}

/**
 * Scores a model on sealed rows. The query budget is checked in the ledger before anything is predicted;
 * a model that was scored on this set before gets its recorded score and spends nothing; a failed attempt
 * spends nothing but leaves a row. Submissions on one ledger are evaluated one after another.
 */
export async function evaluateSubmission(_options: EvaluateSubmissionOptions): Promise<Score> {
  throw new Error("not written yet");
}
