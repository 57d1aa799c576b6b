import { join } from "node:path";
import { type Environment, environmentVariables } from "../environments/provision-environment.ts";
import type { Limits } from "../sandbox/limits.ts";
import type { ExecOptions, Sandbox } from "../sandbox/sandbox.ts";
import { closeRun } from "./close-run.ts";
import type { RunRecord, RunSpec } from "./run-record.ts";

export interface ExecuteRunOptions extends Pick<ExecOptions, "onOutput" | "onStart"> {
  readonly labDirectory: string;
  readonly sandbox: Sandbox;
  readonly environment: Pick<Environment, "id" | "python">;
  /** Reserved by `reserveRun`. */
  readonly run: RunSpec;
  /** Where the sandbox sees the code that was kept; default: the workspace, as it is when the run begins. */
  readonly codeDirectory?: string;
  readonly limits?: Partial<Limits>;
  readonly signal: AbortSignal;
}

/** Makes the output folder from the inside, where no link can lead it astray, and becomes the script. */
const inEmptyOutput = 'rm -rf -- "$OUTPUT_DIR" && mkdir -p -- "$OUTPUT_DIR" && exec "$@"';

/** Executes a reserved run to its end and closes it, also after a cancel: half a model and its log may be what is wanted. */
export async function executeRun(options: ExecuteRunOptions): Promise<RunRecord> {
  const { labDirectory, sandbox, environment, run, codeDirectory, onOutput, onStart, signal } = options;
  const script = codeDirectory === undefined ? run.script : join(codeDirectory, run.script);
  const result = await sandbox.exec({
    argv: ["/bin/sh", "-c", inEmptyOutput, "run", environment.python, "-u", script, ...run.args],
    env: {
      ...environmentVariables(environment),
      SEED: String(run.seed),
      PYTHONHASHSEED: String(run.seed >>> 0),
      REFIT: run.refit ? "1" : "0",
      RUN_ID: run.id,
      DATA_DIR: `${sandbox.workspace}/data`,
      OUTPUT_DIR: `${sandbox.workspace}/runs/${run.id}`,
    },
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(onOutput === undefined ? {} : { onOutput }),
    ...(onStart === undefined ? {} : { onStart }),
    logPath: join(labDirectory, "runs", run.id, "log.txt"),
    signal,
  });
  return closeRun({
    labDirectory,
    workspace: sandbox.hostWorkspace,
    run,
    environment: environment.id,
    ended: result.ended,
    exitCode: result.exit_code,
    durationMs: result.duration_ms,
    output: result.output,
  });
}
