import type { Environment } from "../environments/provision-environment.ts";
import type { Limits } from "../sandbox/limits.ts";
import type { SandboxKind, SandboxMode } from "../sandbox/sandbox.ts";

export interface CleanRoomOptions {
  /** A folder with `predict.py` and its weights. */
  readonly model: string;
  /** A CSV of unlabelled rows. */
  readonly input: string;
  /** A folder of image files that `input` names. */
  readonly images?: string;
  readonly environment: Environment;
  readonly home: string;
  readonly mode: SandboxMode;
  readonly limits?: Partial<Limits>;
  readonly onOutput?: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface CleanRoomResult {
  /** The text of predictions.csv, unparsed. */
  readonly predictions: string;
  /** SHA-256 over the model's files, the ones that really ran. */
  readonly model_sha256: string;
  readonly log: string;
  readonly duration_ms: number;
  readonly sandbox: SandboxKind;
}

/**
 * Lets a model predict in a new sandbox that holds nothing but the model and the rows. Throws LabError
 * "evaluation/unsafe_artefact" for a model with pickles in it, "evaluation/failed" with the log's end otherwise.
 */
export async function predictInCleanRoom(_options: CleanRoomOptions): Promise<CleanRoomResult> {
  throw new Error("not yet");
}
