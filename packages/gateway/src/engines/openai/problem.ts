import { GatewayError, type GatewayErrorOptions, invalidRequest } from "../../gateway-error.ts";
import { nonsenseError } from "../upstream/connection-error.ts";
import { contextOverflow, isOverflow } from "./context-overflow.ts";

/** What an endpoint said about a failure, from whichever of the usual shapes it used. */
export interface Problem {
  readonly message: string;
  readonly code: string | null;
  /** The request's field that it names as the cause. */
  readonly param: string | null;
  /** Whether the answer was in the API's own form, and not, say, a router's page for an unknown path. */
  readonly structured: boolean;
  /** Numbers that it gave beside the message. */
  readonly facts: Readonly<Record<string, number>>;
}

/** Reads `{error: {message, code, param}}`, `{error: "…"}`, `{message}`, `{detail}` or plain text. */
export function readProblem(text: string): Problem {
  const body = parse(text);
  const error = isRecord(body) ? (body.error ?? (body.object === "error" ? body : undefined)) : undefined;
  if (isRecord(error)) {
    return {
      message: textOf(error.message) ?? JSON.stringify(error),
      code: textOf(error.code) ?? textOf(error.type),
      param: textOf(error.param),
      structured: true,
      facts: numbersOf(error),
    };
  }
  if (typeof error === "string")
    return { message: error, code: null, param: null, structured: true, facts: {} };
  const loose = isRecord(body) ? (body.message ?? body.detail) : undefined;
  const message =
    typeof loose === "string" ? loose : loose === undefined ? plain(text) : JSON.stringify(loose);
  return { message, code: null, param: null, structured: false, facts: {} };
}

export interface ProblemContext {
  readonly status: number;
  readonly headers: Headers;
  readonly baseUrl: string;
}

/** An endpoint's refusal as the API's own. Unknown models are told apart before this. */
export function problemError(problem: Problem, { status, headers, baseUrl }: ProblemContext): GatewayError {
  const said = problem.message === "" ? `status ${status}` : `${status}: ${problem.message}`;
  const message = `The endpoint ${baseUrl} answered ${said}`;
  if (status < 400) {
    // Followed, a redirect could carry the key elsewhere.
    const received = `${status}, a redirect to ${headers.get("location") ?? "nowhere"}`;
    return nonsenseError(baseUrl, { received, mend: "Configure the base URL that it leads to." });
  }
  const failure = (options: GatewayErrorOptions): GatewayError => new GatewayError(message, options);
  switch (status) {
    case 401:
      return failure({
        code: "endpoint_refused_key",
        status,
        type: "authentication_error",
        mend: "Configure the API key that this endpoint expects.",
        // Claude Code would otherwise ask ten more times before it tells its user.
        headers: { "x-should-retry": "false" },
      });
    case 402:
      return failure({ code: "endpoint_refused_request", status, type: "billing_error" });
    case 403:
      return failure({
        code: "endpoint_refused_key",
        status,
        type: "permission_error",
        mend: "Check what the configured API key may use.",
      });
    case 413:
      return failure({ code: "request_too_large", status, type: "request_too_large" });
    case 429:
      return failure({
        code: "endpoint_rate_limited",
        status,
        type: "rate_limit_error",
        mend: "Wait, or ask less often.",
        headers: retryHeaders(problem, headers),
      });
    case 408:
    case 504:
      return failure({ code: "endpoint_timeout", status: 504, type: "timeout_error" });
    case 503:
    case 529:
      return failure({
        code: "endpoint_overloaded",
        status: 529,
        type: "overloaded_error",
        mend: "It is loading or overloaded; try again in a moment.",
        headers: retryHeaders(problem, headers),
      });
    default:
      if (status >= 500) return failure({ code: "endpoint_failed", status: 502, type: "api_error" });
      if (isOverflow(problem.code, problem.message)) return promptTooLong(problem);
      return failure({ code: "endpoint_refused_request", status: 400, type: "invalid_request_error" });
  }
}

function retryHeaders({ code }: Problem, headers: Headers): Readonly<Record<string, string>> {
  const after = headers.get("retry-after");
  return {
    ...(after ? { "retry-after": after } : {}),
    ...(code === "insufficient_quota" ? { "x-should-retry": "false" } : {}),
  };
}

/** Clients shorten the conversation when they read these words. */
function promptTooLong(problem: Problem): GatewayError {
  const overflow = contextOverflow(problem);
  const counts =
    overflow?.promptTokens && overflow.promptTokens > overflow.window
      ? `${overflow.promptTokens} tokens > ${overflow.window} maximum`
      : problem.message;
  return invalidRequest(`prompt is too long: ${counts}`);
}

function numbersOf(error: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(error).filter((fact): fact is [string, number] => typeof fact[1] === "number"),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not every error page is JSON; its text is used instead.
    return undefined;
  }
}

function plain(text: string): string {
  return text
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 300);
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
