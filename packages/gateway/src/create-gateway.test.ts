import Anthropic, { APIError, NotFoundError, OverloadedError } from "@anthropic-ai/sdk";
import { SseDecoder } from "@ml-intern/messages";
import { type ScriptedEngine, scriptedEngine, turnEvents } from "@ml-intern/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGateway, type Gateway, type GatewayOptions } from "./create-gateway.ts";
import { GatewayError } from "./gateway-error.ts";
import { gatewayFetch } from "./gateway-fetch.ts";
import { type ServedGateway, serveGateway } from "./serve-gateway.ts";

const TOOL = { name: "get_weather", description: "w", input_schema: { type: "object" as const } };
const QUESTION = {
  model: "scripted/some/model",
  max_tokens: 100,
  messages: [{ role: "user" as const, content: "hi" }],
};
const OVERLOADED = new GatewayError("Overloaded", {
  code: "endpoint_overloaded",
  status: 529,
  type: "overloaded_error",
  headers: { "retry-after-ms": "1" },
});

function gatewayOf(engine: ScriptedEngine, options: Partial<GatewayOptions> = {}): Gateway {
  return createGateway({ engines: { scripted: engine }, ...options });
}

function post(gateway: Gateway, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return Promise.resolve(gateway.request("/v1/messages", { method: "POST", body: text, headers }));
}

async function eventsOf(
  response: Response,
): Promise<readonly { event: string | null; data: { type: string } }[]> {
  return new SseDecoder()
    .push(await response.text())
    .map(({ event, data }) => ({ event, data: JSON.parse(data) }));
}

describe.each(["in process", "over a socket"])("the official client %s", (way) => {
  let served: ServedGateway | null = null;
  afterEach(async () => {
    await served?.close();
    served = null;
  });

  async function clientOf(engine: ScriptedEngine, options: Partial<GatewayOptions> = {}): Promise<Anthropic> {
    const gateway = gatewayOf(engine, options);
    if (way === "in process") {
      const base = { baseURL: "http://gateway.invalid", apiKey: "any", maxRetries: 0 };
      return new Anthropic({ ...base, fetch: gatewayFetch(gateway) });
    }
    served = await serveGateway({ app: gateway });
    return new Anthropic({ baseURL: served.url, apiKey: "any", maxRetries: 0 });
  }

  it("gets text, thinking and usage, streamed and at once alike", async () => {
    const turn = {
      thinking: "Let me think 😀.",
      text: "Hello, world.",
      usage: { input_tokens: 21, output_tokens: 6 },
    };
    const client = await clientOf(scriptedEngine([turn, turn]));
    const stream = client.messages.stream(QUESTION);
    let text = "";
    stream.on("text", (delta) => {
      text += delta;
    });
    const streamed = await stream.finalMessage();
    const whole = await client.messages.create(QUESTION);
    expect(text).toBe("Hello, world.");
    expect(whole).toMatchObject({
      type: "message",
      model: "scripted/some/model",
      stop_reason: "end_turn",
      content: [
        { type: "thinking", thinking: "Let me think 😀.", signature: "scripted" },
        { type: "text", text: "Hello, world." },
      ],
      usage: {
        input_tokens: 21,
        output_tokens: 6,
        cache_read_input_tokens: 0,
        cache_creation_input_tokens: 0,
      },
    });
    for (const part of ["content", "stop_reason", "usage"] as const)
      expect(streamed[part]).toEqual(whole[part]);
    expect(whole._request_id).toMatch(/^req_\w{24}$/);
    expect(stream.request_id).toMatch(/^req_/);
  });

  it("runs a loop of two tool steps, the first with parallel calls", async () => {
    const engine = scriptedEngine([
      {
        text: "Let me look.",
        toolCalls: [
          { name: "get_weather", input: { city: "Paris", note: 'é\n"😀' } },
          { name: "get_weather", input: {}, id: "toolu_b" },
        ],
      },
      { toolCalls: [{ name: "get_weather", input: { city: "Rome" } }] },
      { text: "Sunny everywhere." },
    ]);
    const client = await clientOf(engine);
    const asked: unknown[] = [];
    const runner = client.beta.messages.toolRunner({
      ...QUESTION,
      stream: true,
      tools: [
        {
          ...TOOL,
          parse: (input: unknown) => input,
          run: (input: unknown) => {
            asked.push(input);
            return "sunny";
          },
        },
      ],
    });
    for await (const stream of runner) for await (const _ of stream);
    expect(asked).toEqual([{ city: "Paris", note: 'é\n"😀' }, {}, { city: "Rome" }]);
    expect(await runner.done()).toMatchObject({
      content: [{ text: "Sunny everywhere." }],
      stop_reason: "end_turn",
    });
    expect(engine.requests[1]?.messages[2]?.content).toMatchObject([
      { type: "tool_result", tool_use_id: "toolu_scripted_1", content: "sunny" },
      { type: "tool_result", tool_use_id: "toolu_b", content: "sunny" },
    ]);
  });

  it("gets a status, not a stream, when the engine fails before its first event", async () => {
    const client = await clientOf(scriptedEngine([{ fails: OVERLOADED }, { fails: OVERLOADED }]));
    for (const stream of [true, false]) {
      const failure: unknown = await client.messages.create({ ...QUESTION, stream }).catch((error) => error);
      expect(failure).toBeInstanceOf(OverloadedError);
      expect(failure).toMatchObject({ status: 529, type: "overloaded_error", apiMessage: "Overloaded" });
      expect((failure as APIError).requestID).toMatch(/^req_/);
    }
  });

  it("gets what came, then one error, when the engine fails in the middle", async () => {
    const after = [...turnEvents({ text: "Partial answer" })].slice(0, 4);
    const client = await clientOf(
      scriptedEngine([
        { after, fails: OVERLOADED },
        { after, fails: OVERLOADED },
      ]),
    );
    const stream = client.messages.stream(QUESTION);
    let text = "";
    stream.on("text", (delta) => {
      text += delta;
    });
    const failure: unknown = await stream.finalMessage().catch((error) => error);
    expect(text).toBe("Partial answer");
    expect(failure).toBeInstanceOf(APIError);
    expect(failure).toMatchObject({ status: undefined, type: "overloaded_error" });
    const whole: unknown = await client.messages.create(QUESTION).catch((error) => error);
    expect(whole).toMatchObject({ status: 529, type: "overloaded_error" });
  });

  it("stops the engine by leaving: abort before the first event, break in the middle", async () => {
    const after = [...turnEvents({ text: "Partial answer" })].slice(0, 4);
    const engine = scriptedEngine([{ hangs: true, after }, { hangs: true }, { hangs: true }]);
    const client = await clientOf(engine);
    for await (const event of await client.messages.create({ ...QUESTION, stream: true })) {
      if (event.type === "content_block_delta") break;
    }
    await engine.idle();

    for (const stream of [true, false]) {
      const controller = new AbortController();
      const answer = client.messages.create({ ...QUESTION, stream }, { signal: controller.signal });
      const outcome = answer.then(
        () => "answered",
        (error: unknown) => error,
      );
      while (engine.running === 0) await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      expect(await outcome).toBeInstanceOf(Anthropic.APIUserAbortError);
      await engine.idle();
    }
  });

  it("counts tokens, and lists and finds models", async () => {
    const names = ["some/model", "b", "c"];
    const client = await clientOf(scriptedEngine([], { models: names }));
    const count = await client.messages.countTokens({ model: "scripted/b", messages: QUESTION.messages });
    expect(count.input_tokens).toBeGreaterThan(0);
    const listed: string[] = [];
    for await (const model of client.models.list({ limit: 2 })) listed.push(model.id);
    expect(listed).toEqual(["scripted/some/model", "scripted/b", "scripted/c"]);
    expect(await client.models.retrieve("scripted/some/model")).toMatchObject({
      id: "scripted/some/model",
      type: "model",
    });
    const missing: unknown = await client.models.retrieve("scripted/d").catch((error) => error);
    expect(missing).toBeInstanceOf(NotFoundError);
    expect(missing).toMatchObject({ apiMessage: expect.stringMatching(/^model: scripted\/d\./) });
  });
});

describe("a stream", () => {
  it("is framed as the API frames it, with a ping after the first block has started", async () => {
    const response = await post(gatewayOf(scriptedEngine([{ text: "Hello" }])), {
      ...QUESTION,
      stream: true,
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("request-id")).toMatch(/^req_/);
    const events = await eventsOf(response);
    expect(events.map(({ event }) => event)).toEqual([
      "message_start",
      "content_block_start",
      "ping",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    for (const { event, data } of events) expect(data.type).toBe(event);
    expect(events[0]?.data).toMatchObject({
      message: { model: "scripted/some/model", content: [], stop_reason: null },
    });
  });

  it("pings through silence", async () => {
    const engine = scriptedEngine([{ hangs: true, after: [...turnEvents({})].slice(0, 1) }]);
    const response = await post(gatewayOf(engine, { pingIntervalMs: 1 }), { ...QUESTION, stream: true });
    const decoder = new SseDecoder();
    const seen: (string | null)[] = [];
    for await (const bytes of response.body ?? []) {
      seen.push(...decoder.push(new TextDecoder().decode(bytes)).map(({ event }) => event));
      if (seen.length >= 4) break;
    }
    expect(seen.slice(0, 4)).toEqual(["message_start", "ping", "ping", "ping"]);
    await engine.idle();
  });

  it("that fails ends in one error event, which carries the request's id and the finer cause", async () => {
    const engine = scriptedEngine([{ after: [...turnEvents({})].slice(0, 1), fails: new TypeError("boom") }]);
    const response = await post(gatewayOf(engine), { ...QUESTION, stream: true });
    const events = await eventsOf(response);
    expect(events.map(({ event }) => event)).toEqual(["message_start", "error"]);
    expect(events[1]?.data).toEqual({
      type: "error",
      error: { type: "api_error", message: "Internal error: boom", details: { error_code: "internal" } },
      request_id: response.headers.get("request-id"),
    });
  });
});

describe("the choice of the engine", () => {
  const engine = scriptedEngine(() => ({ text: "ok" }));
  it.each(["other/x", "scripted", "scripted/", "claude", "/x", "constructor/x", "default"])(
    "%s is not found, and the answer says what would work",
    async (model) => {
      const response = await post(gatewayOf(engine), { ...QUESTION, model });
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({
        type: "error",
        error: {
          type: "not_found_error",
          message: `model: ${model}. Models here are named \`scripted/<name>\`; GET /v1/models lists them.`,
          details: { error_code: "model_not_found" },
        },
        request_id: response.headers.get("request-id"),
      });
    },
  );

  it("goes by aliases and by the default, and the answer names the model as it was asked for", async () => {
    const gateway = gatewayOf(engine, { models: { claude: ["scripted/a"], default: ["scripted/b"] } });
    for (const [asked, used] of [
      ["claude", "a"],
      ["default", "b"],
      ["scripted/c/d", "c/d"],
    ]) {
      const response = await post(gateway, { ...QUESTION, model: asked });
      expect(await response.json()).toMatchObject({ model: asked });
      expect(engine.requests.at(-1)?.model).toBe(used);
    }
  });
});

describe("who may ask", () => {
  const engine = scriptedEngine(() => ({ text: "ok" }));
  const gateway = gatewayOf(engine, { keys: { "sk-1": { workspace: "wrkspc_a" } } });

  it.each<[Record<string, string>, number]>([
    [{}, 401],
    [{ "x-api-key": "sk-2" }, 401],
    [{ "x-api-key": "__proto__" }, 401],
    [{ authorization: "Basic sk-1" }, 401],
    [{ "x-api-key": "sk-1" }, 200],
    [{ authorization: "Bearer sk-1" }, 200],
    [{ "x-api-key": "sk-2", authorization: "Bearer sk-1" }, 200],
    [{ "x-api-key": "sk-1", authorization: "Bearer sk-2" }, 200],
  ])("with keys configured %j gets %i", async (headers, status) => {
    const response = await post(gateway, QUESTION, headers);
    expect(response.status).toBe(status);
    expect(response.headers.get("anthropic-workspace-id")).toBe(status === 200 ? "wrkspc_a" : null);
    if (status === 401)
      expect(await response.json()).toMatchObject({ error: { type: "authentication_error" } });
    expect((await gateway.request("/models", { headers })).status).toBe(status);
  });

  it("without keys is everyone but a web page from elsewhere", async () => {
    const open = gatewayOf(engine);
    expect((await post(open, QUESTION)).status).toBe(200);
    expect((await post(open, QUESTION, { origin: "http://localhost:3000" })).status).toBe(200);
    expect((await post(open, QUESTION, { origin: "https://example.com" })).status).toBe(403);
    expect((await post(open, QUESTION, { origin: "null" })).status).toBe(403);
  });
});

describe("a request that cannot be served", () => {
  let gateway: Gateway;
  beforeEach(() => {
    gateway = gatewayOf(scriptedEngine(() => ({ text: "ok" })));
  });

  it.each<[string, string | Uint8Array<ArrayBuffer>, Record<string, string>, number, string]>([
    ["is not JSON", "{", {}, 400, "The request body is not valid JSON: "],
    [
      "is not UTF-8",
      new Uint8Array([0x22, 0xff, 0x22]),
      {},
      400,
      "The request body is not valid JSON: it is not UTF-8",
    ],
    [
      "is nested too deep",
      "[".repeat(300) + "]".repeat(300),
      {},
      400,
      "The request body is nested deeper than 256 levels",
    ],
    [
      "is compressed otherwise",
      "{}",
      { "content-encoding": "zstd" },
      400,
      "Content-Encoding 'zstd' is not supported",
    ],
    [
      "says that it is too large",
      "{}",
      { "content-length": "33554433" },
      413,
      "Request exceeds the maximum size",
    ],
    ["lacks a field", '{"model":"scripted/x","max_tokens":1}', {}, 400, "messages: Field required"],
  ])("because it %s", async (_, body, headers, status, message) => {
    const response = await gateway.request("/v1/messages?beta=true", { method: "POST", body, headers });
    expect(response.status).toBe(status);
    const answer = (await response.json()) as { error: { message: string }; request_id: string };
    expect(answer.error.message.startsWith(message)).toBe(true);
    expect(answer.request_id).toBe(response.headers.get("request-id"));
  });

  it("because its body turns out too large while it comes", async () => {
    const megabyte = new Uint8Array(1024 * 1024).fill(0x20);
    let sent = 0;
    const body = new ReadableStream({
      pull: (stream) => (sent++ < 40 ? stream.enqueue(megabyte) : stream.close()),
    });
    const init = { method: "POST", body, duplex: "half" } as RequestInit;
    const response = await gateway.request("/v1/messages", init);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { type: "request_too_large" } });
    expect(sent).toBeLessThan(40);
  });

  it("because there is no such route, in the API's envelope", async () => {
    for (const path of ["/v1/nothing", "/v1/messages", "/v1/messages/batches", "/x"]) {
      const response = await gateway.request(path);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ type: "error", error: { type: "not_found_error" } });
      expect(response.headers.get("request-id")).toMatch(/^req_/);
    }
  });
});

describe("the rest of the surface", () => {
  it("answers without /v1, and to HEAD /", async () => {
    const gateway = gatewayOf(scriptedEngine([{ text: "ok" }]));
    const body = JSON.stringify(QUESTION);
    expect((await gateway.request("/messages?beta=true", { method: "POST", body })).status).toBe(200);
    expect((await gateway.request("/messages/count_tokens", { method: "POST", body })).status).toBe(200);
    expect((await gateway.request("/models?limit=1000")).status).toBe(200);
    expect((await gateway.request("/", { method: "HEAD" })).status).toBe(200);
  });

  it("pages through models both ways, newest first", async () => {
    const engine = scriptedEngine([], { models: ["a", "b", "c", "d"] });
    const dated = {
      ...engine,
      listModels: async () =>
        (await engine.listModels()).map((model) =>
          model.id === "c" ? { ...model, createdAt: "2026-01-01T00:00:00Z" } : model,
        ),
    };
    const gateway = createGateway({ engines: { e: dated } });
    const page = async (query: string): Promise<unknown> => {
      const { data, has_more: more } = (await (await gateway.request(`/v1/models?${query}`)).json()) as {
        data: { id: string }[];
        has_more: boolean;
      };
      return [data.map(({ id }) => id).join(" "), more];
    };
    expect(await page("")).toEqual(["e/c e/a e/b e/d", false]);
    expect(await page("limit=3")).toEqual(["e/c e/a e/b", true]);
    expect(await page("limit=3&after_id=e/b")).toEqual(["e/d", false]);
    expect(await page("limit=2&before_id=e/d")).toEqual(["e/a e/b", true]);
    expect(await page("limit=2&before_id=e/a")).toEqual(["e/c", false]);
    expect((await gateway.request("/v1/models?limit=0")).status).toBe(400);
  });

  it("leaves out of the list what cannot be reached", async () => {
    const broken = { ...scriptedEngine([]), listModels: () => Promise.reject(new Error("down")) };
    const gateway = createGateway({ engines: { broken, ok: scriptedEngine([]) } });
    const { data } = (await (await gateway.request("/v1/models")).json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual(["ok/default"]);
  });
});
