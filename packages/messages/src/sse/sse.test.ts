import { describe, expect, it } from "vitest";
import { decodeSse } from "./decode-sse.ts";
import { encodeSse } from "./encode-sse.ts";
import { SseDecoder, type SseEvent } from "./sse-decoder.ts";

function decode(pieces: readonly string[]): SseEvent[] {
  const decoder = new SseDecoder();
  const events = pieces.flatMap((piece) => decoder.push(piece));
  const last = decoder.end();
  return last ? [...events, last] : events;
}

const STREAM =
  '\uFEFF: hello\r\nevent: message_start\r\ndata: {"a":1}\r\n\r\n' +
  "data: one\ndata:two\ndata\n\n\n\nid: 7\nretry: 1\n:ping\ndata:  😀\n\n" +
  "event: x\rdata: y\r\revent: lost\n\ndata: [DONE]\n\n";

const EVENTS: SseEvent[] = [
  { event: "message_start", data: '{"a":1}' },
  { event: null, data: "one\ntwo\n" },
  { event: null, data: " 😀" },
  { event: "x", data: "y" },
  { event: null, data: "[DONE]" },
];

describe("an event stream", () => {
  it("gives the same events wherever its text is cut", () => {
    for (let first = 0; first <= STREAM.length; first++) {
      expect(decode([STREAM.slice(0, first), STREAM.slice(first)])).toEqual(EVENTS);
    }
    expect(decode(STREAM.split(""))).toEqual(EVENTS);
  });

  it("gives an event as soon as its empty line has come", () => {
    const decoder = new SseDecoder();
    expect(decoder.push("data: a\n")).toEqual([]);
    expect(decoder.push("\n")).toEqual([{ event: null, data: "a" }]);
  });

  it("gives up the last event although its empty line is missing", () => {
    expect(decode(["data: a\n\ndata: b"])).toEqual([
      { event: null, data: "a" },
      { event: null, data: "b" },
    ]);
  });

  it("is read from bytes that split characters", async () => {
    const bytes = new TextEncoder().encode("data: 😀é\n\n");
    const events: SseEvent[] = [];
    for await (const event of decodeSse(oneByOne(bytes))) events.push(event);
    expect(events).toEqual([{ event: null, data: "😀é" }]);
  });
});

it("an encoded event has an event line, one data line and an empty line", () => {
  expect(encodeSse({ type: "ping" })).toBe('event: ping\ndata: {"type":"ping"}\n\n');
  const event = { type: "x", text: "line\r\nline\u2028" };
  expect(decode([encodeSse(event)])).toEqual([{ event: "x", data: JSON.stringify(event) }]);
});

async function* oneByOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (const byte of bytes) yield Uint8Array.of(byte);
}
