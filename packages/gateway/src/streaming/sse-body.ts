import { encodeSse, type MessageStreamEvent } from "@ml-intern/messages";

/**
 * A response body that pulls events as the client reads them. When the client leaves, `controller` is aborted, so that
 * whoever makes the events stops at once; when `controller` is aborted from outside, reading fails with its reason.
 */
export function sseBody(
  events: AsyncGenerator<MessageStreamEvent>,
  controller: AbortController,
): ReadableStream<Uint8Array> {
  const utf8 = new TextEncoder();
  const { signal } = controller;
  return new ReadableStream(
    {
      start(stream) {
        signal.addEventListener("abort", () => stream.error(signal.reason), { once: true });
      },
      async pull(stream) {
        try {
          const { done, value } = await events.next();
          if (done) stream.close();
          else stream.enqueue(utf8.encode(encodeSse(value)));
        } catch (error) {
          stream.error(error);
        }
      },
      async cancel(reason) {
        controller.abort(reason);
        await events.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
