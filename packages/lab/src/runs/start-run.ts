import type { Environment } from "../environments/provision-environment.ts";
import type { Limits } from "../sandbox/limits.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { executeRun } from "./execute-run.ts";
import { reserveRun } from "./reserve-run.ts";
import type { RunRecord } from "./run-record.ts";

export interface StartRunOptions {
  /** The session's `lab` folder, out of the sandbox's reach. */
  readonly labDirectory: string;
  readonly sandbox: Sandbox;
  readonly environment: Environment;
  /** Default: the next free `run_<n>`. */
  readonly id?: string;
  readonly name: string;
  /** Relative to the workspace. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly seed: number;
  readonly refit?: boolean;
  readonly timeoutMs?: number;
  readonly limits?: Partial<Limits>;
  readonly onOutput?: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs a script of the workspace once and keeps what came of it: code, log, output files, claimed numbers. A script that
 * fails, is stopped or outgrows a limit still gives a record; LabError "run/invalid" means that nothing was started.
 */
export async function startRun(options: StartRunOptions): Promise<RunRecord> {
  const { labDirectory, sandbox, environment, name, args = [], seed, refit = false, signal } = options;
  const { id, script } = await reserveRun(options);
  return executeRun({
    labDirectory,
    sandbox,
    environment,
    run: { id, name, script, args, seed, refit },
    limits: { ...options.limits, ...(options.timeoutMs === undefined ? {} : { wallMs: options.timeoutMs }) },
    ...(options.onOutput === undefined ? {} : { onOutput: options.onOutput }),
    signal,
  });
}
