import Anthropic, { BadRequestError } from "@anthropic-ai/sdk";
import {
  openAiChunk,
  type ScriptedMessagesServer,
  startScriptedMessagesServer,
  startScriptedOpenAiServer,
} from "@ml-intern/testkit";
import { describe, expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { createGateway, type GatewayOptions } from "../create-gateway.ts";
import { thinkingSigner } from "../engines/answer/thinking-signer.ts";
import { createAnthropicEngine } from "../engines/anthropic/create-anthropic-engine.ts";
import { createOpenAiEngine } from "../engines/openai/create-openai-engine.ts";
import { gatewayFetch } from "../gateway-fetch.ts";

const KEY = new Uint8Array(32).fill(7);
const TOOL = { name: "f", input_schema: { type: "object" as const } };

function clientOf(options: GatewayOptions): Anthropic {
  const base = { apiKey: "any", baseURL: "http://gateway.invalid", maxRetries: 0 };
  return new Anthropic({ ...base, fetch: gatewayFetch(createGateway(options)) });
}

type Message = Anthropic.MessageParam;

describe("thinking that comes back", () => {
  async function conversation(signingKey: Uint8Array | null, display?: "omitted") {
    const server = await startScriptedOpenAiServer(() => ({
      thinking: "I need f.",
      toolCalls: [{ name: "f", input: {} }],
    }));
    const engines = { openai: createOpenAiEngine({ baseUrl: server.baseUrl }) };
    const client = clientOf({ engines, ...(signingKey ? { signingKey } : {}) });
    const question = {
      model: "openai/scripted",
      max_tokens: 100,
      tools: [TOOL],
      thinking: { type: "adaptive" as const, ...(display ? { display } : {}) },
    };
    const messages: Message[] = [{ role: "user", content: "go" }];
    const { content } = await client.messages.create({ ...question, messages });
    const id = content.flatMap((block) => (block.type === "tool_use" ? block.id : []))[0] ?? "";
    const answered = (blocks: typeof content): Message[] => [
      ...messages,
      { role: "assistant", content: blocks },
      { role: "user", content: [{ type: "tool_result", tool_use_id: id }] },
    ];
    const ask = (blocks: typeof content) =>
      client.messages.create({ ...question, messages: answered(blocks) });
    const changed = content.map((block) =>
      block.type === "thinking" ? { ...block, thinking: `${block.thinking}!` } : block,
    );
    return { content, changed, ask, server, answered };
  }

  it.each([undefined, "omitted"] as const)("as it was is taken (display: %s)", async (display) => {
    const { content, ask, server } = await conversation(KEY, display);
    await using _ = server;
    expect(content[0]).toMatchObject({ type: "thinking", thinking: display ? "" : "I need f." });
    expect((await ask(content)).stop_reason).toBe("tool_use");
  });

  it("changed is refused in the API's words", async () => {
    verifies("request.thinking-unchanged");
    const { changed, ask, server } = await conversation(KEY);
    await using _ = server;
    const failure: unknown = await ask(changed).catch((error) => error);
    expect(failure).toBeInstanceOf(BadRequestError);
    expect((failure as BadRequestError).message).toContain(
      "messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.",
    );
  });

  it("changed in an earlier turn, or signed by somebody else, is taken", async () => {
    const { content, changed, ask, server } = await conversation(KEY);
    await using _ = server;
    const foreign = changed.map((block) =>
      block.type === "thinking" ? { ...block, signature: "EqQBCgIYAhIM1gbcDa9GJwZA" } : block,
    );
    expect((await ask(foreign)).stop_reason).toBe("tool_use");
    expect(content).not.toEqual(foreign);
  });

  it("after a restart is still known by its key, and to another key it is somebody else's", async () => {
    const first = thinkingSigner(KEY);
    const block = { thinking: "hm", signature: first.sign("hm") };
    expect(thinkingSigner(KEY).check(block)).toBe("right");
    expect(thinkingSigner(KEY).check({ ...block, thinking: "ha" })).toBe("wrong");
    expect(thinkingSigner(new Uint8Array(32)).check(block)).toBe("unknown");
    expect(first.check({ thinking: "hm", signature: "" })).toBe("unknown");
  });
});

it("a conversation goes to a fallback and comes back, without thinking that the API did not sign", async () => {
  const overloaded = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
  await using api: ScriptedMessagesServer = await startScriptedMessagesServer([
    { status: 529, json: overloaded },
    { text: "Back." },
  ]);
  await using chat = await startScriptedOpenAiServer([
    { chunks: [openAiChunk({ reasoning: "hm" }), openAiChunk({ content: "Hi" }, "stop")] },
  ]);
  const client = clientOf({
    engines: {
      anthropic: createAnthropicEngine({ apiKey: "sk", baseUrl: api.url }),
      chat: createOpenAiEngine({ baseUrl: chat.baseUrl }),
    },
    models: { "claude-x": ["anthropic/claude-x", "chat/scripted"] },
  });
  const question = { model: "claude-x", max_tokens: 100 };
  const user: Message = { role: "user", content: "hello" };
  const { content, model } = await client.messages.create({ ...question, messages: [user] });
  expect([model, content.map(({ type }) => type)]).toEqual(["claude-x", ["thinking", "text"]]);
  const messages: Message[] = [user, { role: "assistant", content }, user];
  expect((await client.messages.create({ ...question, messages })).content).toMatchObject([
    { text: "Back." },
  ]);
  expect(api.requests[1]?.body.messages[1]).toMatchObject({ content: [{ type: "text", text: "Hi" }] });
});
