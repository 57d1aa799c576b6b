import { encodeSse, type MessageStreamEvent } from "@ml-intern/messages";

export interface SseBodyOptions {
  /** Aborted when the client stops reading, so that whoever makes the events stops at once. When it is aborted from outside, the body ends. */
  readonly controller: AbortController;
  /** Called once, when the body has ended in whatever way. */
  readonly onEnd: () => void;
}

/** A response body that pulls events as the client reads them. The events must not fail: a failure is an event by now. */
export function sseBody(
  events: AsyncGenerator<MessageStreamEvent>,
  { controller, onEnd }: SseBodyOptions,
): ReadableStream<Uint8Array> {
  const utf8 = new TextEncoder();
  const { signal } = controller;
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
          if (end()) stream.close();
        };
        if (signal.aborted) leave();
        else signal.addEventListener("abort", leave, { once: true });
      },
      async pull(stream) {
        try {
          const { done, value } = await events.next();
          if (ended) return;
          if (!done) stream.enqueue(utf8.encode(encodeSse(value)));
          else if (end()) stream.close();
        } catch (error) {
          if (end()) stream.error(error);
        }
      },
      async cancel() {
        end();
        controller.abort(clientLeft());
        await events.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Why work for a client that is gone is given up. */
export function clientLeft(): DOMException {
  return new DOMException("The client closed the connection", "AbortError");
}
