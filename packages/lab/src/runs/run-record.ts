import type { Artefact } from "../sandbox/collect-artefacts.ts";
import type { Ended } from "../sandbox/sandbox.ts";

/** One execution of a script in the sandbox, as it lies in `lab/runs/<id>/run.json`. */
export interface RunRecord {
  readonly id: string;
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly seed: number;
  readonly refit: boolean;
  readonly environment: string;
  /** Of script, arguments and every code file of the workspace: another seed leaves it as it is. */
  readonly code_sha256: string;
  readonly ended: Ended;
  readonly exit_code: number | null;
  readonly duration_s: number;
  /** Numbers that the script wrote about itself. Nobody has checked them. */
  readonly claimed: Readonly<Record<string, number>>;
  readonly artefacts: readonly Artefact[];
  readonly has_model: boolean;
  readonly log_tail: string;
  readonly log_path: string;
}
