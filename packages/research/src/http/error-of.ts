import { privateAddress } from "./host-policy.ts";
import { PrivateAddressError } from "./public-address.ts";
import { readBody } from "./read-body.ts";
import { wishOf } from "./retry-wait.ts";
import { WebError, type WebErrorCode } from "./web-error.ts";

/** Of what a service says about a failure, so much is read. */
const TOLD_BYTES = 16 * 1024;

interface Described {
  readonly code: WebErrorCode;
  readonly what: string;
  readonly mend: string;
}

/** The error that an answer without success means; reads its body. */
export async function errorOf(
  response: Response,
  { url, now }: { readonly url: string; readonly now: number },
): Promise<WebError> {
  const { status, headers } = response;
  const bytes = await readBody(response, {
    url,
    maxBytes: TOLD_BYTES,
    signal: AbortSignal.timeout(5_000),
  }).catch(() => new Uint8Array()); // too long, or broken off: the status says enough
  const body = new TextDecoder().decode(bytes);
  const { code, what, mend } = describe({
    status,
    wish: wishOf(headers, now),
    isUsedUp: isUsedUp({ status, headers, body }),
  });
  const told = saying(body);
  const message = `${new URL(url).host} ${what} (${status})${told === "" ? "." : `: ${told}`}`;
  return new WebError(code, message, { url, mend, status, body, reason: headers.get("x-error-code") });
}

/** No answer at all. */
export function unreachable(url: URL, cause: unknown): WebError {
  for (let error: unknown = cause; error instanceof Error; error = error.cause) {
    if (error instanceof PrivateAddressError) return privateAddress(url.href, error.message, cause);
  }
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const why = inner instanceof Error ? inner.message || inner.name : String(inner);
  return new WebError("web/unreachable", `${url.host} cannot be reached: ${why}.`, {
    url: url.href,
    mend: "Look at the network. What was read before is still there offline.",
    cause,
  });
}

function describe(options: {
  readonly status: number;
  readonly wish: number | null;
  readonly isUsedUp: boolean;
}): Described {
  const { status, wish, isUsedUp } = options;
  if (isUsedUp) {
    const when = wish === null ? "in a while" : `in ${Math.ceil(wish / 1000)} s`;
    const mend = `Ask again ${when}, or configure a token of the service: it then answers more often.`;
    return { code: "web/rate_limited", what: "wants fewer requests", mend };
  }
  if (status === 401) {
    const mend =
      "It needs a token, or another one; or the thing does not exist. Check the name, then the token.";
    return { code: "web/unauthorized", what: "does not know who asks", mend };
  }
  if (status === 403) {
    return {
      code: "web/forbidden",
      what: "does not allow this",
      mend: "Ask for access there, or use another source.",
    };
  }
  if (status === 404 || status === 410) {
    return { code: "web/not_found", what: "has no such thing", mend: "Check the name: search for it first." };
  }
  if (status >= 500) {
    return {
      code: "web/server",
      what: "has a fault of its own",
      mend: "Try again later, or use another source.",
    };
  }
  return {
    code: "web/refused",
    what: "does not accept the request",
    mend: "Change the request by what it says.",
  };
}

function isUsedUp({
  status,
  headers,
  body,
}: {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  // Of GitHub's second limit nothing but its words may tell.
  return (
    headers.has("retry-after") || headers.get("x-ratelimit-remaining") === "0" || /rate limit/i.test(body)
  );
}

/** One line of what the service says; nothing of a page for a browser. */
function saying(body: string): string {
  if (/^\s*</.test(body)) return "";
  const line = (messageIn(body) ?? body).replaceAll(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

function messageIn(body: string): string | null {
  try {
    const { error, message, detail, errors } = JSON.parse(body) as Record<string, unknown>;
    const said = [error, message, detail].find((each) => typeof each === "string" && each !== "");
    // GitHub says "Validation Failed", and why in a list.
    const why = Array.isArray(errors) ? (errors[0] as { message?: unknown } | null)?.message : undefined;
    const told = [said, why].filter((each) => typeof each === "string");
    return told.length === 0 ? null : told.join(": ");
  } catch {
    return null;
  }
}
