/** Every way in which the lab can refuse or fail that a person or a program may have to tell apart. */
export type LabErrorCode =
  | "data/missing_file"
  | "data/empty_file"
  | "data/not_text"
  | "data/encoding"
  | "data/delimiter"
  | "data/unreadable"
  | "data/too_few_rows"
  | "data/too_many_columns"
  | "data/no_images"
  | "contract/target_missing"
  | "contract/target_constant"
  | "contract/rare_class"
  | "contract/invalid"
  | "contract/already_fixed"
  | "contract/not_fixed"
  | "evaluation/budget_exhausted"
  | "evaluation/invalid_predictions"
  | "evaluation/failed"
  | "evaluation/unsafe_artefact"
  | "evaluation/no_model"
  | "run/not_found"
  | "run/invalid"
  | "job/no_daemon"
  | "sandbox/unavailable"
  | "environment/no_python"
  | "environment/registry_unreachable"
  | "environment/install_failed"
  | "disk/full"
  | "snapshot/damaged"
  | "ledger/damaged"
  | "ledger/locked";

/** A failure of the lab: `message` names the cause, `mend` says what the reader can do about it. */
export class LabError extends Error {
  override readonly name = "LabError";
  readonly code: LabErrorCode;
  readonly mend: string;

  constructor(code: LabErrorCode, message: string, options: { mend: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.mend = options.mend;
  }
}
