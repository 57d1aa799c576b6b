import { GatewayError } from "../../gateway-error.ts";

/** Why a request got no answer, with the endpoint, the cause and the mend in words. */
export function connectionError(error: unknown, baseUrl: string): GatewayError {
  const { reason, mend, retry } = explain(error, baseUrl);
  return new GatewayError(`The endpoint ${baseUrl} cannot be reached: ${reason}`, {
    code: "endpoint_unreachable",
    status: 503,
    type: "api_error",
    mend,
    headers: retry ? {} : { "x-should-retry": "false" },
    cause: error,
  });
}

/** An endpoint that says nothing for too long. */
export function silenceError(baseUrl: string, { ms, begun }: { ms: number; begun: boolean }): GatewayError {
  const seconds = Math.round(ms / 1000);
  const what = begun
    ? `fell silent for ${seconds} s within its answer`
    : `did not begin to answer within ${seconds} s`;
  return new GatewayError(`The endpoint ${baseUrl} ${what}`, {
    code: "endpoint_timeout",
    status: 504,
    type: "timeout_error",
    mend: "Check whether it is overloaded, or choose a smaller model or a shorter prompt.",
  });
}

/** An answer that broke off. */
export function cutError(baseUrl: string, cause?: unknown): GatewayError {
  return new GatewayError(`The endpoint ${baseUrl} broke off in the middle of its answer`, {
    code: "endpoint_cut",
    status: 502,
    type: "api_error",
    mend: "Try again; if it happens again, look at the endpoint's own log.",
    cause,
  });
}

/** An answer that is not what the endpoint's protocol allows. */
export function nonsenseError(
  baseUrl: string,
  { received, mend }: { received: string; mend: string },
): GatewayError {
  return new GatewayError(`The endpoint ${baseUrl} answered with ${received}`, {
    code: "endpoint_nonsense",
    status: 502,
    type: "api_error",
    mend,
    headers: { "x-should-retry": "false" },
  });
}

function explain(error: unknown, baseUrl: string): { reason: string; mend: string; retry: boolean } {
  const cause = (error instanceof Error ? (error.cause ?? error) : error) as Partial<NodeJS.ErrnoException>;
  switch (cause.code) {
    case "ECONNREFUSED":
      return { reason: "nothing listens there", mend: "Start the server, or correct its URL.", retry: true };
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return {
        reason: `the name ${URL.canParse(baseUrl) ? new URL(baseUrl).hostname : baseUrl} has no address`,
        mend: "Check the host name and the network.",
        retry: false,
      };
    case "ECONNRESET":
    case "EPIPE":
    case "UND_ERR_SOCKET":
      return {
        reason: "it closed the connection without an answer",
        mend: "Look at the endpoint's own log.",
        retry: true,
      };
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "UND_ERR_CONNECT_TIMEOUT":
      return {
        reason: "it does not take connections",
        mend: "Check the host, the port and the network.",
        retry: true,
      };
    case "ERR_INVALID_URL":
      return {
        reason: "this is not a URL",
        mend: "Give a whole one, such as http://localhost:11434/v1.",
        retry: false,
      };
    default:
      return {
        reason: cause.message ?? String(error),
        mend: "Check the URL and the network.",
        retry: false,
      };
  }
}
