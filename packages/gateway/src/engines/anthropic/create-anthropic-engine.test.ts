import Anthropic from "@anthropic-ai/sdk";
import { SseDecoder } from "@ml-intern/messages";
import { type ScriptedAnswer, scriptedEngine, turnEvents } from "@ml-intern/testkit";
import { describe, expect, it } from "vitest";
import { createGateway, type Gateway } from "../../create-gateway.ts";
import { GatewayError } from "../../gateway-error.ts";
import { gatewayFetch } from "../../gateway-fetch.ts";
import { createAnthropicEngine } from "./create-anthropic-engine.ts";

interface Sent {
  readonly url: string;
  readonly headers: Headers;
  readonly body: Record<string, unknown> | null;
}

/**
 * A gateway over the engine, which asks whatever `answer` says. Without `relay`, as batches and late fallbacks use it:
 * event by event.
 */
function gatewayTo(answer: typeof fetch): { gateway: Gateway; client: Anthropic; sent: Sent[] } {
  const sent: Sent[] = [];
  const spy: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const text = await request.clone().text();
    sent.push({ url: request.url, headers: request.headers, body: text === "" ? null : JSON.parse(text) });
    return answer(request);
  };
  const { relay: _, ...engine } = createAnthropicEngine({
    apiKey: "sk-ant",
    baseUrl: "http://api.invalid/",
    fetch: spy,
  });
  const gateway = createGateway({ engines: { anthropic: engine } });
  const options = { apiKey: "any", baseURL: "http://gateway.invalid", maxRetries: 0 };
  return { gateway, client: new Anthropic({ ...options, fetch: gatewayFetch(gateway) }), sent };
}

/** Anthropic's API as another gateway plays it: the same protocol on both sides. */
function api(script: readonly ScriptedAnswer[]): typeof fetch {
  const engine = scriptedEngine(script, { name: "claude" });
  return gatewayFetch(createGateway({ engines: { claude: engine }, models: { "*": ["claude/*"] } }));
}

function sse(...events: readonly object[]): typeof fetch {
  const text = events.map(
    (event) => `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`,
  );
  return async () => new Response(text.join(""), { headers: { "content-type": "text/event-stream" } });
}

const QUESTION = { max_tokens: 10, messages: [{ role: "user" as const, content: "hi" }] };
const ASKED = { ...QUESTION, model: "anthropic/claude-x" };

function post(gateway: Gateway, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return Promise.resolve(
    gateway.request("/v1/messages", { method: "POST", body: JSON.stringify(body), headers }),
  );
}

describe("a request", () => {
  it("goes on with its unknown fields, betas and version, under the engine's key and the model's own name", async () => {
    const { gateway, sent } = gatewayTo(api([{ text: "Hello" }]));
    const body = { ...ASKED, stream: true, output_config: { effort: "high", novel: [1] } };
    const headers = {
      "x-api-key": "client's",
      "anthropic-beta": "a-1,b-2",
      "anthropic-version": "2026-10-21",
    };
    const response = await post(gateway, body, headers);
    expect(response.status).toBe(200);
    expect(sent[0]?.url).toBe("http://api.invalid/v1/messages");
    expect(sent[0]?.body).toEqual({ ...body, model: "claude-x" });
    expect(Object.fromEntries(sent[0]?.headers ?? [])).toMatchObject({ ...headers, "x-api-key": "sk-ant" });
  });

  it("that is not streamed here is streamed there, without unchecked arguments", async () => {
    const { client, sent } = gatewayTo(api([{ text: "Hello", toolCalls: [{ name: "f", input: { a: 1 } }] }]));
    const tool = { name: "f", input_schema: { type: "object" as const }, eager_input_streaming: true };
    const betas = { headers: { "anthropic-beta": "fine-grained-tool-streaming-2025-05-14,b-2" } };
    const message = await client.messages.create({ ...ASKED, tools: [tool] }, betas);
    expect(message).toMatchObject({
      model: "anthropic/claude-x",
      content: [{ text: "Hello" }, { name: "f", input: { a: 1 } }],
      stop_reason: "tool_use",
    });
    expect(sent[0]?.body).toMatchObject({ stream: true, tools: [{ eager_input_streaming: false }] });
    expect(sent[0]?.headers.get("anthropic-beta")).toBe("b-2");
  });

  it("for no tokens is not streamed, and keeps what the cache did", async () => {
    const usage = {
      input_tokens: 3,
      cache_creation_input_tokens: 2048,
      cache_read_input_tokens: 0,
      output_tokens: 0,
    };
    const whole = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-x",
      content: [],
      stop_reason: "max_tokens",
      stop_sequence: null,
      usage,
    };
    const { client, sent } = gatewayTo(async () => Response.json(whole));
    expect(await client.messages.create({ ...ASKED, max_tokens: 0 })).toMatchObject({
      stop_reason: "max_tokens",
      content: [],
      usage,
    });
    expect(sent[0]?.body).toMatchObject({ stream: false, max_tokens: 0 });
  });

  it("for a count, and for models, is answered by the API", async () => {
    const { client, sent } = gatewayTo(async (input) => {
      if ((input as Request).url.includes("count")) return Response.json({ input_tokens: 17 });
      return Response.json({
        data: [
          {
            id: "claude-x",
            display_name: "Claude X",
            created_at: "2026-01-01T00:00:00Z",
            max_input_tokens: 1_000_000,
          },
        ],
      });
    });
    const { max_tokens: _, ...question } = ASKED;
    expect(await client.messages.countTokens(question)).toMatchObject({ input_tokens: 17 });
    expect((await client.models.list()).data).toMatchObject([
      {
        id: "anthropic/claude-x",
        display_name: "Claude X",
        created_at: "2026-01-01T00:00:00Z",
        max_input_tokens: 1_000_000,
      },
    ]);
    expect(sent.map(({ url }) => url)).toEqual([
      "http://api.invalid/v1/messages/count_tokens",
      "http://api.invalid/v1/models?limit=1000",
    ]);
  });
});

describe("an answer", () => {
  it("comes through event by event, unknown kinds included", async () => {
    const events = [...turnEvents({ text: "Hi" }, { model: "claude-x" })];
    const block = {
      type: "content_block_start",
      index: 1,
      content_block: { type: "server_tool_use", id: "srvtoolu_1", novel: 1 },
    };
    const stream = [
      ...events.slice(0, 4),
      { type: "ping" },
      block,
      { type: "content_block_stop", index: 1 },
      { type: "novel" },
      ...events.slice(4),
    ];
    const { gateway } = gatewayTo(sse(...stream));
    const response = await post(gateway, { ...ASKED, stream: true });
    const received = new SseDecoder()
      .push(await response.text())
      .map(({ data }) => JSON.parse(data) as { type: string });
    const expected = JSON.parse(JSON.stringify(stream)) as typeof received;
    expect(received.filter(({ type }) => type !== "ping").slice(1)).toEqual(
      expected.filter(({ type }) => type !== "ping").slice(1),
    );
    expect(received.filter(({ type }) => type === "ping")).toHaveLength(1);
  });

  it("that is an error keeps status, type, wording, details and retry hints", async () => {
    const error = {
      type: "rate_limit_error",
      message: "Number of tokens has exceeded your limit",
      details: { error_code: "enforced_spend_limit_reached" },
    };
    const headers = {
      "retry-after": "30",
      "x-should-retry": "false",
      "anthropic-ratelimit-tokens-remaining": "0",
      "x-other": "1",
    };
    const { gateway } = gatewayTo(async () =>
      Response.json({ type: "error", error, request_id: "req_theirs" }, { status: 429, headers }),
    );
    const response = await post(gateway, ASKED);
    expect(response.status).toBe(429);
    expect(await response.json()).toEqual({
      type: "error",
      error,
      request_id: response.headers.get("request-id"),
    });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "retry-after": "30",
      "x-should-retry": "false",
      "anthropic-ratelimit-tokens-remaining": "0",
    });
    expect(response.headers.get("x-other")).toBeNull();
  });

  it("that fails in the middle ends in the API's own error", async () => {
    const after = [...turnEvents({ text: "Hi" })].slice(0, 3);
    const fails = new GatewayError("Overloaded", {
      code: "endpoint_overloaded",
      status: 529,
      type: "overloaded_error",
      details: null,
    });
    const { gateway } = gatewayTo(
      api([
        { after, fails },
        { after, fails },
      ]),
    );
    const response = await post(gateway, { ...ASKED, stream: true });
    const last = new SseDecoder().push(await response.text()).at(-1);
    expect(JSON.parse(last?.data ?? "")).toEqual({
      type: "error",
      error: { type: "overloaded_error", message: "Overloaded" },
      request_id: response.headers.get("request-id"),
    });
    expect((await post(gateway, ASKED)).status).toBe(529);
  });

  it.each<[string, typeof fetch, object]>([
    [
      "is cut",
      sse(...[...turnEvents({ text: "Hi" })].slice(0, 3)),
      { details: { error_code: "endpoint_cut" } },
    ],
    ["is a web page", async () => new Response("<html>"), { details: { error_code: "endpoint_cut" } }],
    [
      "is no event",
      async () => new Response("data: x\n\n"),
      { details: { error_code: "endpoint_nonsense" } },
    ],
    [
      "has an event without end",
      async () => new Response(`data: ${"x".repeat(33 * 1024 * 1024)}`),
      { details: { error_code: "endpoint_nonsense" } },
    ],
    [
      "is an error page",
      async () => new Response("<html>", { status: 502 }),
      { type: "api_error", details: { error_code: "endpoint_nonsense" } },
    ],
    [
      "never comes",
      async () => Promise.reject(new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } })),
      { details: { error_code: "endpoint_unreachable" } },
    ],
  ])("that %s is an error before the client is told otherwise", async (_, answer, error) => {
    const response = await post(gatewayTo(answer).gateway, ASKED);
    expect(response.status).toBeGreaterThanOrEqual(500);
    expect(await response.json()).toMatchObject({ error });
  });
});
