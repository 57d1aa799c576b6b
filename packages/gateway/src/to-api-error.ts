import { type ApiErrorDetail, MessageStreamError } from "@ml-intern/messages";
import { GatewayError } from "./gateway-error.ts";

export interface ApiError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly detail: ApiErrorDetail;
}

/** Any failure as the API's clients understand it. What is not a {@link GatewayError} is a fault of ours: 500. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof GatewayError) {
    const message = error.mend ? `${sentence(error.message)} ${error.mend}` : error.message;
    const detail: ApiErrorDetail = { type: error.type, message };
    return {
      status: error.status,
      headers: error.headers,
      detail: error.details ? { ...detail, details: error.details } : detail,
    };
  }
  if (error instanceof MessageStreamError && error.detail) {
    return { status: 500, headers: {}, detail: error.detail };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return {
    status: 500,
    headers: {},
    detail: { type: "api_error", message: `Internal error: ${reason}`, details: { error_code: "internal" } },
  };
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
