import type { Environment } from "../environments/provision-environment.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
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
  readonly onOutput?: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs a script of the workspace once and keeps what came of it. A script that fails, is stopped or outgrows a
 * limit still gives a record; LabError "run/invalid" means that nothing was started.
 */
export async function startRun(_options: StartRunOptions): Promise<RunRecord> {
  throw new Error("not yet");
}
