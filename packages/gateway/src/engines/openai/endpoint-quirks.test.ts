import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import Anthropic from "@anthropic-ai/sdk";
import type { MessagesRequest } from "@ml-intern/messages";
import {
  type OpenAiAnswer,
  type OpenAiRequestBody,
  openAiChunk,
  type ScriptedOpenAiServer,
  startScriptedOpenAiServer,
} from "@ml-intern/testkit";
import { describe, expect, it } from "vitest";
import { verifies } from "../../conformance/verifies.ts";
import { createGateway } from "../../create-gateway.ts";
import { gatewayFetch } from "../../gateway-fetch.ts";
import { createOpenAiEngine, type OpenAiEngineOptions } from "./create-openai-engine.ts";

type Params = Partial<Anthropic.MessageCreateParamsNonStreaming>;

const QUESTION = {
  model: "openai/scripted",
  max_tokens: 100,
  messages: [{ role: "user" as const, content: "hi" }],
};

function clientOf(baseUrl: string, options: Partial<OpenAiEngineOptions> = {}): Anthropic {
  const gateway = createGateway({ engines: { openai: createOpenAiEngine({ baseUrl, ...options }) } });
  return new Anthropic({
    apiKey: "any",
    baseURL: "http://gateway.invalid",
    maxRetries: 0,
    // Later versions take no sampling parameters.
    defaultHeaders: { "anthropic-version": "2023-06-01" },
    fetch: gatewayFetch(gateway),
  });
}

/** What the official client has in the end, streamed and at once alike. */
async function answered(
  answer: OpenAiAnswer,
  { params = {}, ...options }: Partial<OpenAiEngineOptions> & { readonly params?: Params } = {},
): Promise<Anthropic.Message> {
  await using server = await startScriptedOpenAiServer(() => answer);
  const client = clientOf(server.baseUrl, options);
  const whole = await client.messages.create({ ...QUESTION, ...params });
  const streamed = await client.messages.stream({ ...QUESTION, ...params }).finalMessage();
  const plain = ({ content, stop_reason, stop_sequence, usage }: Anthropic.Message): unknown => ({
    content: content.map((block) => (block.type === "tool_use" ? { ...block, id: "" } : block)),
    stop_reason,
    stop_sequence,
    usage,
  });
  expect(plain(streamed)).toEqual(plain(whole));
  return whole;
}

async function failure(
  answer: OpenAiAnswer,
  options: Partial<OpenAiEngineOptions> = {},
): Promise<{ status: number; message: string }> {
  await using server = await startScriptedOpenAiServer(() => answer);
  const error: unknown = await clientOf(server.baseUrl, options)
    .messages.create(QUESTION)
    .catch((thrown) => thrown);
  expect(error).toBeInstanceOf(Anthropic.APIError);
  return error as { status: number; message: string };
}

const body = (...events: readonly string[]): OpenAiAnswer => ({ body: events.join("") });
const data = (chunk: unknown): string => `data: ${JSON.stringify(chunk)}\n\n`;
const text = (content: string): object => ({ choices: [{ delta: { content } }] });
const stop = { choices: [{ delta: {}, finish_reason: "stop" }] };

describe("thinking", () => {
  it.each<[string, object[]]>([
    [
      "in tags within the text",
      [{ content: "<thi" }, { content: "nk>\nLet me see.\n</th" }, { content: "ink>\n\nHi" }],
    ],
    [
      "in details",
      [
        { reasoning_details: [{ type: "reasoning.text", text: "Let me " }, { summary: "see." }] },
        { content: "Hi" },
      ],
    ],
    [
      "in details and as text",
      [{ reasoning: "Let me see.", reasoning_details: [{ text: "Let me see." }] }, { content: "Hi" }],
    ],
    [
      "in parts of the content",
      [
        { content: [{ type: "thinking", thinking: [{ type: "text", text: "Let me see." }] }] },
        { content: [{ type: "text", text: "Hi" }] },
      ],
    ],
  ])("%s becomes a signed block", async (_, deltas) => {
    const chunks = [...deltas.map((delta) => openAiChunk(delta)), openAiChunk({}, "stop")];
    const { content } = await answered({ chunks });
    expect(content).toEqual([
      { type: "thinking", thinking: "Let me see.", signature: expect.stringMatching(/^mlint1\.\S{40,}$/) },
      { type: "text", text: "Hi" },
    ]);
  });

  it("in tags goes before a call as well, and is left out when it is switched off", async () => {
    const call = { tool_calls: [{ index: 0, id: "1", function: { name: "f", arguments: "{}" } }] };
    const chunks = [openAiChunk({ content: "<think>a" }), openAiChunk(call, "tool_calls")];
    const { content } = await answered({ chunks });
    expect(content.map(({ type }) => type)).toEqual(["thinking", "tool_use"]);
    const params: Params = { thinking: { type: "disabled" } };
    const off = await answered(
      { chunks: [openAiChunk({ content: "<think>a</think>Hi" }, "stop")] },
      { params },
    );
    expect(off.content).toEqual([{ type: "text", text: "Hi" }]);
  });

  it("is asked for in the endpoint's words where that is configured", async () => {
    const efforts: unknown[] = [];
    await using server = await startScriptedOpenAiServer((request) => {
      efforts.push(request.reasoning_effort);
      return { text: "ok" };
    });
    const ask = (options: Partial<OpenAiEngineOptions>, params: object): Promise<unknown> =>
      clientOf(server.baseUrl, options).messages.create({ ...QUESTION, max_tokens: 20_000, ...params });
    await ask({}, { thinking: { type: "enabled", budget_tokens: 1024 } });
    await ask({ sendsEffort: true }, {});
    await ask({ sendsEffort: true }, { thinking: { type: "enabled", budget_tokens: 1024 } });
    await ask({ sendsEffort: true }, { thinking: { type: "enabled", budget_tokens: 10_000 } });
    await ask({ sendsEffort: true }, { thinking: { type: "adaptive" }, output_config: { effort: "max" } });
    await ask({ sendsEffort: true }, { thinking: { type: "disabled" } });
    expect(efforts).toEqual([undefined, undefined, "low", "medium", "high", "none"]);
  });
});

describe("counts", () => {
  const counted = async (...usages: readonly unknown[]): Promise<Anthropic.Usage> => {
    const [last, ...first] = [...usages].reverse();
    const chunks = first.reverse().map((usage) => data({ ...text("a"), usage }));
    return (await answered(body(...chunks, data(text("b")), data(stop), data({ choices: [], usage: last }))))
      .usage;
  };

  it.each<[string, readonly unknown[], object]>([
    [
      "after the finish reason",
      [{ prompt_tokens: 70, completion_tokens: 9 }],
      { input_tokens: 70, output_tokens: 9 },
    ],
    [
      "in every chunk: the last holds",
      [
        { prompt_tokens: 70, completion_tokens: 1 },
        { prompt_tokens: 70, completion_tokens: 2 },
      ],
      { input_tokens: 70, output_tokens: 2 },
    ],
    [
      "with what came from a cache, which is told apart",
      [{ prompt_tokens: 70, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 64 } }],
      { input_tokens: 6, cache_read_input_tokens: 64, cache_creation_input_tokens: 0, output_tokens: 9 },
    ],
    [
      "in DeepSeek's words",
      [{ prompt_tokens: 70, completion_tokens: 9, prompt_cache_hit_tokens: 64 }],
      { input_tokens: 6, cache_read_input_tokens: 64 },
    ],
    [
      "of thinking",
      [{ prompt_tokens: 7, completion_tokens: 9, completion_tokens_details: { reasoning_tokens: 4 } }],
      { output_tokens: 9, output_tokens_details: { thinking_tokens: 4 } },
    ],
    ["of nothing are no counts", [{ prompt_tokens: 0, completion_tokens: 0 }], { output_tokens: 1 }],
    ["that are null are no counts", [null], { output_tokens: 1 }],
    [
      "that make no sense do not go below zero",
      [{ prompt_tokens: 7, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 99 } }],
      { input_tokens: 0, cache_read_input_tokens: 7 },
    ],
    [
      "that are negative are no counts",
      [{ prompt_tokens: -7, completion_tokens: -1, prompt_tokens_details: { cached_tokens: 9 } }],
      { input_tokens: expect.toSatisfy((count) => count > 0), cache_read_input_tokens: 0, output_tokens: 1 },
    ],
    [
      "of a cache that are negative, or come without a prompt, are no counts",
      [{ prompt_tokens: 7, completion_tokens: 9, prompt_tokens_details: { cached_tokens: -5 } }],
      { input_tokens: 7, cache_read_input_tokens: 0 },
    ],
    [
      "of more thinking than was said are held to what was said",
      [{ prompt_tokens: 7, completion_tokens: 9, completion_tokens_details: { reasoning_tokens: 40 } }],
      { output_tokens: 9, output_tokens_details: { thinking_tokens: 9 } },
    ],
    [
      "that are no numbers do not cost the answer",
      [{ prompt_tokens: "7", completion_tokens: [9] }],
      { output_tokens: 1 },
    ],
  ])("%s", async (_, usages, expected) => {
    expect(await counted(...usages)).toMatchObject(expected);
  });
});

describe("a stream", () => {
  it.each<[string, readonly string[]]>([
    [
      "with comments to keep it alive",
      [": OPENROUTER PROCESSING\n\n", ": ping\n\n", data(text("Hi")), data(stop)],
    ],
    [
      "with CRLF and a missing blank at the end",
      ["data: [1]".slice(9), data(text("Hi")).replaceAll("\n", "\r\n"), data(stop).trimEnd()],
    ],
    [
      "with empty and role-only chunks",
      [
        data({ choices: [] }),
        data({ choices: [{ delta: { role: "assistant", content: "" } }] }),
        data({ choices: [{ delta: null }] }),
        data(text("Hi")),
        data({ choices: [{}] }),
        data(stop),
      ],
    ],
    [
      "with a second finish reason that is empty",
      [data(text("Hi")), data(stop), data({ choices: [{ delta: {}, finish_reason: "" }] })],
    ],
    ["with numbers where nobody looks", [data({ id: 7, created: "x", ...text("Hi") }), data(stop)]],
  ])("%s is read", async (_, events) => {
    const { content, stop_reason } = await answered(body(...events));
    expect([content, stop_reason]).toEqual([[{ type: "text", text: "Hi" }], "end_turn"]);
  });

  it.each<[string, string]>([
    ["max_tokens", "max_tokens"],
    ["model_length", "model_context_window_exceeded"],
    ["SAFETY", "refusal"],
    ["eos", "end_turn"],
  ])("that ends by %s has the stop reason %s", async (reason, expected) => {
    expect((await answered({ chunks: [openAiChunk({ content: "Hi" }, reason)] })).stop_reason).toBe(expected);
  });

  it.each<[string, OpenAiAnswer, number, string]>([
    [
      "an error event",
      body(data(text("a")), 'event: error\ndata: {"message":"out of memory"}\n\n'),
      502,
      "out of memory",
    ],
    ["an error in words", body('data: {"error":"out of memory"}\n\n'), 502, "out of memory"],
    [
      "an error with a finish reason",
      { chunks: [openAiChunk({ content: "a" }, "error")] },
      502,
      "gave its answer up",
    ],
    [
      "an error as a whole answer of 200",
      { status: 200, json: { error: { message: "out of memory", code: 503 } } },
      529,
      "out of memory",
    ],
    [
      "a redirect",
      { status: 307, json: {}, headers: { location: "http://elsewhere.invalid/" } },
      502,
      "a redirect to http://elsewhere.invalid/",
    ],
    ["nothing but comments", body(": ping\n\n"), 502, "broke off"],
  ])("that is %s is an error", async (_, answer, status, words) => {
    const error = await failure(answer);
    expect([error.status, error.message]).toEqual([status, expect.stringContaining(words)]);
  });

  async function raw(handler: RequestListener, use: (client: Anthropic) => Promise<void>): Promise<void> {
    const server = createServer(handler).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      await use(clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it("that is compressed unasked is unpacked", async () => {
    const packed = gzipSync([data(text("Hi")), data(stop)].join(""));
    await raw(
      (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" });
        response.write(packed.subarray(0, 20), () => response.end(packed.subarray(20)));
      },
      async (client) => {
        expect((await client.messages.create(QUESTION)).content).toEqual([{ type: "text", text: "Hi" }]);
      },
    );
  });

  it("that never ends is cut when it has grown far beyond what was asked for", async () => {
    let left = false;
    await raw(
      (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        const chunk = data(text("x".repeat(1000)));
        const more = (): void => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on("drain", more);
        response.on("close", () => {
          left = true;
        });
        more();
      },
      async (client) => {
        const { stop_reason, content } = await client.messages.create(QUESTION);
        expect(stop_reason).toBe("max_tokens");
        expect(JSON.stringify(content).length).toBeLessThan(20_000);
        await expect.poll(() => left).toBe(true);
      },
    );
  });

  it("that is one event without end is given up", async () => {
    await raw(
      (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        const piece = Buffer.alloc(1024 * 1024, "x");
        const more = (): void => {
          while (!response.destroyed && response.write(piece));
        };
        response.on("drain", more);
        more();
      },
      async (client) => {
        await expect(client.messages.create(QUESTION)).rejects.toThrow("an event without end");
      },
    );
  });
});

describe("an endpoint that cannot take", () => {
  interface SentMessage {
    readonly tool_calls?: readonly { readonly id: string }[];
    readonly tool_call_id?: string;
  }
  type Refuses = (request: OpenAiRequestBody) => string | null;
  const tools = [
    { name: "f", input_schema: { type: "object" as const }, strict: true },
    { name: "g", input_schema: { type: "object" as const } },
  ];

  async function adapted(refuses: Refuses, params: object): Promise<ScriptedOpenAiServer["requests"]> {
    await using server = await startScriptedOpenAiServer((request) => {
      const message = refuses(request);
      return message === null ? { text: "ok" } : { status: 400, json: { error: { message } } };
    });
    const client = clientOf(server.baseUrl);
    for (let turn = 0; turn < 2; turn++) {
      expect(await client.messages.create({ ...QUESTION, ...params })).toMatchObject({
        stop_reason: "end_turn",
      });
    }
    expect(server.requests).toHaveLength(3);
    return server.requests;
  }

  it.each<[string, Refuses, object]>([
    [
      "temperature",
      ({ temperature }) => (temperature === undefined ? null : "Unsupported value: 'temperature'"),
      { temperature: 0.5 },
    ],
    ["top_p", ({ top_p }) => (top_p === undefined ? null : "`top_p` is not supported"), { top_p: 0.5 }],
    [
      "top_k",
      ({ top_k }) => (top_k === undefined ? null : "top_k: Extra inputs are not permitted"),
      { top_k: 5 },
    ],
    [
      "strict tools",
      (request) => (JSON.stringify(request.tools).includes("strict") ? "Unknown field: strict" : null),
      { tools },
    ],
  ])("%s gets the request without, and the next one at once", async (_, refuses, params) => {
    await adapted(refuses, params);
  });

  it("a tool by its name gets only that tool", async () => {
    const refuses: Refuses = ({ tool_choice: choice }) =>
      typeof choice === "object"
        ? "Invalid tool_choice type: 'object'. Supported string values: none, auto, required"
        : null;
    const requests = await adapted(refuses, { tools, tool_choice: { type: "tool", name: "g" } });
    expect(requests[0]?.body.tool_choice).toEqual({ type: "function", function: { name: "g" } });
    expect(requests[1]?.body).toMatchObject({
      tool_choice: "required",
      tools: [{ function: { name: "g" } }],
    });
    expect(requests[1]?.body.tools).toHaveLength(1);
  });

  it("long ids of calls gets short ones, the same for a call and its result", async () => {
    const refuses: Refuses = ({ messages }) =>
      JSON.stringify(messages).includes("toolu_")
        ? "Tool call id was toolu_1 but must be a-z, A-Z, 0-9, with a length of 9."
        : null;
    const messages: Anthropic.MessageParam[] = [
      { role: "user", content: "go" },
      {
        role: "assistant",
        content: ["toolu_1", "toolu_2"].map((id) => ({ type: "tool_use", id, name: "f", input: {} })),
      },
      {
        role: "user",
        content: ["toolu_1", "toolu_2"].map((id) => ({ type: "tool_result", tool_use_id: id })),
      },
    ];
    const requests = await adapted(refuses, { messages, tools });
    const [, assistant, first, second] = requests[1]!.body.messages as readonly SentMessage[];
    const ids = assistant!.tool_calls!.map(({ id }) => id);
    expect(ids).toEqual([first!.tool_call_id, second!.tool_call_id]);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
  });

  it.each([
    "This model's maximum context length is 4096 tokens. However, you requested 4100 tokens (4056 in the messages, 44 in the completion).",
    "'max_tokens' or 'max_completion_tokens' is too large: 100. This model's maximum context length is 4096 tokens and your request has 4056 input tokens (100 > 4096 - 4056).",
  ])("as long an answer gets to give one that fits, and says why it ended: %s", async (message) => {
    verifies("request.window-ends-answer");
    await using server = await startScriptedOpenAiServer(({ max_tokens: most }) =>
      Number(most) > 40
        ? { status: 400, json: { error: { message } } }
        : { chunks: [openAiChunk({ content: "Hi" }, "length")] },
    );
    const { stop_reason } = await clientOf(server.baseUrl).messages.create(QUESTION);
    expect(stop_reason).toBe("model_context_window_exceeded");
    expect(server.requests.map(({ body }) => body.max_tokens)).toEqual([100, 40]);
  });

  it.each<[object, string]>([
    [
      {
        code: 400,
        message: "the request exceeds the available context size",
        type: "exceed_context_size_error",
        n_prompt_tokens: 8000,
        n_ctx: 4096,
      },
      "prompt is too long: 8000 tokens > 4096 maximum",
    ],
    [
      {
        message:
          "This model's maximum context length is 4096 tokens. However, your messages resulted in 8000 tokens.",
        code: "context_length_exceeded",
      },
      "prompt is too long: 8000 tokens > 4096 maximum",
    ],
    [{ message: "too much", code: "context_length_exceeded" }, "prompt is too long: too much"],
  ])("the prompt at all says so in the API's words", async (error, message) => {
    const refused = await failure({ status: 400, json: { error } });
    expect([refused.status, refused.message]).toEqual([400, expect.stringContaining(message)]);
  });

  it("a PDF is not sent one, unless it is said to read them", async () => {
    const pdf: MessagesRequest["messages"] = [
      {
        role: "user",
        content: [
          {
            type: "document",
            title: "a.pdf",
            source: { type: "base64", media_type: "application/pdf", data: "JVBE" },
          },
        ],
      },
    ];
    await using server = await startScriptedOpenAiServer(() => ({ text: "ok" }));
    const params = { ...QUESTION, messages: pdf } as unknown as Anthropic.MessageCreateParamsNonStreaming;
    await expect(clientOf(server.baseUrl).messages.create(params)).rejects.toThrow(
      "messages.0.content.0.source: application/pdf documents cannot be sent to an OpenAI-compatible endpoint; send the document's text",
    );
    await clientOf(server.baseUrl, { sendsFiles: true }).messages.create(params);
    expect(server.requests[0]?.body.messages[0]?.content).toEqual([
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBE" } },
    ]);
  });
});
