import type { Artefact } from "../sandbox/collect-artefacts.ts";
import type { Ended } from "../sandbox/sandbox.ts";

/**
 * How a run ended. Beside a command's own ends: `not_started`, it never began, and its log says why; `lost`, the daemon
 * that held it died with it, and what it left was collected.
 */
export type RunEnded = Ended | "lost" | "not_started";

/** What is to be run, and under which id. */
export interface RunSpec {
  readonly id: string;
  readonly name: string;
  /** Relative to the workspace. */
  readonly script: string;
  readonly args: readonly string[];
  readonly seed: number;
  readonly refit: boolean;
}

/** One execution of a script in the sandbox, as it lies in `lab/runs/<id>/run.json`. */
export interface RunRecord extends RunSpec {
  readonly environment: string;
  /** Of script, arguments and every code file of the workspace: another seed leaves it as it is. */
  readonly code_sha256: string;
  readonly ended: RunEnded;
  readonly exit_code: number | null;
  readonly duration_s: number;
  /** Numbers that the script wrote about itself. Nobody has checked them. */
  readonly claimed: Readonly<Record<string, number>>;
  readonly artefacts: readonly Artefact[];
  readonly has_model: boolean;
  readonly log_tail: string;
  readonly log_path: string;
}
