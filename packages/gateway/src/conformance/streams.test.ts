import { foldMessage, type MessageStreamEvent } from "@ml-intern/messages";
import { turnEvents } from "@ml-intern/testkit";
import { describe, expect, it } from "vitest";
import { GatewayError } from "../gateway-error.ts";
import {
  argumentPieces,
  ask,
  askForEvents,
  askForMessage,
  eventsIn,
  scriptedGateway,
} from "./testing/ask.ts";
import { verifies } from "./verifies.ts";

const TURN = {
  thinking: "Let me think 😀.",
  text: "Hello, wörld.",
  toolCalls: [
    { name: "get_weather", input: { city: "Paris", note: 'é\n"😀' } },
    { name: "get_time", input: {} },
  ],
  usage: { input_tokens: 21, output_tokens: 60 },
};
const OVERLOADED = new GatewayError("Overloaded", {
  code: "endpoint_overloaded",
  status: 529,
  type: "overloaded_error",
});

describe("the framing of a stream", () => {
  it("is an event line, a data line with the same type, and an empty line; LF, no mark, no [DONE]", async () => {
    verifies("stream.framing", "stream.event-lines", "stream.plain-framing", "stream.no-done");
    const response = await ask(scriptedGateway(TURN).gateway, { stream: true });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    expect(text.startsWith("event: message_start\n")).toBe(true);
    expect(text).not.toMatch(/\r|\[DONE\]|\ufeff/);
    expect(text.endsWith("\n\n")).toBe(true);
    for (const event of text.slice(0, -2).split("\n\n")) {
      const [, name, data] = /^event: (\w+)\ndata: (.+)$/.exec(event) ?? [];
      expect((JSON.parse(data ?? "null") as MessageStreamEvent).type).toBe(name);
    }
  });
});

describe("the order of events", () => {
  it("is start, block after block with indices from 0, delta, stop", async () => {
    verifies(
      "stream.order",
      "stream.one-message-start",
      "stream.index-without-gaps",
      "stream.blocks-never-interleave",
      "stream.message-stop",
      "stream.no-custom-events",
      "stream.delta-types",
    );
    const events = await askForEvents(scriptedGateway(TURN).gateway);
    const kinds = events.flatMap((event) => {
      if (event.type === "ping") return [];
      if (event.type === "content_block_delta") return `${event.index} ${event.delta.type}`;
      return "index" in event ? `${event.index} ${event.type}` : event.type;
    });
    const runs = kinds.filter((kind, index) => kind !== kinds[index - 1]);
    expect(runs).toEqual([
      "message_start",
      "0 content_block_start",
      "0 thinking_delta",
      "0 signature_delta",
      "0 content_block_stop",
      "1 content_block_start",
      "1 text_delta",
      "1 content_block_stop",
      "2 content_block_start",
      "2 input_json_delta",
      "2 content_block_stop",
      "3 content_block_start",
      "3 input_json_delta",
      "3 content_block_stop",
      "message_delta",
      "message_stop",
    ]);
  });

  it("begins with a message without content, and complete usage", async () => {
    verifies("stream.message-start", "stream.cache-breakdown-first", "response.model-name");
    const [start] = await askForEvents(scriptedGateway(TURN).gateway);
    expect(start).toEqual({
      type: "message_start",
      message: {
        id: expect.stringMatching(/^msg_/),
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
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 0,
          cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
          output_tokens: 1,
          output_tokens_details: null,
          server_tool_use: null,
          service_tier: "standard",
        },
      },
    });
  });

  it("has blocks that start empty, and one signature right before thinking ends", async () => {
    verifies(
      "stream.block-starts",
      "stream.one-signature",
      "tool-stream.starts-empty",
      "response.block-shapes",
    );
    const events = await askForEvents(scriptedGateway(TURN).gateway);
    const starts = events.flatMap((event) =>
      event.type === "content_block_start" ? event.content_block : [],
    );
    expect(starts).toEqual([
      { type: "thinking", thinking: "", signature: "" },
      { type: "text", text: "" },
      { type: "tool_use", id: "toolu_scripted_1", name: "get_weather", input: {} },
      { type: "tool_use", id: "toolu_scripted_2", name: "get_time", input: {} },
    ]);
    const signed = events.filter(
      (event) => event.type === "content_block_delta" && event.delta.type === "signature_delta",
    );
    expect(signed).toHaveLength(1);
    const [signature] = signed;
    expect(signature && events[events.indexOf(signature) + 1]).toEqual({
      type: "content_block_stop",
      index: 0,
    });
  });

  it("ends with the stop fields and the counts of the whole message", async () => {
    verifies(
      "stream.message-delta",
      "stream.usage-is-cumulative",
      "response.tool-use-stops",
      "tool-stream.parallel",
    );
    const events = await askForEvents(scriptedGateway(TURN).gateway);
    expect(events.at(-2)).toEqual({
      type: "message_delta",
      delta: { stop_reason: "tool_use", stop_sequence: null, stop_details: null, container: null },
      usage: expect.objectContaining({ output_tokens: 60 }),
    });
  });
});

describe("pings", () => {
  it("follow the first block's start, and fill silence", async () => {
    verifies("stream.ping");
    const events = await askForEvents(scriptedGateway(TURN).gateway);
    expect(events.slice(0, 4).map(({ type }) => type)).toEqual([
      "message_start",
      "content_block_start",
      "ping",
      "content_block_delta",
    ]);
    const { gateway, engine } = scriptedGateway(
      { hangs: true, after: [...turnEvents({})].slice(0, 1) },
      { pingIntervalMs: 1 },
    );
    const { body } = await ask(gateway, { stream: true });
    let text = "";
    for await (const bytes of body ?? []) {
      text += new TextDecoder().decode(bytes);
      if (text.split("ping").length > 5) break;
    }
    expect(text).toContain('event: ping\ndata: {"type":"ping"}\n\n');
    await engine.idle();
  });
});

describe("a failure", () => {
  it("in mid-stream is one error event, and the end", async () => {
    verifies("stream.error-event");
    const after = [...turnEvents({ text: "Partial ans" })].slice(0, 3);
    const response = await ask(scriptedGateway({ after, fails: OVERLOADED }).gateway, { stream: true });
    const events = eventsIn(await response.text());
    expect(events.map(({ type }) => type)).toEqual([
      "message_start",
      "content_block_start",
      "ping",
      "content_block_delta",
      "error",
    ]);
    expect(events.at(-1)).toEqual({
      type: "error",
      error: {
        type: "overloaded_error",
        message: "Overloaded",
        details: { error_code: "endpoint_overloaded" },
      },
      request_id: response.headers.get("request-id"),
    });
  });

  it("before the first event is a status, streamed or not", async () => {
    verifies("stream.fails-before-200", "error.codes");
    for (const stream of [true, false]) {
      const response = await ask(scriptedGateway({ fails: OVERLOADED }).gateway, { stream });
      expect(response.status).toBe(529);
      expect(await response.json()).toMatchObject({
        error: { type: "overloaded_error", details: { error_code: "endpoint_overloaded" } },
      });
    }
  });
});

describe("a message", () => {
  it("is the same streamed and whole", async () => {
    verifies(
      "stream.same-as-whole",
      "response.message-shape",
      "response.tool-use-shape",
      "response.stop-reason",
    );
    const { gateway } = scriptedGateway(TURN);
    const whole = await askForMessage(gateway);
    const events = await askForEvents(gateway);
    const folded = foldMessage(events);
    for (const field of ["content", "stop_reason", "stop_sequence", "usage"] as const) {
      expect(folded[field]).toEqual(whole[field]);
    }
    expect(whole).toEqual({
      id: expect.stringMatching(/^msg_/),
      type: "message",
      role: "assistant",
      model: "scripted/m",
      content: [
        { type: "thinking", thinking: "Let me think 😀.", signature: "scripted" },
        { type: "text", text: "Hello, wörld." },
        { type: "tool_use", id: "toolu_scripted_1", name: "get_weather", input: TURN.toolCalls[0]?.input },
        { type: "tool_use", id: "toolu_scripted_2", name: "get_time", input: {} },
      ],
      stop_reason: "tool_use",
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage: expect.objectContaining({ input_tokens: 21, output_tokens: 60 }),
    });
  });

  it("may be without content", async () => {
    verifies("response.empty-content");
    const message = await askForMessage(scriptedGateway({}).gateway);
    expect(message).toMatchObject({ content: [], stop_reason: "end_turn" });
  });
});

describe("the pieces of a call", () => {
  it("put together are its JSON, and no piece splits a character", async () => {
    verifies("tool-stream.concatenation", "tool-stream.no-arguments", "tool-stream.empty-first-piece");
    const events = await askForEvents(scriptedGateway(TURN).gateway);
    const pieces = argumentPieces(events, 2);
    expect(JSON.parse(pieces.join(""))).toEqual(TURN.toolCalls[0]?.input);
    for (const piece of pieces) {
      expect(piece).not.toBe("");
      expect(Buffer.from(piece).toString()).toBe(piece);
    }
    expect(argumentPieces(events, 3)).toEqual(["{}"]);
  });
});
