import { APIError } from "@anthropic-ai/sdk";
import { MessageStreamError } from "@ml-intern/messages";

/** Milliseconds before each further attempt when a server is busy or away: about 20 minutes in all. */
const AWAY = [1_000, 4_000, 15_000, 30_000, 60_000, 120_000, 240_000, 300_000, 300_000];
/** The same when answers come, but make no sense: that seldom passes. */
const GARBAGE = [1_000, 4_000, 15_000];
/** The longest wait that a server is given when it names one itself. */
const LONGEST_WISH = 3_600_000;

/**
 * How long to wait before a request is repeated as a whole, in milliseconds; null when repeating it is no use, or it has been
 * repeated often enough. `attempt` counts from 0.
 */
export function retryDelay(error: unknown, attempt: number): number | null {
  const kind = kindOf(error);
  if (kind === "final") return null;
  const delay = (kind === "away" ? AWAY : GARBAGE)[attempt];
  if (delay === undefined) return null;
  // Sessions that were turned away together must not come back together.
  return wishOf(error) ?? Math.round(delay * (0.8 + 0.4 * Math.random()));
}

function kindOf(error: unknown): "away" | "garbage" | "final" {
  if (error instanceof MessageStreamError) return error.code === "cut" ? "away" : "garbage";
  if (error instanceof SyntaxError) return "garbage";
  // What is no answer of the API is a connection that broke.
  if (!(error instanceof APIError)) return error instanceof Error ? "away" : "final";
  const { status, type } = error;
  if (status === undefined) {
    return type === "invalid_request_error" || type === "authentication_error" ? "final" : "away";
  }
  return status === 408 || status === 409 || status === 429 || status >= 500 ? "away" : "final";
}

function wishOf(error: unknown): number | null {
  if (!(error instanceof APIError)) return null;
  const text = error.headers?.get("retry-after");
  if (text === null || text === undefined) return null;
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return ms > 0 && ms <= LONGEST_WISH ? ms : null;
}
