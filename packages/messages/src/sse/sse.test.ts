import { describe, expect, it } from "vitest";
import { decodeSse } from "./decode-sse.ts";
import { encodeSse } from "./encode-sse.ts";
import { SseDecoder, type SseEvent } from "./sse-decoder.ts";
import { SseError } from "./sse-error.ts";

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
    expect(await collect(bytes)).toEqual([{ event: null, data: "😀é" }]);
  });
});

describe("an event that is too long", () => {
  it.each<[string, string[]]>([
    ["a line without an end", ["data: ", "123456789"]],
    ["many lines of data", ["data: 1234\n", "data: 5678\n"]],
    ["lines of data without text", ["data\n".repeat(11)]],
    ["a comment without an end", [": a comment"]],
  ])("is refused, in pieces and whole: %s", (_, pieces) => {
    for (const feed of [pieces, [pieces.join("")], pieces.join("").split("")]) {
      const decoder = new SseDecoder({ maxEventLength: 10 });
      const fail = (): void => feed.forEach((piece) => void decoder.push(piece));
      expect(fail).toThrow(expect.objectContaining({ name: "SseError", code: "event_too_long" }));
      expect(() => decoder.push("\n\n")).toThrow(SseError);
      expect(() => decoder.end()).toThrow("longer than 10 characters");
    }
  });

  it("is one event, not the stream: any number of short events, comments and other fields may come", () => {
    const decoder = new SseDecoder({ maxEventLength: 10 });
    for (let count = 0; count < 100; count++) {
      expect(decoder.push(":comment\nid: 1234\nevent: x\ndata: 1234\n\n")).toEqual([
        { event: "x", data: "1234" },
      ]);
    }
  });

  it("is refused from bytes as well", async () => {
    const events = decodeSse(oneByOne(new TextEncoder().encode("data: 12345678")), { maxEventLength: 8 });
    await expect(events.next()).rejects.toThrow(SseError);
  });
});

it("one mark of byte order is taken away, a second one belongs to the first line", async () => {
  const bytes = new TextEncoder().encode("\uFEFFdata: a\n\n");
  const twice = new TextEncoder().encode("\uFEFF\uFEFFdata: a\n\ndata: b\n\n");
  expect(await collect(bytes)).toEqual([{ event: null, data: "a" }]);
  expect(await collect(twice)).toEqual([{ event: null, data: "b" }]);
});

it("an encoded event has an event line, one data line and an empty line", () => {
  expect(encodeSse({ type: "ping" })).toBe('event: ping\ndata: {"type":"ping"}\n\n');
  const event = { type: "x", text: "line\r\nline\u2028" };
  expect(decode([encodeSse(event)])).toEqual([{ event: "x", data: JSON.stringify(event) }]);
});

async function* oneByOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (const byte of bytes) yield Uint8Array.of(byte);
}

async function collect(bytes: Uint8Array): Promise<SseEvent[]> {
  const events: SseEvent[] = [];
  for await (const event of decodeSse(oneByOne(bytes))) events.push(event);
  return events;
}
