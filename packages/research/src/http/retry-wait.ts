/** Milliseconds before each further attempt when a service says nothing of its own. */
const WAITS = [500, 2_000, 8_000] as const;

/** A service that wants to be left alone for longer than this is told of, not waited for. */
export const LONGEST_WAIT = 60_000;

export interface Attempt {
  /** Null where no answer came at all. */
  readonly answer: { readonly status: number; readonly headers: Headers } | null;
  /** From 0. */
  readonly attempt: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/**
 * How long to wait before a request is repeated, in milliseconds; null when repeating it is no use, it has been repeated often
 * enough, or the service wants a longer pause than {@link LONGEST_WAIT}.
 */
export function retryWait({ answer, attempt, now, random }: Attempt): number | null {
  const wait = WAITS[attempt];
  if (wait === undefined) return null;
  if (answer !== null && !isPassing(answer)) return null;
  const wish = answer === null ? null : wishOf(answer.headers, now);
  // Those who were turned away together must not come back together.
  const jitter = 0.5 + random();
  if (wish === null) return Math.round(wait * jitter);
  return wish > LONGEST_WAIT ? null : Math.round(wish + 250 * random());
}

/** When a service can be asked again, by what it said: milliseconds from `now`; null where it said nothing. */
export function wishOf(headers: Headers, now: number): number | null {
  const after = headers.get("retry-after")?.trim();
  if (after) {
    const ms = /^\d+(\.\d+)?$/.test(after) ? Number(after) * 1000 : Date.parse(after) - now;
    if (Number.isFinite(ms)) return Math.max(0, ms);
  }
  // The Hub: `"api";r=0;t=55`: none left for 55 seconds.
  const bucket = /;\s*r=0\b.*;\s*t=(\d+)/.exec(headers.get("ratelimit") ?? "");
  if (bucket) return Number(bucket[1]) * 1000;
  // GitHub: seconds since 1970.
  const reset = headers.get("x-ratelimit-reset");
  if (headers.get("x-ratelimit-remaining") === "0" && reset !== null && /^\d+$/.test(reset)) {
    return Math.max(0, Number(reset) * 1000 - now);
  }
  return null;
}

function isPassing({ status, headers }: { readonly status: number; readonly headers: Headers }): boolean {
  if (status === 408 || status === 425 || status === 429) return true;
  // Used up: GitHub says so as forbidden.
  if (status === 403) return headers.has("retry-after") || headers.get("x-ratelimit-remaining") === "0";
  // A fault that the Hub's services have a name for stays, but for these.
  const named = headers.get("x-error-code") ?? "ResponseNotReady";
  if (status === 500) return named === "ResponseNotReady" || named === "UnexpectedApiError";
  return status === 502 || status === 503 || status === 504;
}
