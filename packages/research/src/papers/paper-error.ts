export type PaperErrorCode =
  | "papers/bad_id"
  | "papers/bad_request"
  | "papers/unknown"
  /** No service that could say it has answered. */
  | "papers/unavailable"
  /** The paper is known, but its text is nowhere to be read. */
  | "papers/no_text"
  | "papers/no_section";

/** What is wrong with a question about papers, with the cause in words and what can be done. */
export class PaperError extends Error {
  override readonly name = "PaperError";
  readonly code: PaperErrorCode;
  readonly mend: string;

  constructor(
    code: PaperErrorCode,
    message: string,
    options: { readonly mend: string; readonly cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.mend = options.mend;
  }
}
