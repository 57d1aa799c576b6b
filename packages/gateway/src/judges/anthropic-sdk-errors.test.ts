import Anthropic, { APIConnectionError, APIConnectionTimeoutError } from "@anthropic-ai/sdk";
import { describe, expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { anthropicSdk, createParams } from "./anthropic-sdk-judge.ts";
import { startChain } from "./chain.ts";
import type { ModelAnswer } from "./model-answer.ts";
import { QUESTION } from "./scenarios.ts";

const FINE: ModelAnswer = { text: "Fine." };

/** The error that a call ends in. */
async function errorOf(call: PromiseLike<unknown>): Promise<InstanceType<typeof Anthropic.APIError>> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Anthropic.APIError) return error;
    throw error;
  }
  throw new Error("The call succeeded");
}

describe.each(["chat", "relay"] as const)("errors, over the engine for %s", (kind) => {
  it.each([
    { refuses: 400, Class: Anthropic.BadRequestError },
    { refuses: 401, Class: Anthropic.AuthenticationError },
    { refuses: 429, Class: Anthropic.RateLimitError },
    { refuses: 529, Class: Anthropic.InternalServerError },
  ] as const)(
    "an endpoint's $refuses is the client's class for it, with id and body",
    async ({ refuses, Class }) => {
      verifies("error.statuses", "error.envelope");
      await using chain = await startChain(kind, [{ refuses, message: "Not today" }]);
      const error = await errorOf(anthropicSdk(chain).messages.create(createParams(chain, QUESTION)));
      expect(error).toBeInstanceOf(Class);
      expect(error.requestID).toMatch(/^req_/);
      expect(error.headers?.get("request-id")).toBe(error.requestID);
      expect(error.error).toMatchObject({
        type: "error",
        error: { type: error.type, message: error.apiMessage },
      });
    },
  );

  it("529 and 429 before the first byte are tried again, after the time that the endpoint asks for", async () => {
    verifies("error.retries");
    await using chain = await startChain(kind, [
      { refuses: 529, message: "Overloaded", retryAfter: 1 },
      FINE,
    ]);
    const started = performance.now();
    const message = await anthropicSdk(chain, { maxRetries: 2 })
      .messages.stream(createParams(chain, QUESTION))
      .finalMessage();
    expect(message.content).toMatchObject([{ text: "Fine." }]);
    expect(chain.log.map(({ status }) => status)).toEqual([529, 200]);
    expect(performance.now() - started).toBeGreaterThan(950);
  });

  it("what cannot succeed later is asked once", async () => {
    await using chain = await startChain(kind, [{ refuses: 400, message: "Not today" }]);
    await errorOf(anthropicSdk(chain, { maxRetries: 2 }).messages.create(createParams(chain, QUESTION)));
    expect(chain.log).toHaveLength(1);
  });
});

describe("the gateway's own errors", () => {
  it("a request that breaks a rule is refused in the API's words, before anybody is asked", async () => {
    verifies("request.required-fields", "request.empty-text", "request.tool-name");
    await using chain = await startChain("chat", []);
    const { messages } = anthropicSdk(chain);
    const params = createParams(chain, QUESTION);
    const broken: readonly [string, object][] = [
      ["messages: Field required", { messages: undefined }],
      ["max_tokens: Field required", { max_tokens: undefined }],
      [
        "messages: text content blocks must be non-empty",
        { messages: [{ role: "user", content: [{ type: "text", text: "" }] }] },
      ],
      [
        "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
        { tools: [{ name: "a b", input_schema: { type: "object" } }] },
      ],
    ];
    for (const [message, change] of broken) {
      const error = await errorOf(messages.create({ ...params, ...change } as typeof params));
      expect(error).toBeInstanceOf(Anthropic.BadRequestError);
      expect(error.apiMessage).toBe(message);
      expect(error.type).toBe("invalid_request_error");
    }
    expect(chain.upstream).toEqual([]);
  });

  it("a code for the cause comes as `errorCode`", async () => {
    verifies("error.unknown-model", "error.codes");
    await using chain = await startChain("chat", []);
    const error = await errorOf(
      anthropicSdk(chain).messages.create({ ...createParams(chain, QUESTION), model: "nobody/has-it" }),
    );
    expect(error).toBeInstanceOf(Anthropic.NotFoundError);
    expect(error.errorCode).toBe("model_not_found");
    expect(error.details).toMatchObject({ error_code: "model_not_found" });
  });

  it("every answer has an id of its own, in a header and on the message", async () => {
    verifies("header.request-id", "response.json-content-type");
    await using chain = await startChain("chat", [FINE, FINE]);
    const ask = () => anthropicSdk(chain).messages.create(createParams(chain, QUESTION)).withResponse();
    const [first, second] = [await ask(), await ask()];
    expect(first.data).toMatchObject({ _request_id: first.request_id });
    expect(first.response.headers.get("content-type")).toMatch(/^application\/json/);
    expect(first.request_id).not.toBe(second.request_id);
  });

  it("a base URL that ends in /v1/ or in a slash works as well", async () => {
    await using chain = await startChain("chat", [FINE, FINE]);
    const client = anthropicSdk({ ...chain, url: `${chain.url}/` });
    expect(await client.messages.create(createParams(chain, QUESTION))).toMatchObject({
      stop_reason: "end_turn",
    });
  });

  it("the key may come as a bearer token or as x-api-key", async () => {
    verifies("auth.either-header");
    await using chain = await startChain("chat", [FINE, FINE]);
    const params = createParams(chain, QUESTION);
    const asToken = new Anthropic({ baseURL: chain.url, apiKey: null, authToken: chain.key, maxRetries: 0 });
    const asHeader = new Anthropic({
      baseURL: chain.url,
      apiKey: "sk-not-this-one",
      defaultHeaders: { "x-api-key": chain.key },
      maxRetries: 0,
    });
    for (const client of [asToken, asHeader]) {
      expect(await client.messages.create(params)).toMatchObject({ stop_reason: "end_turn" });
    }
  });
});

describe("thinking that comes back", () => {
  const THOUGHT: ModelAnswer = {
    thinking: "I look it up.",
    toolCalls: [{ name: "get_weather", input: { city: "Paris" } }],
  };

  async function replay(
    change: (block: Anthropic.ThinkingBlock) => Anthropic.ThinkingBlock,
  ): Promise<unknown> {
    await using chain = await startChain("chat", [THOUGHT, FINE]);
    const { messages } = anthropicSdk(chain);
    const params = createParams(chain, { ...QUESTION, thinking: true });
    const said = await messages.create(params);
    const call = said.content.find((block) => block.type === "tool_use");
    const content = said.content.map((block) => (block.type === "thinking" ? change(block) : block));
    params.messages.push(
      { role: "assistant", content },
      { role: "user", content: [{ type: "tool_result", tool_use_id: call?.id ?? "" }] },
    );
    return await messages.create(params);
  }

  it("is taken as it was, and refused in the API's words when somebody changed it", async () => {
    verifies("request.thinking-unchanged");
    expect(await replay((block) => block)).toMatchObject({ stop_reason: "end_turn" });
    const error = await errorOf(replay((block) => ({ ...block, thinking: "I make it up." })));
    expect(error).toBeInstanceOf(Anthropic.BadRequestError);
    expect(error.apiMessage).toContain(
      "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified",
    );
  });
});

describe("clients that wait for too long", () => {
  it.each([
    { kind: "chat", stream: true },
    { kind: "chat", stream: false },
    { kind: "relay", stream: true },
    { kind: "relay", stream: false },
  ] as const)(
    "give up at their time-out, and the model stops ($kind, stream: $stream)",
    async ({ kind, stream }) => {
      await using chain = await startChain(kind, [{ waits: true }]);
      const params = { ...createParams(chain, QUESTION), stream };
      const call = anthropicSdk(chain).messages.create(params, { timeout: 300 });
      await expect(call).rejects.toThrow(APIConnectionTimeoutError);
      await chain.gatewayLeft();
    },
  );

  it("hear of a gateway that is not there", async () => {
    const chain = await startChain("chat", []);
    await chain[Symbol.asyncDispose]();
    await expect(anthropicSdk(chain).messages.create(createParams(chain, QUESTION))).rejects.toThrow(
      APIConnectionError,
    );
  });
});
