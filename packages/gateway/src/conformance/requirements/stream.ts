import type { Requirement } from "../requirement.ts";

/** Framing and order of events. */
export const STREAM: readonly Requirement[] = [
  {
    id: "stream.framing",
    source: "A5.68",
    rule: "Each event is a line `event: <type>`, a line `data: <one JSON object>` whose type is the same, and an empty line.",
    level: "must",
  },
  {
    id: "stream.event-lines",
    source: "A5.69",
    rule: "No event goes without its event line, which the official client needs.",
    level: "must",
  },
  {
    id: "stream.plain-framing",
    source: "A5.70",
    rule: "Lines end in LF; there is one data line an event, no byte order mark.",
    level: "should",
  },
  {
    id: "stream.no-done",
    source: "A5.71",
    rule: "No `data: [DONE]` is sent.",
    level: "must",
  },
  {
    id: "stream.order",
    source: "A5.72",
    rule: "message_start, then blocks (start, deltas, stop), then message_delta, then message_stop; pings anywhere.",
    level: "must",
  },
  {
    id: "stream.message-start",
    source: "A5.73",
    rule: "message_start holds a whole message without content, stop_reason and stop_sequence, with complete usage.",
    level: "must",
  },
  {
    id: "stream.one-message-start",
    source: "A5.74",
    rule: "There is one message_start.",
    level: "must",
  },
  {
    id: "stream.index-without-gaps",
    source: "A5.75",
    rule: "Indices count the blocks from 0 without gaps.",
    level: "must",
  },
  {
    id: "stream.blocks-never-interleave",
    source: "A5.76",
    rule: "A block is closed before the next one opens, however the engine interleaves them.",
    level: "must",
  },
  {
    id: "stream.block-starts",
    source: "A5.77",
    rule: "Blocks start empty: text, thinking with an empty signature, tool_use with input {}; redacted_thinking whole, without deltas.",
    level: "must",
  },
  {
    id: "stream.delta-types",
    source: "A5.78",
    rule: "Only the API's types of delta are sent.",
    level: "must",
  },
  {
    id: "stream.one-signature",
    source: "A5.79",
    rule: "A thinking block has one signature_delta, right before it stops; with display omitted it has nothing else.",
    level: "must",
  },
  {
    id: "stream.message-delta",
    source: "A5.80",
    rule: "message_delta has the stop fields and usage with output_tokens as a number.",
    level: "must",
  },
  {
    id: "stream.usage-is-cumulative",
    source: "A5.81",
    rule: "usage in message_delta counts the whole message.",
    level: "must",
  },
  {
    id: "stream.cache-breakdown-first",
    source: "A5.82",
    rule: "The breakdown of cache writes by ttl is right in message_start.",
    level: "must",
  },
  {
    id: "stream.message-stop",
    source: "A5.83",
    rule: "A stream that did not fail ends in message_stop.",
    level: "must",
  },
  {
    id: "stream.ping",
    source: "A5.84",
    rule: "A ping follows the first content_block_start, and every 15 s of silence.",
    level: "must",
  },
  {
    id: "stream.no-custom-events",
    source: "A5.85",
    rule: "No event types of our own.",
    level: "must",
  },
  {
    id: "stream.error-event",
    source: "A5.86",
    rule: "A failure in mid-stream is one error event with type, message and request_id; then the stream ends.",
    level: "must",
  },
  {
    id: "stream.fails-before-200",
    source: "A5.87",
    rule: "A failure before the first event is a status, not a stream.",
    level: "must",
  },
  {
    id: "stream.same-as-whole",
    source: "A5.88",
    rule: "Streamed or not, the same answer has the same content, stop_reason and usage.",
    level: "must",
  },
];
