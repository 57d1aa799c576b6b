import { describe, expect, it } from "vitest";
import type { ContentBlock, Message, MessageStreamEvent, StopReason } from "../types.ts";
import { EMPTY_PROGRESS, foldEvent } from "./fold-event.ts";
import { collectMessage, foldMessage } from "./fold-message.ts";
import { MessageStreamError } from "./message-stream-error.ts";

const START: MessageStreamEvent = {
  type: "message_start",
  message: {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "scripted/m",
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: {
      input_tokens: 21,
      cache_creation_input_tokens: 5,
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 0 },
      output_tokens: 1,
      output_tokens_details: null,
      server_tool_use: null,
      service_tier: "standard",
    },
  },
};

function block(index: number, content_block: ContentBlock, ...deltas: object[]): MessageStreamEvent[] {
  return [
    { type: "content_block_start", index, content_block },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta }) as MessageStreamEvent),
    { type: "content_block_stop", index },
  ];
}

function end(stop_reason: StopReason): MessageStreamEvent[] {
  return [
    {
      type: "message_delta",
      delta: { stop_reason, stop_sequence: null, stop_details: null, container: null },
      usage: { output_tokens: 74, input_tokens: 20, cache_read_input_tokens: null },
    },
    { type: "message_stop" },
  ];
}

const tool = (id: string): ContentBlock => ({ type: "tool_use", id, name: "f", input: {} });
const json = (partial_json: string): object => ({ type: "input_json_delta", partial_json });

describe("a stream of every kind of block", () => {
  const events: MessageStreamEvent[] = [
    START,
    { type: "ping" },
    ...block(
      0,
      { type: "thinking", thinking: "", signature: "" },
      { type: "thinking_delta", thinking: "I call " },
      { type: "thinking_delta", thinking: "ls." },
      { type: "signature_delta", signature: "abc" },
    ),
    ...block(
      1,
      { type: "text", text: "" },
      { type: "text_delta", text: "Hel" },
      { type: "text_delta", text: "lo" },
    ),
    ...block(2, tool("toolu_1"), json(""), json('{"a": 1.0, "b":"\\u00'), json('e9"}')),
    ...block(3, tool("toolu_2")),
    ...block(4, { type: "redacted_thinking", data: "x" }),
    ...end("tool_use"),
  ];
  const message: Message = {
    ...(START.type === "message_start" ? START.message : ({} as Message)),
    content: [
      { type: "thinking", thinking: "I call ls.", signature: "abc" },
      { type: "text", text: "Hello" },
      { type: "tool_use", id: "toolu_1", name: "f", input: { a: 1, b: "é" } },
      { type: "tool_use", id: "toolu_2", name: "f", input: {} },
      { type: "redacted_thinking", data: "x" },
    ],
    stop_reason: "tool_use",
  };

  it("adds up to the message, where counts that a message_delta leaves out keep their first value", async () => {
    const usage = { ...message.usage, input_tokens: 20, output_tokens: 74 };
    expect(foldMessage(events)).toEqual({ ...message, usage });
    expect(await collectMessage(later(events))).toEqual({ ...message, usage });
  });

  it("is folded without changing what was folded before", () => {
    const seen: string[] = [];
    const states = [];
    let progress = EMPTY_PROGRESS;
    for (const event of events) {
      progress = foldEvent(progress, event);
      states.push(progress);
      seen.push(JSON.stringify(progress));
    }
    expect(states.map((state) => JSON.stringify(state))).toEqual(seen);
  });
});

it("a long text is shown whole after each of many deltas, and what the block began with stays", () => {
  const deltas = 5_000;
  let progress = foldEvent(EMPTY_PROGRESS, START);
  const [start, ...rest] = block(0, { type: "text", text: "<" }, { type: "text_delta", text: "abcd" });
  progress = foldEvent(progress, start!);
  for (let count = 1; count <= deltas; count++) {
    progress = foldEvent(progress, rest[0]!);
    const [shown] = progress.message?.content ?? [];
    if (shown?.type !== "text" || shown.text.length !== 1 + 4 * count)
      expect.fail(`wrong after ${count} deltas`);
  }
  progress = foldEvent(progress, rest[1]!);
  expect(progress.message?.content).toEqual([{ type: "text", text: `<${"abcd".repeat(deltas)}` }]);
});

describe("tool arguments", () => {
  it("cut off by max_tokens keep their whole values and lose the cut one", () => {
    const cut = json('{"filename": "poem.txt", "lines": ["Beneath the sky", "Where silver moonb');
    const message = foldMessage([START, ...block(0, tool("toolu_1"), cut), ...end("max_tokens")]);
    expect(message.content[0]).toMatchObject({ input: { filename: "poem.txt", lines: ["Beneath the sky"] } });
  });

  it.each(['{"a":True}', "[1]", '"x"', '{"a":1}}'])("that are %s are refused", (text) => {
    const events = [START, ...block(0, tool("toolu_1"), json(text)), ...end("tool_use")];
    expect(() => foldMessage(events)).toThrow(expect.objectContaining({ code: "invalid_tool_input" }));
  });
});

describe("a stream out of order", () => {
  const text: ContentBlock = { type: "text", text: "" };
  const delta: MessageStreamEvent = {
    type: "content_block_delta",
    index: 0,
    delta: { type: "text_delta", text: "x" },
  };
  it.each<[string, MessageStreamEvent[]]>([
    ["a second message_start", [START, START]],
    ["a block before message_start", [...block(0, text)]],
    ["a gap in the indices", [START, ...block(1, text)]],
    ["two open blocks", [START, ...block(0, text).slice(0, 1), ...block(1, text)]],
    ["a delta without a block", [START, delta]],
    ["a stop with a block open", [START, ...block(0, text).slice(0, 1), { type: "message_stop" }]],
    ["an event after message_stop", [START, ...end("end_turn"), ...block(0, text)]],
  ])("is refused: %s", (_, events) => {
    expect(() => foldMessage(events)).toThrow(expect.objectContaining({ code: "unexpected_event" }));
  });

  it("is refused when it stops early", () => {
    expect(() => foldMessage([START, ...block(0, text)])).toThrow(expect.objectContaining({ code: "cut" }));
  });

  it("reports the sender's own error", () => {
    const error = { type: "overloaded_error", message: "Overloaded" } as const;
    expect(() => foldMessage([START, { type: "error", error }])).toThrow(
      expect.objectContaining({ code: "failed", message: "Overloaded", detail: error }),
    );
    expect(new MessageStreamError("cut", "x").detail).toBeNull();
  });
});

async function* later(events: Iterable<MessageStreamEvent>): AsyncGenerator<MessageStreamEvent> {
  yield* events;
}

it("what was edited of the context is part of the message, where the end says so", () => {
  const [delta, stop] = end("end_turn") as [MessageStreamEvent, MessageStreamEvent];
  const edited = { ...delta, context_management: { applied_edits: [] } } as MessageStreamEvent;
  expect(foldMessage([START, edited, stop]).context_management).toEqual({ applied_edits: [] });
  expect(foldMessage([START, delta, stop])).not.toHaveProperty("context_management");
});
