import type { MessageStreamEvent } from "@ml-intern/messages";
import { turnEvents } from "@ml-intern/testkit";
import { expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { coalesceDeltas } from "./coalesce-deltas.ts";

async function* from(
  events: Iterable<MessageStreamEvent>,
  failure?: Error,
): AsyncGenerator<MessageStreamEvent> {
  yield* events;
  if (failure) throw failure;
}

function gate(): { promise: Promise<void>; open: () => void } {
  let open = (): void => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

const TURN = {
  thinking: "a".repeat(100),
  text: "b".repeat(3000),
  toolCalls: [{ name: "f", input: { c: "c".repeat(50) } }],
};

it("joins what comes together, up to a length, and changes nothing else", async () => {
  verifies("tool-stream.coalescing");
  const events: MessageStreamEvent[] = [];
  const options = { windowMs: 10_000, maxLength: 1000 };
  async function* together(): AsyncGenerator<readonly MessageStreamEvent[]> {
    yield [...turnEvents(TURN, { chunkSize: 10 })];
  }
  for await (const event of coalesceDeltas(together(), options)) events.push(event);
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

it("lets the first delta of a block go at once, and what came with it", async () => {
  const [start, open, a, b, c] = [...turnEvents({ text: "abcd" }, { chunkSize: 1 })];
  const opened = gate();
  async function* source(): AsyncGenerator<MessageStreamEvent | readonly MessageStreamEvent[]> {
    yield [start!, open!, a!, b!];
    await opened.promise;
    yield c!;
  }
  const events = coalesceDeltas(source(), { windowMs: 10_000 });
  await events.next();
  await events.next();
  expect((await events.next()).value).toMatchObject({ delta: { text: "ab" } });
  opened.open();
  expect((await events.next()).value).toMatchObject({ delta: { text: "c" } });
});

it("holds nothing back when nothing left a moment ago", async () => {
  const [start, open, a, b] = [...turnEvents({ text: "abcd" }, { chunkSize: 1 })];
  const second = gate();
  async function* source(): AsyncGenerator<MessageStreamEvent> {
    yield* [start!, open!, a!];
    await second.promise;
    yield b!;
    await new Promise(() => {});
  }
  const events = coalesceDeltas(source(), { windowMs: 0 });
  for (let count = 0; count < 3; count++) await events.next();
  second.open();
  expect((await events.next()).value).toMatchObject({ delta: { text: "b" } });
});

it("lets everything that is no delta go at once", async () => {
  const [start, open, a, b, stop] = [...turnEvents({ text: "ab" }, { chunkSize: 1 })];
  async function* source(): AsyncGenerator<MessageStreamEvent> {
    yield* [start!, open!, a!, b!, stop!];
    await new Promise(() => {});
  }
  const events = coalesceDeltas(source(), { windowMs: 100_000 });
  const types: string[] = [];
  for (let count = 0; count < 5; count++) types.push((await events.next()).value.type);
  expect(types.at(-1)).toBe("content_block_stop");
});

it("never parts the two halves of a character", async () => {
  verifies("tool-stream.concatenation");
  const text = "a😀".repeat(40);
  const whole = turnEvents({ text: "x" });
  const events = [...whole].flatMap((event): MessageStreamEvent[] =>
    event.type === "content_block_delta"
      ? Array.from({ length: text.length }, (_, at) => ({
          ...event,
          delta: { type: "text_delta" as const, text: text.charAt(at) },
        }))
      : [event],
  );
  for (const options of [
    null,
    { windowMs: 0 },
    { windowMs: 0, maxLength: 5 },
    { windowMs: 10_000, maxLength: 3 },
  ]) {
    const pieces: string[] = [];
    for await (const event of coalesceDeltas(from(events), options)) {
      if (event.type === "content_block_delta" && event.delta.type === "text_delta")
        pieces.push(event.delta.text);
    }
    expect(pieces.join("")).toBe(text);
    expect(pieces.filter((piece) => /[\uD800-\uDBFF]$/.test(piece))).toEqual([]);
  }
});

it("joins nothing when it is told so", async () => {
  const events = [...turnEvents(TURN, { chunkSize: 10 })];
  const seen: MessageStreamEvent[] = [];
  for await (const event of coalesceDeltas(from(events), null)) seen.push(event);
  expect(seen).toEqual(events);
});

it("reads nothing ahead while its reader is slow, and then gives longer deltas", async () => {
  const [start, open, delta] = [...turnEvents({ text: "a" })];
  let made = 0;
  async function* source(): AsyncGenerator<MessageStreamEvent> {
    yield* [start!, open!];
    for (; made < 1000; made++) yield delta!;
  }
  const events = coalesceDeltas(source(), { windowMs: 10_000, maxLength: 100 });
  for (let count = 0; count < 4; count++) await events.next();
  await new Promise(setImmediate);
  expect(made).toBeLessThanOrEqual(102);
});

it("lets a delta go when its time is over, though nothing follows", async () => {
  const opened = gate();
  const started = [...turnEvents({ text: "ab" }, { chunkSize: 1 })].slice(0, 4);
  async function* slow(): AsyncGenerator<MessageStreamEvent> {
    yield* started;
    await opened.promise;
  }
  const iterator = coalesceDeltas(slow(), { windowMs: 1 });
  await iterator.next();
  await iterator.next();
  expect((await iterator.next()).value).toMatchObject({ delta: { text: "a" } });
  expect((await iterator.next()).value).toMatchObject({ delta: { text: "b" } });
  opened.open();
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
