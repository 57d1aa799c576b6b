import type { BlockDelta, MessageStreamEvent } from "@ml-intern/messages";
import { within } from "./within.ts";

export interface CoalesceOptions {
  /** How long a delta may wait for the next one; default 20 ms. */
  readonly windowMs?: number;
  /** A delta that has grown to this many characters leaves at once; default 1,024. */
  readonly maxLength?: number;
}

type DeltaEvent = Extract<MessageStreamEvent, { type: "content_block_delta" }>;

/**
 * Joins deltas that follow one another quickly. Clients re-read everything that a block holds at each delta, so many
 * small ones cost them quadratic time.
 */
export async function* coalesceDeltas(
  events: AsyncIterable<MessageStreamEvent>,
  { windowMs = 20, maxLength = 1024 }: CoalesceOptions = {},
): AsyncGenerator<MessageStreamEvent> {
  const iterator = events[Symbol.asyncIterator]();
  let held: DeltaEvent | null = null;
  let deadline = 0;
  let ended = false;
  try {
    let next = iterator.next();
    // Its failure is met by the await below; until then a held delta may be on its way out.
    next.catch(() => {});
    for (;;) {
      const arrived: { value: IteratorResult<MessageStreamEvent> } | null = held
        ? await settled(next, deadline - performance.now())
        : { value: await next };
      if (!arrived || arrived.value.done) {
        if (held) yield held;
        held = null;
        if (arrived) break;
        continue;
      }
      const event: MessageStreamEvent = arrived.value.value;
      next = iterator.next();
      next.catch(() => {});
      const joined: DeltaEvent | null =
        held && event.type === "content_block_delta" ? join(held, event) : null;
      if (joined) {
        held = joined;
      } else {
        if (held) yield held;
        held = event.type === "content_block_delta" ? event : null;
        if (held) deadline = performance.now() + windowMs;
        else yield event;
      }
      if (held && lengthOf(held.delta) >= maxLength) {
        yield held;
        held = null;
      }
    }
    ended = true;
  } finally {
    if (!ended) await iterator.return?.();
  }
}

/** A failure must not overtake the delta that came before it: it counts as time running out, and is thrown at the next await. */
async function settled<T>(promise: Promise<T>, ms: number): Promise<{ readonly value: T } | null> {
  return within(promise, Math.max(ms, 0)).catch(() => null);
}

function join(first: DeltaEvent, second: DeltaEvent): DeltaEvent | null {
  const [a, b] = [first.delta, second.delta];
  if (first.index !== second.index) return null;
  if (a.type === "text_delta" && b.type === "text_delta")
    return { ...first, delta: { ...a, text: a.text + b.text } };
  if (a.type === "thinking_delta" && b.type === "thinking_delta") {
    return { ...first, delta: { ...a, thinking: a.thinking + b.thinking } };
  }
  if (a.type === "input_json_delta" && b.type === "input_json_delta") {
    return { ...first, delta: { ...a, partial_json: a.partial_json + b.partial_json } };
  }
  return null;
}

function lengthOf(delta: BlockDelta): number {
  if (delta.type === "text_delta") return delta.text.length;
  if (delta.type === "thinking_delta") return delta.thinking.length;
  return delta.type === "input_json_delta" ? delta.partial_json.length : Number.POSITIVE_INFINITY;
}
