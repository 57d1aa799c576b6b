import type { ApiErrorDetail, ApiErrorType } from "@ml-intern/messages";

/** What went wrong, fine enough to act on; it travels to the client as `error.details.error_code`. */
export type GatewayErrorCode =
  | "invalid_request"
  | "invalid_key"
  | "wrong_workspace"
  | "forbidden_origin"
  | "route_not_found"
  | "model_not_found"
  | "request_too_large"
  | "endpoint_unreachable"
  | "endpoint_timeout"
  | "endpoint_refused_key"
  | "endpoint_refused_request"
  | "endpoint_rate_limited"
  | "endpoint_overloaded"
  | "endpoint_failed"
  | "endpoint_nonsense"
  | "endpoint_cut"
  | "malformed_tool_arguments"
  | "batch_not_found"
  | "batches_in_use"
  | "cache_in_use"
  | "overloaded"
  | "model_unusable"
  | "shutting_down"
  | "requests_limit_reached"
  | "input_tokens_limit_reached"
  | "output_tokens_limit_reached"
  | "token_counts_limit_reached"
  | "concurrent_requests_limit_reached"
  | "internal";

export interface GatewayErrorOptions {
  readonly code: GatewayErrorCode;
  /** HTTP status when the failure comes before the first byte. */
  readonly status: number;
  readonly type: ApiErrorType;
  /** What the person can do about it; appended to the message on the wire. */
  readonly mend?: string;
  /** What `error.details` holds on the wire; default: the code. */
  readonly details?: ApiErrorDetail["details"];
  /** Response headers that go with the error, such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/**
 * A failure that has a place in the Messages API's error table. Engines throw it; the gateway turns it into a
 * response, or into the stream's `error` event when bytes have left already.
 */
export class GatewayError extends Error {
  readonly code: GatewayErrorCode;
  readonly status: number;
  readonly type: ApiErrorType;
  readonly mend: string | null;
  readonly details: ApiErrorDetail["details"];
  readonly headers: Readonly<Record<string, string>>;

  constructor(message: string, { code, status, type, mend, details, headers, cause }: GatewayErrorOptions) {
    super(message, { cause });
    this.name = "GatewayError";
    this.code = code;
    this.status = status;
    this.type = type;
    this.mend = mend ?? null;
    this.details = details === undefined ? { error_code: code } : details;
    this.headers = headers ?? {};
  }
}

/** A request that breaks the API's rules; the message says which, in the API's own words where it has some. */
export function invalidRequest(message: string, details?: ApiErrorDetail["details"]): GatewayError {
  const error = { code: "invalid_request", status: 400, type: "invalid_request_error" } as const;
  return new GatewayError(message, details === undefined ? error : { ...error, details });
}

/** A model that does not exist. `model` is the whole name that the client used, `mend` says what would work. */
export function modelNotFound(model: string, mend: string): GatewayError {
  return new GatewayError(`model: ${model}`, {
    code: "model_not_found",
    status: 404,
    type: "not_found_error",
    mend,
  });
}
