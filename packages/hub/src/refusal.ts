/** Why the hub says no to a client. One table, in `http/error-response.ts`, says what each becomes on the wire. */
export type RefusalCode =
  | "bad_credentials"
  | "no_credentials"
  | "forbidden"
  | "gated"
  | "repo_not_found"
  | "repo_hidden"
  | "revision_not_found"
  | "entry_not_found"
  | "not_found"
  | "invalid"
  | "exists"
  | "stale_parent"
  | "conflict"
  | "too_large"
  | "upload_mismatch";

/** An answer of "no" that is the caller's to mend. `details` are further fields of the JSON body. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: RefusalCode,
    message: string,
    options: { details?: Record<string, unknown>; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.name = "Refusal";
    this.code = code;
    this.details = options.details ?? {};
    this.headers = options.headers ?? {};
  }
}
