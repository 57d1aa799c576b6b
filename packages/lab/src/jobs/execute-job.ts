import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { closeRun } from "../runs/close-run.ts";
import { executeRun } from "../runs/execute-run.ts";
import type { RunEnded } from "../runs/run-record.ts";
import { openSandbox } from "../sandbox/open-sandbox.ts";
import { layOutCode } from "./job-code.ts";
import type { JobRequest } from "./job-request.ts";
import { readPiece } from "./read-piece.ts";

export interface ExecuteJobOptions {
  readonly home: string;
  readonly key: string;
  readonly request: JobRequest;
  readonly onOutput: () => void;
  readonly onStart: (pid: number) => void;
  readonly signal: AbortSignal;
}

/** Runs a request in a sandbox of its own until its record is written. Rejects only when no record could be written. */
export async function executeJob(options: ExecuteJobOptions): Promise<void> {
  const { request, signal } = options;
  try {
    await runInSandbox(options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    await closeWithout(request, signal.aborted ? "cancelled" : "not_started", reason);
  }
}

async function runInSandbox(options: ExecuteJobOptions): Promise<void> {
  const { home, key, request, onOutput, onStart, signal } = options;
  const { labDirectory, workspace, mode, environment, run, wallMs } = request;
  await using code = await layOutCode({ home, key, request });
  const readOnlyPaths = [...environment.readOnlyPaths, code.directory];
  await using sandbox = await openSandbox({ workspace, readOnlyPaths, home, mode, signal });
  await code.linkData(sandbox.workspace);
  await executeRun({
    labDirectory,
    sandbox,
    environment,
    run,
    codeDirectory: code.directory,
    limits: { wallMs },
    onOutput,
    onStart,
    signal,
  });
}

/** Closes a run that did not come to an end of its own. `log` replaces the log; null leaves what was written so far. */
export async function closeWithout(
  request: JobRequest,
  ended: Extract<RunEnded, "cancelled" | "not_started" | "lost">,
  log: string | null,
  durationMs = 0,
): Promise<void> {
  const { labDirectory, workspace, environment, run } = request;
  const path = join(labDirectory, "runs", run.id, "log.txt");
  if (log !== null) await writeFile(path, `${log}\n`, { mode: 0o600 });
  await closeRun({
    labDirectory,
    workspace,
    run,
    environment: environment.id,
    ended,
    exitCode: null,
    durationMs,
    output: log ?? (await readTail(path)),
  });
}

const tailBytes = 16 * 1024;

async function readTail(path: string): Promise<string> {
  const file = await open(path, "r").catch(() => null);
  if (file === null) return "";
  await using log = file;
  return (await readPiece(log, null, tailBytes)).text;
}
