import type { MessageStreamEvent } from "@ml-intern/messages";
import { DeltaJoiner } from "./delta-joiner.ts";
import { TimedReader } from "./timed-reader.ts";

export interface CoalesceOptions {
  /** Least time between two deltas that leave, in milliseconds; default 20. With 0 only what comes together is joined. */
  readonly windowMs?: number;
  /** A delta that has grown to this many characters leaves at once; default 1,024. */
  readonly maxLength?: number;
}

/** Events, one by one or as many as came together. */
export type EventBatches = AsyncIterable<MessageStreamEvent | readonly MessageStreamEvent[]>;

/**
 * Joins deltas that follow one another quickly. Clients re-read everything that a block holds at each delta, so many
 * small ones cost them quadratic time. A delta is late only when another left less than `windowMs` ago; the first one of
 * a block never is, and everything that is no delta leaves at once. A client that reads slowly gets longer deltas. Half
 * a character waits for its other half. With `null` nothing is joined.
 */
export async function* coalesceDeltas(
  batches: EventBatches,
  options: CoalesceOptions | null = {},
): AsyncGenerator<MessageStreamEvent> {
  const { windowMs = 20, maxLength = 1024 } = options ?? { windowMs: 0, maxLength: 0 };
  const reader = new TimedReader(batches);
  const joiner = new DeltaJoiner(maxLength);
  let dueAt = Number.NEGATIVE_INFINITY;
  let ended = false;
  try {
    for (;;) {
      const result = await (joiner.holds ? reader.readWithin(dueAt - performance.now()) : reader.read());
      if (result?.done) break;
      for (const event of result ? each(result.value) : []) {
        // The first delta of a block is what somebody waits for.
        if (event.type === "content_block_start") dueAt = Number.NEGATIVE_INFINITY;
        for (const ready of joiner.push(event)) yield ready;
      }
      if (!joiner.holds || (result && performance.now() < dueAt)) continue;
      for (const ready of joiner.flush()) yield ready;
      dueAt = performance.now() + windowMs;
    }
    for (const ready of joiner.end()) yield ready;
    ended = true;
  } catch (error) {
    // A failure must not overtake what came before it.
    for (const ready of joiner.end()) yield ready;
    ended = true;
    throw error;
  } finally {
    if (ended) reader.stop();
    else await reader.leave();
  }
}

function each(batch: MessageStreamEvent | readonly MessageStreamEvent[]): readonly MessageStreamEvent[] {
  return "type" in batch ? [batch] : batch;
}
