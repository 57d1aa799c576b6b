import { GatewayError, type GatewayErrorCode } from "../gateway-error.ts";
import { toApiError } from "../to-api-error.ts";
import type { RequestNotes } from "./gateway-env.ts";

/**
 * Failures whose words are the gateway's own. The others quote the request (a rejected value, the place where its JSON
 * breaks) or what an endpoint said of it, and a log must not hold that.
 */
const SPEAKABLE: ReadonlySet<GatewayErrorCode> = new Set([
  "invalid_key",
  "wrong_workspace",
  "requests_limit_reached",
  "input_tokens_limit_reached",
  "output_tokens_limit_reached",
  "token_counts_limit_reached",
  "concurrent_requests_limit_reached",
  "forbidden_origin",
  "route_not_found",
  "request_too_large",
  "endpoint_unreachable",
  "endpoint_timeout",
  "endpoint_nonsense",
  "endpoint_cut",
]);

/** Writes a failure down by type and code, and in words only where these are safe. */
export function noteFailure(error: unknown, notes: RequestNotes): void {
  const { detail } = toApiError(error);
  notes.error_type = detail.type;
  if (error instanceof GatewayError) {
    notes.error_code = error.code;
    if (SPEAKABLE.has(error.code)) notes.error = error.message;
  } else {
    notes.error_code = "internal";
    notes.error = whereItHappened(error);
  }
}

/** The kind of error and the innermost places of its stack; the message may quote anything. */
function whereItHappened(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const places = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [error.name, ...places.slice(0, 4).map((line) => line.trim())].join(" ");
}
