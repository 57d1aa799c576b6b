import { readFileSync } from "node:fs";
import { createAnthropic } from "@ai-sdk/anthropic";
import Anthropic, { APIError } from "@anthropic-ai/sdk";
import { foldMessage, type MessageStreamEvent } from "@ml-intern/messages";
import { describe, expect, it } from "vitest";
import { GatewayError } from "../gateway-error.ts";
import { ask, eventsIn, scriptedGateway } from "./testing/ask.ts";
import { verifies } from "./verifies.ts";

const HEADERS = { "content-type": "text/event-stream; charset=utf-8", "request-id": "req_011Example" };
const QUESTION = {
  model: "claude-sonnet-5-5",
  max_tokens: 100,
  messages: [{ role: "user" as const, content: "hi" }],
};

/** An example stream, byte for byte as the API sends it. */
function example(name: string): string {
  return readFileSync(new URL(`examples/${name}.sse`, import.meta.url), "utf8");
}

function modelIn(stream: string): string {
  return /"model":"([^"]+)"/.exec(stream)?.[1] ?? "";
}

/** What this server writes when its engine says what the example says. */
async function written(stream: string): Promise<string> {
  const events = eventsIn(stream).filter(({ type }) => type !== "ping" && type !== "error");
  const failure = eventsIn(stream).find((event) => event.type === "error");
  const answer = failure
    ? {
        after: events,
        fails: new GatewayError(failure.error.message, {
          code: "endpoint_overloaded",
          status: 529,
          type: failure.error.type,
          details: null,
        }),
      }
    : { events };
  const model = modelIn(stream);
  const { gateway } = scriptedGateway(answer, {
    models: { [model]: ["scripted/x"] },
    newId: (prefix) => `${prefix}_011Example`,
  });
  const response = await ask(gateway, { model, stream: true });
  expect(response.headers.get("request-id")).toBe("req_011Example");
  return await response.text();
}

/** The ping is ours to place, and its white space says nothing. */
function withoutPings(stream: string): string {
  return stream.replaceAll(/event: ping\ndata: .*\n\n/g, "");
}

function clientReading(stream: string): Anthropic {
  const fetch = async (): Promise<Response> => new Response(stream, { headers: HEADERS });
  return new Anthropic({ apiKey: "any", baseURL: "http://gateway.invalid", fetch, maxRetries: 0 });
}

const helpers = ["messages", "beta"] as const;

async function readBy(helper: (typeof helpers)[number], stream: string): Promise<Record<string, unknown>> {
  const client = clientReading(stream);
  const reading =
    helper === "beta" ? client.beta.messages.stream(QUESTION) : client.messages.stream(QUESTION);
  return { ...(await reading.finalMessage()) };
}

async function aiSdkParts(stream: string): Promise<readonly Record<string, unknown>[]> {
  const fetch = async (): Promise<Response> => new Response(stream, { headers: HEADERS });
  const model = createAnthropic({ apiKey: "any", baseURL: "http://gateway.invalid/v1", fetch })(
    "claude-sonnet-5-5",
  );
  const tool = (name: string): object => ({ type: "function", name, inputSchema: { type: "object" } });
  const { stream: parts } = await model.doStream({
    prompt: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
    tools: ["get_weather", "get_time", "bash", "make_file"].map(tool) as never,
  });
  const read: Record<string, unknown>[] = [];
  for await (const part of parts as unknown as AsyncIterable<Record<string, unknown>>) read.push(part);
  return read;
}

const callsIn = (parts: readonly Record<string, unknown>[]): unknown =>
  parts.flatMap(({ type, toolName, input }) => (type === "tool-call" ? [[toolName, input]] : []));

describe("this server writes an example byte for byte", () => {
  it("text", async () => {
    verifies("example.text", "stream.framing");
    const stream = example("text");
    expect(withoutPings(await written(stream))).toBe(withoutPings(stream));
    expect((await written(stream)).replaceAll(`{"type":"ping"}`, `{"type": "ping"}`)).toBe(stream);
  });

  it("text, then a call", async () => {
    verifies("example.text-then-call", "stream.framing");
    const stream = example("text-then-call");
    expect((await written(stream)).replaceAll(`{"type":"ping"}`, `{"type": "ping"}`)).toBe(stream);
  });

  it("parallel calls", async () => {
    verifies("example.parallel-calls");
    const stream = example("parallel-calls");
    expect(withoutPings(await written(stream))).toBe(stream);
  });

  it("thinking, then a call", async () => {
    verifies("example.thinking-then-call");
    const stream = example("thinking-then-call");
    expect(withoutPings(await written(stream))).toBe(stream);
  });

  it("an error in mid-stream", async () => {
    verifies("example.error-in-mid-stream", "stream.error-event");
    const stream = example("error-in-mid-stream");
    expect(withoutPings(await written(stream))).toBe(stream);
  });

  it("an eager call that was cut", async () => {
    verifies("example.eager-call-cut", "tool-stream.cut");
    const stream = example("eager-call-cut");
    expect(withoutPings(await written(stream))).toBe(stream);
  });
});

describe.each(helpers)("the official client's helper for %s reads", (helper) => {
  it("text with its cache counts", async () => {
    verifies("example.text");
    expect(await readBy(helper, example("text"))).toMatchObject({
      content: [{ type: "text", text: "Hello, world." }],
      stop_reason: "end_turn",
      usage: {
        input_tokens: 21,
        cache_creation_input_tokens: 248,
        cache_read_input_tokens: 1800,
        cache_creation: { ephemeral_5m_input_tokens: 148, ephemeral_1h_input_tokens: 100 },
        output_tokens: 6,
      },
    });
  });

  it("calls with their arguments", async () => {
    verifies("example.text-then-call", "example.parallel-calls", "example.thinking-then-call");
    expect((await readBy(helper, example("text-then-call"))).content).toMatchObject([
      { type: "text" },
      { type: "tool_use", input: { location: "San Francisco, CA", unit: "celsius" } },
    ]);
    expect(await readBy(helper, example("parallel-calls"))).toMatchObject({
      content: [{ input: { city: "Paris" } }, { name: "get_time", input: {} }],
      stop_reason: "tool_use",
    });
    expect((await readBy(helper, example("thinking-then-call"))).content).toMatchObject([
      {
        type: "thinking",
        thinking: "The user wants the file list, so I call ls.",
        signature: "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds",
      },
      { type: "tool_use", input: { command: "ls -la" } },
    ]);
  });

  it("an error in mid-stream, which it does not retry", async () => {
    verifies("example.error-in-mid-stream");
    const failure: unknown = await readBy(helper, example("error-in-mid-stream")).catch((error) => error);
    expect(failure).toBeInstanceOf(APIError);
    expect(failure).toMatchObject({
      status: undefined,
      type: "overloaded_error",
      requestID: "req_011Example",
    });
  });

  it("a call that was cut, without an error", async () => {
    verifies("example.eager-call-cut", "tool-stream.cut-in-clients");
    expect(await readBy(helper, example("eager-call-cut"))).toMatchObject({
      content: [
        { input: { filename: "poem.txt", lines_of_text: ["Beneath the vast and star-strewn sky,"] } },
      ],
      stop_reason: "max_tokens",
    });
  });
});

describe("the AI SDK reads", () => {
  it("text with its cache counts", async () => {
    verifies("example.text");
    const parts = await aiSdkParts(example("text"));
    expect(parts.at(-1)).toMatchObject({
      type: "finish",
      usage: { inputTokens: { total: 21 + 248 + 1800, noCache: 21, cacheRead: 1800, cacheWrite: 248 } },
    });
  });

  it("calls, whole and cut", async () => {
    verifies(
      "example.text-then-call",
      "example.parallel-calls",
      "example.eager-call-cut",
      "tool-stream.cut-in-clients",
    );
    expect(callsIn(await aiSdkParts(example("text-then-call")))).toEqual([
      ["get_weather", '{"location": "San Francisco, CA", "unit": "celsius"}'],
    ]);
    expect(callsIn(await aiSdkParts(example("parallel-calls")))).toEqual([
      ["get_weather", '{"city": "Paris"}'],
      ["get_time", "{}"],
    ]);
    const cut = await aiSdkParts(example("eager-call-cut"));
    expect(callsIn(cut)).toEqual([
      [
        "make_file",
        '{"filename": "poem.txt", "lines_of_text": ["Beneath the vast and star-strewn sky,", "Where silver moonbeams soft',
      ],
    ]);
    expect(cut.at(-1)).toMatchObject({ type: "finish", finishReason: { unified: "length" } });
  });

  it("signed thinking, and an error in mid-stream", async () => {
    verifies("example.thinking-then-call", "example.error-in-mid-stream");
    const parts = await aiSdkParts(example("thinking-then-call"));
    expect(parts.map(({ type }) => type)).toContain("reasoning-start");
    expect(callsIn(parts)).toEqual([["bash", '{"command": "ls -la"}']]);
    const failed = await aiSdkParts(example("error-in-mid-stream"));
    expect(failed.map(({ type }) => type)).toEqual(expect.arrayContaining(["text-start", "error"]));
  });
});

describe("our own fold reads", () => {
  const fold = (name: string): unknown =>
    foldMessage(
      eventsIn(example(name)).filter((event): event is MessageStreamEvent => event.type !== "ping"),
    );

  it("what the official client reads", async () => {
    verifies(
      "example.text",
      "example.text-then-call",
      "example.parallel-calls",
      "example.thinking-then-call",
      "tool-stream.cut-in-clients",
    );
    for (const name of ["text", "text-then-call", "parallel-calls", "thinking-then-call"]) {
      const { content, stop_reason: reason, usage } = await readBy("messages", example(name));
      expect(fold(name)).toMatchObject({ stop_reason: reason, usage: JSON.parse(JSON.stringify(usage)) });
      expect(JSON.parse(JSON.stringify((fold(name) as { content: unknown }).content))).toMatchObject(
        JSON.parse(JSON.stringify(content)),
      );
    }
    expect(() => fold("error-in-mid-stream")).toThrow("Overloaded");
  });
});
