import { API_ERROR_STATUS, type ApiErrorDetail, apiErrorType } from "@ml-intern/messages";
import { z } from "zod";
import { GatewayError } from "../../gateway-error.ts";

const errorBody = z.looseObject({
  error: z.looseObject({
    type: z.string(),
    message: z.string(),
    details: z.record(z.string(), z.unknown()).nullish(),
  }),
});

/** Headers that tell a client whether and when to come back. */
const KEPT_HEADERS =
  /^(retry-after|retry-after-ms|x-should-retry|anthropic-ratelimit-.+|anthropic-priority-.+)$/;

export interface UpstreamErrorContext {
  readonly baseUrl: string;
  /** Null when the failure came as an event in the middle of a stream. */
  readonly status: number | null;
  readonly headers: Headers;
}

/** The API's own error, with its status, type and wording: clients act on all three. */
export function upstreamError(
  body: string,
  { baseUrl, status, headers }: UpstreamErrorContext,
): GatewayError {
  const error = parse(body);
  if (!error) {
    const code = status ?? 502;
    return new GatewayError(
      `The endpoint ${baseUrl} answered ${code} with what is not the API's error body`,
      {
        code: "endpoint_nonsense",
        status: code,
        type: apiErrorType(code),
        mend: "Check the base URL.",
      },
    );
  }
  return new GatewayError(error.message, {
    code: "endpoint_refused_request",
    status: status ?? API_ERROR_STATUS[error.type] ?? 500,
    type: error.type,
    details: error.details ?? null,
    headers: Object.fromEntries([...headers].filter(([name]) => KEPT_HEADERS.test(name))),
  });
}

function parse(body: string): ApiErrorDetail | null {
  try {
    // The API may add types that the table here does not know yet; clients receive them as they are.
    return (errorBody.safeParse(JSON.parse(body)).data?.error as ApiErrorDetail | undefined) ?? null;
  } catch {
    // Not JSON: reported as such by the caller.
    return null;
  }
}
