import type { CountTokensRequest } from "@ml-intern/messages";
import { scriptedEngine, startScriptedMessagesServer, startScriptedOpenAiServer } from "@ml-intern/testkit";
import { describe, expect, it } from "vitest";
import { createGateway } from "../create-gateway.ts";
import { createAnthropicEngine } from "../engines/anthropic/create-anthropic-engine.ts";
import { createOpenAiEngine } from "../engines/openai/create-openai-engine.ts";
import { createRecipesEngine } from "../engines/recipes/recipes-engine.ts";
import { ask, askForEvents, askForMessage, QUESTION, scriptedGateway } from "./testing/ask.ts";
import { verifies } from "./verifies.ts";

const COUNT = { path: "/v1/messages/count_tokens" };
const EDITS = { context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] } };
const user = (content: unknown): object => ({ role: "user", content });
const assistant = (content: unknown): object => ({ role: "assistant", content });

describe("counting tokens", () => {
  it("needs no max_tokens, ignores what only generation needs, and cache markers change nothing", async () => {
    verifies("count.answer", "count.generation-fields", "count.cache-control");
    const { gateway } = scriptedGateway();
    const count = async (extra: object): Promise<unknown> => (await ask(gateway, extra, COUNT)).json();
    const plain = await count({ max_tokens: undefined });
    expect(plain).toEqual({ input_tokens: expect.any(Number) });
    expect(await count({ max_tokens: 5, stream: true, stop_sequences: ["x"], temperature: 0.3 })).toEqual(
      plain,
    );
    expect(
      await count({ system: [{ type: "text", text: "s", cache_control: { type: "ephemeral" } }] }),
    ).toEqual(await count({ system: [{ type: "text", text: "s" }] }));
    expect((await ask(gateway, { messages: [] }, COUNT)).status).toBe(400);
  });

  it("leaves out the thinking of earlier turns, not that of the turn that is under way", async () => {
    verifies("count.earlier-thinking");
    const seen: CountTokensRequest[] = [];
    const engine = {
      ...scriptedEngine([]),
      countTokens: async (request: CountTokensRequest) => {
        seen.push(request);
        return 1;
      },
    };
    const gateway = createGateway({ engines: { scripted: engine } });
    const thought = (name: string): object => ({ type: "thinking", thinking: name, signature: "s" });
    const call = { type: "tool_use", id: "toolu_1", name: "f", input: {} };
    const messages = [
      user("a"),
      assistant([thought("earlier"), { type: "text", text: "b" }]),
      user("c"),
      assistant([thought("now"), call]),
      user([{ type: "tool_result", tool_use_id: "toolu_1", content: "ok" }]),
    ];
    await ask(gateway, { messages }, COUNT);
    expect(JSON.stringify(seen[0]?.messages)).not.toContain("earlier");
    expect(JSON.stringify(seen[0]?.messages)).toContain("now");
    expect(seen[0]?.messages[1]?.content).toEqual([{ type: "text", text: "b" }]);
  });

  it("is what every engine does, the one that passes on included", async () => {
    verifies("count.every-engine");
    await using chat = await startScriptedOpenAiServer([]);
    await using api = await startScriptedMessagesServer([]);
    const gateway = createGateway({
      engines: {
        openai: createOpenAiEngine({ baseUrl: chat.baseUrl }),
        anthropic: createAnthropicEngine({ apiKey: "any", baseUrl: api.url }),
        recipes: createRecipesEngine(),
      },
    });
    for (const model of ["openai/m", "anthropic/m", "recipes/default"]) {
      const long = { messages: [user("word ".repeat(1000))] };
      const [few, many] = await Promise.all(
        [{}, long].map(async (extra) => {
          const response = await ask(gateway, { model, max_tokens: undefined, ...extra }, COUNT);
          expect(response.status, model).toBe(200);
          return ((await response.json()) as { input_tokens: number }).input_tokens;
        }),
      );
      expect(many, model).toBeGreaterThan((few ?? 0) + 500);
    }
  });

  it("with edits of the context says what the count was before them", async () => {
    verifies("count.context-management");
    const { gateway } = scriptedGateway();
    const counted = (await (await ask(gateway, EDITS, COUNT)).json()) as { input_tokens: number };
    expect(counted).toEqual({
      input_tokens: expect.any(Number),
      context_management: { original_input_tokens: counted.input_tokens },
    });
  });
});

describe("edits of the context", () => {
  it("are accepted, and the answer says that none was made", async () => {
    verifies("context.edits-accepted", "context.edits-do-nothing");
    const { gateway, engine } = scriptedGateway();
    const none = { applied_edits: [] };
    expect(await askForMessage(gateway, EDITS)).toMatchObject({ context_management: none });
    const events = await askForEvents(gateway, EDITS);
    expect(events.at(-2)).toMatchObject({ type: "message_delta", context_management: none });
    expect(await askForMessage(gateway)).not.toHaveProperty("context_management");
    expect(engine.requests[0]?.messages).toEqual(QUESTION.messages);
  });

  it("clear thinking first", async () => {
    verifies("context.edits-accepted");
    const edits = [{ type: "clear_tool_uses_20250919" }, { type: "clear_thinking_20251015" }];
    const response = await ask(scriptedGateway().gateway, { context_management: { edits } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { message: "context_management.edits.1: `clear_thinking_20251015` must come first in `edits`" },
    });
  });
});

describe("threads", () => {
  it("may begin, since the request holds everything, but cannot be continued", async () => {
    verifies("context.threads");
    const { gateway } = scriptedGateway();
    expect((await ask(gateway, { thread: { type: "create" } })).status).toBe(200);
    const refused = await ask(gateway, { thread: { type: "continue", previous_message_id: "msg_1" } });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: {
        type: "invalid_request_error",
        details: { error_code: "thread_unsupported_request", unsupported: ["thread"] },
      },
    });
  });
});

describe("models", () => {
  const dates: Record<string, string> = { b: "2026-03-01T00:00:00Z", c: "2026-05-01T00:00:00Z" };
  const base = scriptedEngine([], { models: ["a", "b", "c", "d"] });
  const engine = {
    ...base,
    listModels: async () =>
      (await base.listModels()).map((model) => {
        const createdAt = dates[model.id];
        return createdAt === undefined ? model : { ...model, createdAt };
      }),
  };
  const gateway = createGateway({ engines: { e: engine } });

  interface Page {
    readonly data: readonly { readonly id: string }[];
    readonly has_more: boolean;
    readonly first_id: string | null;
    readonly last_id: string | null;
  }

  async function page(query: string): Promise<Page> {
    return (await (await gateway.request(`/v1/models?${query}`)).json()) as Page;
  }

  it("come newest first, in pages forwards and backwards", async () => {
    verifies("models.list");
    const ids = ({ data }: Page): string => data.map(({ id }) => id).join(" ");
    const first = await page("limit=3");
    expect(ids(first)).toBe("e/c e/b e/a");
    expect(first).toMatchObject({ has_more: true, first_id: "e/c", last_id: "e/a" });
    const next = await page("limit=3&after_id=e/a");
    expect(ids(next)).toBe("e/d");
    expect(next.has_more).toBe(false);
    expect(ids(await page("limit=2&before_id=e/a"))).toBe("e/c e/b");
    expect((await page("lifecycle=active")).data).toHaveLength(4);
    expect((await page("lifecycle=retired")).data).toEqual([]);
    for (const limit of ["0", "1001", "x"]) {
      expect((await gateway.request(`/v1/models?limit=${limit}`)).status).toBe(400);
    }
  });

  it("say about themselves what the API's do", async () => {
    verifies("models.info", "routes.models", "context.window");
    const response = await gateway.request("/v1/models/e/c");
    expect(await response.json()).toEqual({
      id: "e/c",
      type: "model",
      display_name: "Scripted c",
      created_at: "2026-05-01T00:00:00Z",
      lifecycle: "active",
      line: null,
      max_input_tokens: 200_000,
      max_tokens: 64_000,
      deprecated_at: null,
      retires_at: null,
      capabilities: null,
    });
    const missing = await gateway.request("/v1/models/e/nobody");
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ error: { type: "not_found_error" } });
    const beta = { headers: { "anthropic-beta": "context-1m-2025-08-07" } };
    expect((await ask(scriptedGateway().gateway, {}, beta)).status).toBe(200);
  });

  it("that nobody knows are not found, and the answer says which there are", async () => {
    verifies("error.unknown-model");
    const response = await ask(gateway, { model: "nobody" });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      type: "error",
      error: { type: "not_found_error", message: expect.stringMatching(/^model: nobody\. .*`e\/<name>`/) },
    });
  });
});
