import type { MessageStreamEvent } from "@ml-intern/messages";
import { TimedReader } from "./timed-reader.ts";

const PING: MessageStreamEvent = { type: "ping" };

/** Adds a `ping` after the first `content_block_start`, and another whenever nothing came for `intervalMs`. */
export async function* withPing(
  events: AsyncIterable<MessageStreamEvent>,
  { intervalMs }: { intervalMs: number },
): AsyncGenerator<MessageStreamEvent> {
  const reader = new TimedReader(events);
  let greeted = false;
  let ended = false;
  try {
    for (;;) {
      const result = await reader.readWithin(intervalMs);
      if (!result) {
        yield PING;
        continue;
      }
      if (result.done) break;
      yield result.value;
      if (result.value.type === "content_block_start" && !greeted) {
        greeted = true;
        yield PING;
      }
    }
    ended = true;
  } finally {
    if (ended) reader.stop();
    else await reader.leave();
  }
}
