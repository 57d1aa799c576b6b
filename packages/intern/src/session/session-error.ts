export type SessionErrorCode =
  | "session/not_found"
  | "session/busy"
  | "session/damaged"
  | "session/disk_full"
  | "session/no_access"
  | "session/log_lost"
  | "session/finished"
  | "session/no_such_step"
  | "session/no_question"
  | "session/run_open"
  | "session/workspace_lost"
  | "session/lab_lost";

/** A session that cannot be opened or kept. `mend` says what the person can do. */
export class SessionError extends Error {
  override readonly name = "SessionError";
  readonly code: SessionErrorCode;
  readonly mend: string;

  constructor(code: SessionErrorCode, message: string, options: { mend: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = code;
    this.mend = options.mend;
  }
}
