export type InternErrorCode =
  | "model/unknown"
  | "model/unreachable"
  | "model/refused"
  | "model/no_credit"
  | "model/failed"
  | "model/too_long"
  | "home/unusable"
  | "configuration/unreadable"
  | "task/no_data"
  | "task/bad_budget"
  | "publish/failed"
  | "publish/no_token"
  | "publish/unsafe"
  | "share/failed"
  | "share/refused";

/** What keeps the intern from working on, with its cause in words and what the person can do. */
export class InternError extends Error {
  override readonly name = "InternError";
  readonly code: InternErrorCode;
  readonly mend: string;

  constructor(code: InternErrorCode, message: string, options: { mend: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = code;
    this.mend = options.mend;
  }
}
