import type { MessageStreamEvent } from "@ml-intern/messages";
import { GatewayError } from "../gateway-error.ts";
import { JoinedEvents } from "./joined-events.ts";

export interface SseBodyOptions {
  /**
   * Aborted when the client stops reading, so that whoever makes the events stops at once. When it is aborted from
   * outside, the body ends; with a `GatewayError` as the reason it goes on until the events do, since that is what the
   * client has to be told.
   */
  readonly controller: AbortController;
  /** Called once, when the body has ended in whatever way. */
  readonly onEnd: () => void;
}

/** A response body that pulls events as the client reads them. The events must not fail: a failure is an event by now. */
export function sseBody(
  events: AsyncIterableIterator<MessageStreamEvent>,
  { controller, onEnd }: SseBodyOptions,
): ReadableStream<Uint8Array> {
  const utf8 = new TextEncoder();
  const { signal } = controller;
  const together = new JoinedEvents(events);
  let ended = false;

  function end(): boolean {
    if (ended) return false;
    ended = true;
    onEnd();
    return true;
  }

  return new ReadableStream(
    {
      start(stream) {
        const leave = (): void => {
          if (signal.reason instanceof GatewayError) return;
          if (end()) stream.close();
        };
        if (signal.aborted) leave();
        else signal.addEventListener("abort", leave, { once: true });
      },
      async pull(stream) {
        try {
          const { text, done } = await together.next();
          if (ended) return;
          if (text !== "") stream.enqueue(utf8.encode(text));
          if (done && end()) stream.close();
        } catch (error) {
          if (end()) stream.error(error);
        }
      },
      async cancel() {
        end();
        controller.abort(clientLeft());
        await events.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Why work for a client that is gone is given up. */
export function clientLeft(): DOMException {
  return new DOMException("The client closed the connection", "AbortError");
}
