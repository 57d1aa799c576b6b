import type { MessageStreamEvent } from "@ml-intern/messages";
import { within } from "./within.ts";

const PING: MessageStreamEvent = { type: "ping" };

/** Adds a `ping` after the first `content_block_start`, and another whenever nothing came for `intervalMs`. */
export async function* withPing(
  events: AsyncIterable<MessageStreamEvent>,
  { intervalMs }: { intervalMs: number },
): AsyncGenerator<MessageStreamEvent> {
  const iterator = events[Symbol.asyncIterator]();
  let greeted = false;
  let ended = false;
  try {
    let next = iterator.next();
    for (;;) {
      const arrived = await within(next, intervalMs);
      if (!arrived) {
        yield PING;
        continue;
      }
      if (arrived.value.done) break;
      const event = arrived.value.value;
      yield event;
      if (event.type === "content_block_start" && !greeted) {
        greeted = true;
        yield PING;
      }
      next = iterator.next();
    }
    ended = true;
  } finally {
    if (!ended) await iterator.return?.();
  }
}
