import { once } from "node:events";
import { createServer } from "node:net";
import Anthropic from "@anthropic-ai/sdk";
import {
  foldMessage,
  type Message,
  type MessageStreamEvent,
  type MessagesRequest,
} from "@ml-intern/messages";
import {
  type OpenAiAnswer,
  openAiChunk,
  type ScriptedOpenAiServer,
  startScriptedOpenAiServer,
} from "@ml-intern/testkit";
import { describe, expect, it } from "vitest";
import { createGateway } from "../../create-gateway.ts";
import { GatewayError } from "../../gateway-error.ts";
import { gatewayFetch } from "../../gateway-fetch.ts";
import { serveGateway } from "../../serve-gateway.ts";
import { createOpenAiEngine, type OpenAiEngineOptions } from "./create-openai-engine.ts";

const REQUEST: MessagesRequest = {
  model: "scripted",
  max_tokens: 100,
  messages: [{ role: "user", content: "hi" }],
};
const NEVER = new AbortController().signal;

async function ask(
  server: Pick<ScriptedOpenAiServer, "baseUrl">,
  { request = {}, ...options }: Partial<OpenAiEngineOptions> & { request?: Partial<MessagesRequest> } = {},
): Promise<Message> {
  const engine = createOpenAiEngine({ baseUrl: server.baseUrl, ...options });
  const events: MessageStreamEvent[] = [];
  const answer = engine.generate(
    { ...REQUEST, ...request },
    { signal: NEVER, headers: new Headers(), workspace: "default" },
  );
  for await (const event of answer) events.push(event);
  return foldMessage(events);
}

async function failure(
  server: Pick<ScriptedOpenAiServer, "baseUrl">,
  options: Parameters<typeof ask>[1] = {},
): Promise<GatewayError> {
  const error: unknown = await ask(server, options).then(
    () => null,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(GatewayError);
  return error as GatewayError;
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

describe("the official client, through the gateway, at an OpenAI-compatible endpoint", () => {
  it.each(["in process", "over sockets"])(
    "runs a tool loop of two steps with parallel calls, %s",
    async (way) => {
      await using server = await startScriptedOpenAiServer(
        [
          {
            thinking: "I need the weather.",
            text: "Let me look.",
            toolCalls: [
              { name: "get_weather", input: { city: "Paris", note: 'é "quoted" 😀\n' } },
              { name: "get_time", input: {} },
            ],
          },
          { toolCalls: [{ name: "get_weather", input: { city: "Rome" } }] },
          { text: "Sunny in both.", usage: { input_tokens: 321, output_tokens: 12 } },
        ],
        { apiKey: "sk-upstream" },
      );
      const engine = createOpenAiEngine({ baseUrl: server.baseUrl, apiKey: "sk-upstream" });
      const gateway = createGateway({ engines: { openai: engine } });
      await using served = await serveGateway({ app: gateway });
      const client = new Anthropic({
        apiKey: "any",
        baseURL: way === "in process" ? "http://gateway.invalid" : served.url,
        ...(way === "in process" ? { fetch: gatewayFetch(gateway) } : {}),
      });
      const ran: unknown[] = [];
      const tool = (name: string) => ({
        name,
        description: name,
        input_schema: { type: "object" as const },
        parse: (input: unknown) => input,
        run: (input: unknown) => {
          ran.push([name, input]);
          return "sunny";
        },
      });
      const runner = client.beta.messages.toolRunner({
        model: "openai/scripted",
        max_tokens: 100,
        stream: true,
        messages: [{ role: "user", content: "Weather?" }],
        tools: [tool("get_weather"), tool("get_time")],
      });
      for await (const stream of runner) for await (const _ of stream);
      expect(ran).toEqual([
        ["get_weather", { city: "Paris", note: 'é "quoted" 😀\n' }],
        ["get_time", {}],
        ["get_weather", { city: "Rome" }],
      ]);
      expect(await runner.done()).toMatchObject({
        model: "openai/scripted",
        content: [{ type: "text", text: "Sunny in both." }],
        stop_reason: "end_turn",
        usage: { input_tokens: 321, output_tokens: 12, cache_read_input_tokens: 0 },
      });
      const second = server.requests[1]?.body.messages ?? [];
      expect(second.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "tool"]);
      expect(second[1]).toMatchObject({ content: "Let me look." });
    },
  );

  it("shows tool arguments while they are written, when the tool asks for it", async () => {
    const body = "x".repeat(5000);
    await using server = await startScriptedOpenAiServer(() => ({
      toolCalls: [{ name: "write", input: { body } }],
    }));
    const gateway = createGateway({ engines: { openai: createOpenAiEngine({ baseUrl: server.baseUrl }) } });
    const client = new Anthropic({
      apiKey: "any",
      baseURL: "http://gateway.invalid",
      fetch: gatewayFetch(gateway),
    });
    const deltas = async (eager: boolean): Promise<number> => {
      const stream = client.messages.stream({
        model: "openai/scripted",
        max_tokens: 100,
        messages: [{ role: "user", content: "go" }],
        tools: [{ name: "write", input_schema: { type: "object" }, eager_input_streaming: eager }],
      });
      let count = 0;
      stream.on("inputJson", () => count++);
      expect((await stream.finalMessage()).content).toMatchObject([{ input: { body } }]);
      return count;
    };
    expect(await deltas(true)).toBeGreaterThan(2);
    expect(await deltas(false)).toBeLessThanOrEqual(3);
  });

  it("stops the endpoint when the client leaves", async () => {
    await using server = await startScriptedOpenAiServer([
      { failure: "stall", chunks: [openAiChunk({ content: "Hel" })] },
    ]);
    const gateway = createGateway({ engines: { openai: createOpenAiEngine({ baseUrl: server.baseUrl }) } });
    await using served = await serveGateway({ app: gateway });
    const client = new Anthropic({ apiKey: "any", baseURL: served.url });
    const messages = [{ role: "user" as const, content: "hi" }];
    const request = { model: "openai/scripted", max_tokens: 100, messages, stream: true } as const;
    for await (const event of await client.messages.create(request)) {
      if (event.type === "content_block_delta") break;
    }
    await server.clientLeft();
  });

  it("learns of a cut in the middle by one error event", async () => {
    await using server = await startScriptedOpenAiServer([
      { failure: "cut", chunks: [openAiChunk({ content: "Hel" }), openAiChunk({ content: "lo" })] },
    ]);
    const gateway = createGateway({ engines: { openai: createOpenAiEngine({ baseUrl: server.baseUrl }) } });
    const body = JSON.stringify({ ...REQUEST, model: "openai/scripted", stream: true });
    const response = await gateway.request("/v1/messages", { method: "POST", body });
    expect(response.status).toBe(200);
    const lines = (await response.text()).split("\n").filter((line) => line.startsWith("data: "));
    const events = lines.map((line) => JSON.parse(line.slice("data: ".length)));
    // One delta or two, as the machine has time.
    expect(events.map(({ delta }) => delta?.text ?? "").join("")).toBe("Hello");
    expect(events.at(-1)).toMatchObject({
      type: "error",
      error: { type: "api_error", details: { error_code: "endpoint_cut" } },
    });
  });
});

describe("an endpoint that cannot be reached", () => {
  it("because nothing listens", async () => {
    const baseUrl = `http://127.0.0.1:${await closedPort()}/v1`;
    expect(await failure({ baseUrl })).toMatchObject({
      code: "endpoint_unreachable",
      status: 503,
      message: `The endpoint ${baseUrl} cannot be reached: nothing listens there`,
      mend: "Start the server, or correct its URL.",
    });
  });

  it("because its name has no address", async () => {
    expect(await failure({ baseUrl: "http://no-such-host.invalid/v1" })).toMatchObject({
      code: "endpoint_unreachable",
      message: expect.stringContaining("the name no-such-host.invalid has no address"),
      headers: { "x-should-retry": "false" },
    });
  });

  it("because it is no URL", async () => {
    expect(await failure({ baseUrl: "localhost/v1" })).toMatchObject({
      message: expect.stringContaining("not a URL"),
    });
  });

  it("because it hangs up", async () => {
    await using server = await startScriptedOpenAiServer([{ failure: "refuse" }]);
    expect(await failure(server)).toMatchObject({
      code: "endpoint_unreachable",
      message: expect.stringContaining("closed the connection without an answer"),
    });
  });

  it("because it never answers", async () => {
    await using server = await startScriptedOpenAiServer([{ failure: "slow" }]);
    expect(await failure(server, { silenceMs: 20 })).toMatchObject({
      code: "endpoint_timeout",
      status: 504,
      type: "timeout_error",
      message: expect.stringContaining("did not begin to answer"),
    });
    await server.clientLeft();
  });

  it("because it falls silent", async () => {
    await using server = await startScriptedOpenAiServer([
      { failure: "stall", chunks: [openAiChunk({ content: "a" })] },
    ]);
    expect(await failure(server, { silenceMs: 500 })).toMatchObject({
      code: "endpoint_timeout",
      message: expect.stringContaining("fell silent"),
    });
  });
});

describe("an endpoint that answers", () => {
  const refusal = (status: number, json: unknown, headers = {}): OpenAiAnswer => ({ status, json, headers });
  const openAiError = (message: string, rest: object = {}): object => ({ error: { message, ...rest } });

  it.each<[string, OpenAiAnswer, object]>([
    [
      "a web page",
      { failure: "nonsense" },
      { code: "endpoint_nonsense", status: 502, mend: expect.stringContaining("/v1") },
    ],
    [
      "text that is not JSON",
      { body: "data: hello\n\n" },
      { code: "endpoint_nonsense", message: expect.stringContaining("not JSON: hello") },
    ],
    [
      "JSON that is no completion",
      { body: 'data: {"choices":[{"delta":{"content":7}}]}\n\n' },
      { code: "endpoint_nonsense", message: expect.stringContaining("choices.0.delta.content") },
    ],
    ["nothing", { body: "" }, { code: "endpoint_cut", status: 502 }],
    [
      "and stops without finish",
      { chunks: [openAiChunk({ content: "a" })], done: false },
      { code: "endpoint_cut" },
    ],
    [
      "and is cut",
      { failure: "cut", chunks: [openAiChunk({ content: "a" })] },
      { code: "endpoint_cut", status: 502 },
    ],
    [
      "with an error within the stream",
      { chunks: [openAiChunk({ content: "a" }), openAiError("out of memory", { code: 503 })] as never },
      { code: "endpoint_overloaded", status: 529, message: expect.stringContaining("out of memory") },
    ],
    [
      "429",
      { failure: "rate_limit", retryAfter: 7 },
      {
        code: "endpoint_rate_limited",
        status: 429,
        type: "rate_limit_error",
        headers: { "retry-after": "7" },
      },
    ],
    [
      "429 for good",
      refusal(429, openAiError("You exceeded your quota", { code: "insufficient_quota" })),
      { headers: { "x-should-retry": "false" } },
    ],
    ["402", refusal(402, { error: "pay" }), { status: 402, type: "billing_error" }],
    ["403", refusal(403, openAiError("no")), { status: 403, type: "permission_error" }],
    ["413", refusal(413, "too big"), { status: 413, type: "request_too_large" }],
    [
      "500",
      refusal(500, openAiError("boom")),
      {
        code: "endpoint_failed",
        status: 502,
        type: "api_error",
        message: expect.stringContaining("500: boom"),
      },
    ],
    [
      "503 while loading",
      refusal(503, openAiError("Loading model", { code: 503, type: "unavailable_error" })),
      { code: "endpoint_overloaded", status: 529, type: "overloaded_error" },
    ],
    ["504", refusal(504, {}), { status: 504, type: "timeout_error" }],
    [
      "400",
      refusal(400, openAiError("bad image")),
      {
        code: "endpoint_refused_request",
        status: 400,
        type: "invalid_request_error",
        message: expect.stringContaining("400: bad image"),
      },
    ],
    [
      "422 in words of its own",
      refusal(422, { detail: [{ msg: "extra" }] }),
      { status: 400, message: expect.stringContaining('[{"msg":"extra"}]') },
    ],
    [
      "that the prompt is too long",
      refusal(400, openAiError("8000 > 4096", { type: "exceed_context_size_error" })),
      { status: 400, message: "prompt is too long: 8000 > 4096" },
    ],
    [
      "that the prompt is too long, in a sentence",
      refusal(400, { object: "error", message: "This model's maximum context length is 4096 tokens." }),
      { message: expect.stringMatching(/^prompt is too long: This/) },
    ],
    [
      "that the model is unknown",
      refusal(404, openAiError("The model `x` does not exist.")),
      {
        code: "model_not_found",
        status: 404,
        message: "model: openai/scripted",
        mend: expect.stringMatching(/does not exist.*It has `openai\/a`, `openai\/b`\./),
      },
    ],
    [
      "that the model is unknown, with 400",
      refusal(400, openAiError("x", { code: "model_not_found" })),
      { code: "model_not_found" },
    ],
  ])("%s", async (_, answer, expected) => {
    await using server = await startScriptedOpenAiServer([answer], { models: ["a", "b"] });
    expect(await failure(server)).toMatchObject(expected);
  });

  it("401 to a wrong key", async () => {
    await using server = await startScriptedOpenAiServer([], { apiKey: "right" });
    expect(await failure(server, { apiKey: "wrong" })).toMatchObject({
      code: "endpoint_refused_key",
      status: 401,
      type: "authentication_error",
      message: `The endpoint ${server.baseUrl} answered 401: Invalid API key`,
      mend: "Configure the API key that this endpoint expects.",
    });
  });

  it("404 because the base URL is wrong", async () => {
    await using server = await startScriptedOpenAiServer([]);
    expect(await failure({ baseUrl: server.baseUrl.replace("/v1", "/api") })).toMatchObject({
      code: "endpoint_nonsense",
      mend: "Check the base URL: it usually ends in /v1.",
    });
  });

  it("the whole completion at once", async () => {
    const message = {
      role: "assistant",
      content: "Hi",
      tool_calls: [{ id: "1", function: { name: "f", arguments: "{}" } }],
    };
    const json = {
      choices: [{ message, finish_reason: "tool_calls" }],
      usage: { prompt_tokens: 3, completion_tokens: 2 },
    };
    await using server = await startScriptedOpenAiServer([{ status: 200, json }]);
    expect(await ask(server)).toMatchObject({
      content: [{ text: "Hi" }, { name: "f", input: {} }],
      stop_reason: "tool_use",
      usage: { input_tokens: 3, output_tokens: 2 },
    });
  });

  it("with a finish reason but no [DONE], or with [DONE] but no finish reason", async () => {
    await using server = await startScriptedOpenAiServer([
      { chunks: [openAiChunk({ content: "a" }, "stop")], done: false },
      { failure: "cut", chunks: [openAiChunk({ content: "a" }, "stop")] },
      { chunks: [openAiChunk({ content: "a" })] },
    ]);
    for (let index = 0; index < 3; index++) {
      expect(await ask(server)).toMatchObject({ content: [{ text: "a" }], stop_reason: "end_turn" });
    }
  });
});

describe("an endpoint that refuses a field", () => {
  const unsupported = (param: string): OpenAiAnswer => ({
    status: 400,
    json: { error: { message: "Unsupported parameter", param, code: "unsupported_parameter" } },
  });

  it("is asked again without it, and the next time at once", async () => {
    await using server = await startScriptedOpenAiServer((body): OpenAiAnswer => {
      if ("max_tokens" in body) return unsupported("max_tokens");
      if ("stream_options" in body)
        return { status: 422, json: { detail: "stream_options: Extra inputs are not permitted" } };
      if ("parallel_tool_calls" in body) return unsupported("parallel_tool_calls");
      return { text: "ok" };
    });
    const engine = createOpenAiEngine({ baseUrl: server.baseUrl });
    const request: MessagesRequest = {
      ...REQUEST,
      tools: [{ name: "f", input_schema: { type: "object" } }],
      tool_choice: { type: "auto", disable_parallel_tool_use: true },
    };
    for (let turn = 0; turn < 2; turn++) {
      for await (const _ of engine.generate(request, {
        signal: NEVER,
        headers: new Headers(),
        workspace: "default",
      }));
    }
    expect(server.requests).toHaveLength(5);
    expect(server.requests[4]?.body).toMatchObject({ max_completion_tokens: 100, tool_choice: "auto" });
    expect(server.requests[4]?.body).not.toHaveProperty("max_tokens");
  });

  it("for its value gets no second meaning", async () => {
    await using server = await startScriptedOpenAiServer(() => ({
      status: 400,
      json: { error: { message: "max_tokens is too large; max_completion_tokens too" } },
    }));
    expect(await failure(server)).toMatchObject({ code: "endpoint_refused_request", status: 400 });
    expect(server.requests).toHaveLength(2);
  });
});

describe("the rest of the engine", () => {
  it("answers a request for no tokens by itself", async () => {
    await using server = await startScriptedOpenAiServer([]);
    expect(await ask(server, { request: { max_tokens: 0 } })).toMatchObject({
      content: [],
      stop_reason: "max_tokens",
      usage: { output_tokens: 0 },
    });
    expect(server.requests).toEqual([]);
  });

  it("lists models with what the endpoint says about them", async () => {
    const engine = createOpenAiEngine({
      baseUrl: "http://h/v1/",
      fetch: async (url) => {
        expect(url).toBe("http://h/v1/models");
        return Response.json({
          data: [
            { id: "a", created: 1_700_000_000, max_model_len: 4096 },
            { id: "b", meta: { n_ctx_train: 2048 }, architecture: { input_modalities: ["text", "image"] } },
            { id: "c", created: "never" },
          ],
        });
      },
    });
    expect(await engine.listModels({ signal: NEVER })).toMatchObject([
      { id: "a", contextWindow: 4096, createdAt: "2023-11-14T22:13:20.000Z" },
      { id: "b", contextWindow: 2048, supportsImages: true },
      { id: "c", contextWindow: null },
    ]);
  });

  it("offers the configured models without asking", async () => {
    const model = {
      id: "m",
      displayName: "M",
      contextWindow: 1,
      maxOutputTokens: 1,
      supportsImages: false,
      supportsThinking: false,
    };
    const engine = createOpenAiEngine({ baseUrl: "http://h.invalid", models: [model] });
    expect(await engine.listModels({ signal: NEVER })).toEqual([model]);
    expect(await engine.describe?.("m")).toEqual(model);
    expect(await engine.describe?.("other")).toBeNull();
  });

  it("estimates prompts by length, pictures at a flat rate, cache markers at nothing", async () => {
    const engine = createOpenAiEngine({ baseUrl: "http://h.invalid" });
    const count = (content: MessagesRequest["messages"][number]["content"]): Promise<number> =>
      engine.countTokens(
        { model: "m", messages: [{ role: "user", content }] },
        { signal: NEVER, headers: new Headers(), workspace: "default" },
      );
    const text = { type: "text", text: "x".repeat(400) } as const;
    const plain = await count([text]);
    expect(plain).toBeGreaterThan(100);
    expect(plain).toBeLessThan(130);
    expect(await count([{ ...text, cache_control: { type: "ephemeral" } }])).toBe(plain);
    const image = {
      type: "image",
      source: { type: "base64", media_type: "image/png", data: "A".repeat(99_999) },
    } as const;
    expect(await count([text, image])).toBeLessThan(plain + 1600);
  });
});
