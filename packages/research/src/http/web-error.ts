export type WebErrorCode =
  /** The address is no http(s) URL, or names credentials. */
  | "web/bad_url"
  /** The person's lists, or the guard of private addresses, do not let this host be asked. */
  | "web/refused_host"
  | "web/private_address"
  | "web/too_many_redirects"
  | "web/redirected"
  /** No network is wanted, and nothing is kept of this answer. */
  | "web/offline"
  | "web/unreachable"
  | "web/timeout"
  | "web/unauthorized"
  | "web/forbidden"
  | "web/not_found"
  | "web/rate_limited"
  | "web/server"
  | "web/refused"
  | "web/too_large"
  | "web/wrong_type"
  | "web/malformed"
  | "web/wrong_checksum"
  /** The folder for downloads cannot be written. */
  | "web/cannot_keep";

/** What kept a request from its answer, with the cause in words and what can be done. */
export class WebError extends Error {
  override readonly name = "WebError";
  readonly code: WebErrorCode;
  readonly mend: string;
  readonly url: string;
  /** Of the service's answer; null where there was none. */
  readonly status: number | null;
  /** The beginning of what the service said; empty where it said nothing. */
  readonly body: string;
  /** The service's own name for the failure (the Hub's `x-error-code`); null where it gave none. */
  readonly reason: string | null;

  constructor(
    code: WebErrorCode,
    message: string,
    options: {
      readonly url: string;
      readonly mend: string;
      readonly status?: number;
      readonly body?: string;
      readonly reason?: string | null;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.mend = options.mend;
    this.url = options.url;
    this.status = options.status ?? null;
    this.body = options.body ?? "";
    this.reason = options.reason ?? null;
  }
}
