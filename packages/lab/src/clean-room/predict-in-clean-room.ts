import { createHash } from "node:crypto";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { type Environment, environmentVariables } from "../environments/provision-environment.ts";
import { workingFolder } from "../files/working-folder.ts";
import { LabError } from "../lab-error.ts";
import { collectArtefacts } from "../sandbox/collect-artefacts.ts";
import type { Limits } from "../sandbox/limits.ts";
import { openSandbox } from "../sandbox/open-sandbox.ts";
import type { SandboxKind, SandboxMode } from "../sandbox/sandbox.ts";
import { readWorkspaceFile } from "../sandbox/workspace-files.ts";
import { scanUnsafeFiles } from "./scan-unsafe-files.ts";

export interface CleanRoomOptions {
  /** A folder with `predict.py` and its weights. */
  readonly model: string;
  /** A CSV of unlabelled rows. */
  readonly input: string;
  /** A folder of image files that `input` names, relative to its own folder, as `images/…`. */
  readonly images?: string;
  readonly environment: Environment;
  readonly home: string;
  readonly mode: SandboxMode;
  /** Default: ten minutes of wall time. */
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

const largestPredictions = 512 * 1024 ** 2;

/**
 * Lets a model predict in a new sandbox that holds nothing but the model and the rows. Throws LabError
 * "evaluation/no_model" without a predict.py, "evaluation/unsafe_artefact" for a model with pickles in it,
 * "evaluation/failed" with the log's end otherwise. Abort kills it and rejects with the signal's reason.
 */
export async function predictInCleanRoom(options: CleanRoomOptions): Promise<CleanRoomResult> {
  const { environment, home, mode, signal } = options;
  signal.throwIfAborted();
  await using folder = await workingFolder({ parent: join(home, "clean-rooms") });
  const room = folder.path;
  const model_sha256 = await furnish(room, options);
  await using sandbox = await openSandbox({
    workspace: room,
    readOnlyPaths: environment.readOnlyPaths,
    home,
    mode,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    signal,
  });
  const { workspace } = sandbox;
  const files = ["--input", `${workspace}/input.csv`, "--output", `${workspace}/predictions.csv`];
  const result = await sandbox.exec({
    argv: [environment.python, "model/predict.py", ...files],
    env: environmentVariables(environment),
    ...(options.onOutput === undefined ? {} : { onOutput: options.onOutput }),
    signal,
  });
  signal.throwIfAborted();
  if (result.ended !== "exited" || result.exit_code !== 0) {
    const how = result.ended === "exited" ? `exit code ${result.exit_code}` : result.ended;
    throw failed(`The model's predict.py ended with ${how}.`, result.output);
  }
  const bytes = await readPredictions(sandbox, result.output);
  const predictions = Buffer.from(bytes).toString("utf8");
  return {
    predictions,
    model_sha256,
    log: result.output,
    duration_ms: result.duration_ms,
    sandbox: sandbox.kind,
  };
}

/** Copies model and rows into the room; what is judged and hashed is the copy, which nothing else can change. */
async function furnish(room: string, { model, input, images, signal }: CleanRoomOptions): Promise<string> {
  const { artefacts, skipped } = await collectArtefacts({ from: model, into: join(room, "model"), signal });
  if (!artefacts.some((artefact) => artefact.path === "predict.py")) {
    throw new LabError("evaluation/no_model", "The model folder has no predict.py.", {
      mend: "Write OUTPUT_DIR/model/predict.py, which takes --input and --output, and its weights beside it.",
    });
  }
  const unsafe = [...skipped, ...(await scanUnsafeFiles(join(room, "model")))];
  if (unsafe.length > 0) {
    const list = unsafe.map(({ path, reason }) => `${path}: ${reason}`).join("; ");
    throw new LabError("evaluation/unsafe_artefact", `The model holds files that are not allowed: ${list}.`, {
      mend: "Save weights as ONNX, safetensors, JSON or skops, and remove pickles, links and oversized files.",
    });
  }
  await copyFile(input, join(room, "input.csv"));
  if (images !== undefined) {
    const limits = { files: 1_000_000, totalBytes: Number.MAX_SAFE_INTEGER };
    await collectArtefacts({ from: images, into: join(room, "images"), limits, signal });
  }
  const lines = artefacts.map(({ path, sha256 }) => `${sha256}  ${path}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}

async function readPredictions(
  sandbox: Parameters<typeof readWorkspaceFile>[0]["sandbox"],
  log: string,
): Promise<Uint8Array> {
  try {
    const bytes = await readWorkspaceFile({ sandbox, path: "predictions.csv", maxBytes: largestPredictions });
    if (bytes !== null) return bytes;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw failed(`The predictions cannot be read: ${error.message}.`, log);
  }
  throw failed("The model's predict.py wrote no predictions.", log);
}

function failed(message: string, log: string): LabError {
  return new LabError("evaluation/failed", `${message}\n${log.slice(-4000)}`, {
    mend: "Run predict.py yourself on a few training rows without the target column, and read the log above.",
  });
}
