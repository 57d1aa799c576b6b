import { connectionError, cutError, silenceError } from "./connection-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { SilenceTimer } from "./silence-timer.ts";
import type { UpstreamAnswer } from "./upstream-fetch.ts";

export interface UpstreamRequest {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; without it and without `bytes` the request is a GET. */
  readonly json?: unknown;
  /** A JSON body that is sent as it stands. */
  readonly bytes?: Uint8Array;
  readonly signal: AbortSignal;
}

/** The pieces of an answer as they come. */
export type UpstreamBody = AsyncIterableIterator<Uint8Array, undefined, undefined>;

export interface UpstreamResponse extends AsyncDisposable {
  readonly status: number;
  readonly headers: Headers;
  /** Can be read once. Throws `endpoint_timeout` on silence and `endpoint_cut` when the connection breaks. */
  readonly body: UpstreamBody;
  /** The whole body; of a refusal only the beginning, and never so much that an endless answer fills the memory. */
  text(): Promise<string>;
  /**
   * Nothing that is still to come matters. The endpoint then has a moment to end its answer, which saves the connection
   * for the next request; without this, leaving the body early ends the connection.
   */
  finish(): void;
}

const DONE = { done: true, value: undefined } as const;

/** Made once: the stack of an error costs more than the rest of ending a request. */
const NOBODY_READS = new Error("Nobody reads this answer any more");

/** The most bytes of a body that are read as one text. */
const LONGEST_REFUSAL = 1024 ** 2;
const LONGEST_TEXT = 64 * 1024 ** 2;

/** How long an answer that is complete in all but form may take to end. */
const LINGER_MS = 250;

/**
 * Asks an endpoint and waits for the head of its answer, whatever its status. Throws a `GatewayError` when there is
 * none, and the signal's reason when `signal` aborts. Disposing of the response ends the connection, unless the
 * answer has come to its end: then it is used again.
 */
export async function requestUpstream(
  endpoint: Endpoint,
  { path, headers, json, bytes, signal }: UpstreamRequest,
): Promise<UpstreamResponse> {
  const { baseUrl, silenceMs } = endpoint;
  // One controller that follows the client's signal until the exchange is over: `AbortSignal.any` stays registered
  // with the signal for as long as that lives.
  const hangUp = new AbortController();
  const follow = (): void => hangUp.abort(signal.reason);
  let begun = false;
  const silence = new SilenceTimer(silenceMs, () => {
    hangUp.abort(silenceError(baseUrl, { ms: silenceMs, begun }));
  });

  function release(): void {
    silence.stop();
    signal.removeEventListener("abort", follow);
  }

  /** Awaits the endpoint, but not for ever, and not when nobody waits for us any more. */
  async function patiently<T>(work: Promise<T>): Promise<T> {
    silence.begin();
    try {
      return await work;
    } catch (error) {
      release();
      hangUp.signal.throwIfAborted();
      throw begun ? cutError(baseUrl, error) : connectionError(error, baseUrl);
    } finally {
      silence.end();
    }
  }

  signal.throwIfAborted();
  signal.addEventListener("abort", follow);
  const content = bytes ?? (json === undefined ? undefined : JSON.stringify(json));
  const answer: UpstreamAnswer = await patiently(
    started(() =>
      endpoint.fetch(`${baseUrl}${path}`, {
        ...(content === undefined ? { method: "GET" } : { method: "POST", body: content }),
        headers: {
          ...(content === undefined ? {} : { "content-type": "application/json" }),
          ...endpoint.headers,
          ...headers,
        },
        signal: hangUp.signal,
      }),
    ),
  );
  begun = true;

  let finished = false;
  let ended = answer.body === null;
  const pieces = answer.body?.[Symbol.asyncIterator]();

  function leave(): void {
    if (finished && !ended) return;
    release(); // a timer that is left behind keeps the process alive
    if (!ended) hangUp.abort(NOBODY_READS);
  }

  async function nextPiece(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!pieces || ended) return DONE;
    try {
      const piece = await patiently(pieces.next());
      if (!piece.done) return piece;
      ended = true;
      release();
      return DONE;
    } catch (error) {
      leave();
      throw error;
    }
  }

  // Written out: every piece of every answer goes through it, and a step of an asynchronous generator costs more.
  const body: UpstreamBody = {
    next: nextPiece,
    return: async () => {
      leave();
      return DONE;
    },
    [Symbol.asyncIterator]: () => body,
  };

  async function linger(): Promise<void> {
    const timer = setTimeout(() => hangUp.abort(NOBODY_READS), LINGER_MS);
    try {
      while (pieces && !(await pieces.next()).done);
    } catch {
      // The answer is complete; how its connection ends is of no interest.
    } finally {
      clearTimeout(timer);
      release();
    }
  }

  return {
    status: answer.status,
    headers: answer.headers,
    body,
    text: async () => {
      const utf8 = new TextDecoder();
      const longest = answer.status >= 300 ? LONGEST_REFUSAL : LONGEST_TEXT;
      let text = "";
      let size = 0;
      for await (const piece of body) {
        text += utf8.decode(piece, { stream: true });
        size += piece.length;
        if (size > longest) break;
      }
      return text + utf8.decode();
    },
    finish: () => {
      finished = true;
    },
    [Symbol.asyncDispose]: async () => {
      silence.stop();
      // Nobody waits for the connection to become free.
      if (finished && !ended) void linger();
      else {
        release();
        if (!ended) hangUp.abort(NOBODY_READS);
      }
    },
  };
}

/** A call that may throw at once, as a promise. */
async function started<T>(call: () => Promise<T>): Promise<T> {
  return call();
}
