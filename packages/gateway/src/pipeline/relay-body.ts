import { apiErrorBody, encodeSse } from "@ml-intern/messages";
import type { RelayedAnswer } from "../engines/engine.ts";
import { GatewayError } from "../gateway-error.ts";
import { clientLeft } from "../streaming/sse-body.ts";
import { TimedReader } from "../streaming/timed-reader.ts";
import { toApiError } from "../to-api-error.ts";
import type { AnswerTap } from "./answer-tap.ts";
import { SseFraming } from "./sse-framing.ts";

/** Nothing to any reader of events, and a sign of life to whoever counts bytes. */
const KEEP_ALIVE = Buffer.from(": keep-alive\n\n");

export interface RelayBodyOptions {
  readonly tap: AnswerTap;
  readonly requestId: string;
  /** Aborted when the client stops reading; when it is aborted from outside, the body ends. */
  readonly controller: AbortController;
  /** Longest silence of the upstream before a comment of ours. */
  readonly pingIntervalMs: number;
  /** Called with what ended a stream before its last event. */
  readonly onFailure: (error: unknown) => void;
  /** Called once, when the body has ended in whatever way. */
  readonly onEnd: () => void;
}

/**
 * A response body of exactly the upstream's bytes, each piece passed on before anything else is done with it. An event
 * stream gets two things of ours, and only between two events, where they harm nothing: a comment when the upstream is
 * silent, and an `error` event when it breaks off. When it breaks off within an event, the body breaks off too.
 */
export function relayBody(
  upstream: RelayedAnswer,
  { isStream, ...options }: RelayBodyOptions & { readonly isStream: boolean },
): ReadableStream<Uint8Array> {
  const { tap, requestId, controller, pingIntervalMs, onFailure, onEnd } = options;
  const { signal } = controller;
  const framing = new SseFraming();
  const reader = new TimedReader(upstream.body);
  let ended = false;

  function end(): boolean {
    if (ended) return false;
    ended = true;
    reader.stop();
    tap.end();
    onEnd();
    return true;
  }

  /** The upstream's next piece; null when it is silent and something may be said instead. */
  function arrival(): Promise<IteratorResult<Uint8Array> | null> {
    return isStream && framing.betweenEvents ? reader.readWithin(pingIntervalMs) : reader.read();
  }

  function breakOff(stream: ReadableStreamDefaultController<Uint8Array>, error: unknown): void {
    const { detail } = toApiError(error);
    // Before the end, at which the request's log line is written.
    onFailure(error);
    end();
    if (!isStream || !framing.betweenEvents) stream.error(error);
    else {
      stream.enqueue(Buffer.from(encodeSse(apiErrorBody(detail, requestId))));
      stream.close();
    }
  }

  return new ReadableStream(
    {
      start(stream) {
        const leave = (): void => {
          if (end()) stream.close();
        };
        if (signal.aborted) leave();
        else signal.addEventListener("abort", leave, { once: true });
      },
      async pull(stream) {
        try {
          const arrived = await arrival();
          if (ended) return;
          if (!arrived) {
            if (!tap.finished) stream.enqueue(KEEP_ALIVE);
            else if (end()) stream.close();
            return;
          }
          if (!arrived.done) {
            stream.enqueue(arrived.value);
            if (isStream) framing.pass(arrived.value);
            tap.see(arrived.value);
            return;
          }
          if (!tap.finished) breakOff(stream, brokenOff());
          else if (end()) stream.close();
        } catch (error) {
          if (ended) return;
          if (!isStream || !tap.finished) breakOff(stream, error);
          else if (end()) stream.close();
        }
      },
      async cancel() {
        end();
        controller.abort(clientLeft());
        await upstream[Symbol.asyncDispose]();
      },
    },
    { highWaterMark: 0 },
  );
}

function brokenOff(): GatewayError {
  return new GatewayError("The upstream ended its answer before the last event", {
    code: "endpoint_cut",
    status: 502,
    type: "api_error",
    mend: "Try again.",
  });
}
