import type { MessageStreamEvent } from "@ml-intern/messages";
import { turnEvents } from "@ml-intern/testkit";
import { expect, it } from "vitest";
import { coalesceDeltas } from "./coalesce-deltas.ts";

async function* from(
  events: Iterable<MessageStreamEvent>,
  failure?: Error,
): AsyncGenerator<MessageStreamEvent> {
  yield* events;
  if (failure) throw failure;
}

const TURN = {
  thinking: "a".repeat(100),
  text: "b".repeat(3000),
  toolCalls: [{ name: "f", input: { c: "c".repeat(50) } }],
};

it("joins what comes at once, up to a length, and changes nothing else", async () => {
  const events: MessageStreamEvent[] = [];
  const options = { windowMs: 10_000, maxLength: 1000 };
  for await (const event of coalesceDeltas(from(turnEvents(TURN, { chunkSize: 10 })), options))
    events.push(event);
  const shown = events.map((event) => (event.type === "content_block_delta" ? event.delta.type : event.type));
  expect(shown).toEqual([
    "message_start",
    "content_block_start",
    "thinking_delta",
    "signature_delta",
    "content_block_stop",
    "content_block_start",
    "text_delta",
    "text_delta",
    "text_delta",
    "content_block_stop",
    "content_block_start",
    "input_json_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
  ]);
});

it("lets a delta go when its time is over, though nothing follows", async () => {
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const [start, ...rest] = [...turnEvents({ text: "ab" }, { chunkSize: 1 })].slice(0, 4);
  async function* slow(): AsyncGenerator<MessageStreamEvent> {
    if (start) yield start;
    yield* rest;
    await gate;
  }
  const iterator = coalesceDeltas(slow(), { windowMs: 1 });
  await iterator.next();
  await iterator.next();
  expect((await iterator.next()).value).toMatchObject({ delta: { text: "ab" } });
  release();
  expect((await iterator.next()).done).toBe(true);
});

it("hands over what it holds before it passes a failure on", async () => {
  const events = [...turnEvents({ text: "partial" })].slice(0, 3);
  const seen: string[] = [];
  const failing = coalesceDeltas(from(events, new Error("cut")), { windowMs: 10_000 });
  await expect(async () => {
    for await (const event of failing) seen.push(event.type);
  }).rejects.toThrow("cut");
  expect(seen).toEqual(["message_start", "content_block_start", "content_block_delta"]);
});
