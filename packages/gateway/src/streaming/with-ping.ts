import type { MessageStreamEvent } from "@ml-intern/messages";
import { TimedReader } from "./timed-reader.ts";

const PING: IteratorResult<MessageStreamEvent, undefined> = { done: false, value: { type: "ping" } };
const DONE = { done: true, value: undefined } as const;

/** Adds a `ping` after the first `content_block_start`, and another whenever nothing came for `intervalMs`. */
export function withPing(
  events: AsyncIterable<MessageStreamEvent>,
  { intervalMs }: { intervalMs: number },
): AsyncIterableIterator<MessageStreamEvent> {
  const reader = new TimedReader(events);
  let greeting: "to come" | "due" | "sent" = "to come";

  function passed(
    result: IteratorResult<MessageStreamEvent> | null,
  ): IteratorResult<MessageStreamEvent, undefined> {
    if (!result) return PING;
    if (result.done) {
      reader.stop();
      return DONE;
    }
    if (greeting === "to come" && result.value.type === "content_block_start") greeting = "due";
    return result;
  }

  function failed(error: unknown): never {
    reader.stop();
    throw error;
  }

  return {
    next: () => {
      if (greeting !== "due") return reader.readWithin(intervalMs).then(passed, failed);
      greeting = "sent";
      return Promise.resolve(PING);
    },
    return: async () => {
      await reader.leave();
      return DONE;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
