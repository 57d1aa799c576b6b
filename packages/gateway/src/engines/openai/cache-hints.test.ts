import type { MessageStreamEvent, MessagesRequest } from "@ml-intern/messages";
import { type OpenAiAnswer, type OpenAiRequestBody, startScriptedOpenAiServer } from "@ml-intern/testkit";
import { describe, expect, it } from "vitest";
import { type CacheHintsOptions, cacheHints, takesCacheKey } from "./cache-hints.ts";
import { createOpenAiEngine, type OpenAiEngineOptions } from "./create-openai-engine.ts";

const REQUEST: MessagesRequest = {
  model: "scripted",
  max_tokens: 100,
  system: "You count pumpkins.",
  messages: [{ role: "user", content: "Begin." }],
};
const OPTIONS: CacheHintsOptions = {
  tools: [{ type: "function", function: { name: "count", parameters: { type: "object" } } }],
  workspace: "research",
  keySecret: "k",
  saltSecret: "s",
  replayThinking: false,
};
const SALT = "0123456789abcdef0123456789abcdef";

function keyOf(request: Partial<MessagesRequest> = {}, options: Partial<CacheHintsOptions> = {}): string {
  return cacheHints({ ...REQUEST, ...request }, { ...OPTIONS, ...options }).prompt_cache_key ?? "";
}

describe("the key of a conversation", () => {
  it("is that of its later turns, however they are marked and written", () => {
    const later: MessagesRequest["messages"] = [
      { role: "user", content: [{ type: "text", text: "Begin.", cache_control: { type: "ephemeral" } }] },
      { role: "assistant", content: "One." },
      { role: "user", content: "Go on." },
    ];
    const billing = { type: "text", text: "x-anthropic-billing-header: cc_version=2.1.330.f4d;" } as const;
    const system = {
      type: "text",
      text: "You count pumpkins.",
      cache_control: { type: "ephemeral" },
    } as const;
    expect(keyOf({ messages: later, system: [billing, system] })).toBe(keyOf());
    expect(keyOf({ max_tokens: 5, temperature: 0, metadata: { user_id: "u" } })).toBe(keyOf());
  });

  it("is another one where its beginning, its tools or its workspace are others", () => {
    const keys = [
      keyOf(),
      keyOf({ system: "You count gourds." }),
      keyOf({ messages: [{ role: "user", content: "Begin again." }] }),
      keyOf({}, { tools: [] }),
      keyOf({}, { workspace: "sales" }),
      keyOf({}, { keySecret: "other" }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("says nothing of the prompt and the workspace, and is short enough for every server", () => {
    expect(keyOf()).toMatch(/^[0-9a-f]{32}$/);
    expect(cacheHints(REQUEST, OPTIONS).cache_salt).toMatch(/^[0-9a-f]{32}$/);
  });
});

it("a workspace's salt is the same for all that it asks, and nobody else's", () => {
  const saltOf = (request: object, options: object): unknown =>
    cacheHints({ ...REQUEST, ...request }, { ...OPTIONS, ...options }).cache_salt;
  expect(saltOf({ system: "Other." }, { tools: [] })).toBe(saltOf({}, {}));
  expect(saltOf({}, { workspace: "sales" })).not.toBe(saltOf({}, {}));
  expect(saltOf({}, { saltSecret: "other" })).not.toBe(saltOf({}, {}));
});

it("only OpenAI itself is known to take a key", () => {
  expect(takesCacheKey("https://api.openai.com/v1")).toBe(true);
  expect(takesCacheKey("https://api.openai.com.example.org/v1")).toBe(false);
  expect(takesCacheKey("http://127.0.0.1:8000/v1")).toBe(false);
  expect(takesCacheKey("nowhere")).toBe(false);
});

/** What a scripted endpoint was sent for a question, or how it failed. */
async function sent(
  answer: (body: OpenAiRequestBody) => OpenAiAnswer,
  { turns = 1, ...options }: Partial<OpenAiEngineOptions> & { readonly turns?: number } = {},
): Promise<{ readonly bodies: readonly OpenAiRequestBody[]; readonly failure: unknown }> {
  await using server = await startScriptedOpenAiServer(answer);
  const engine = createOpenAiEngine({ baseUrl: server.baseUrl, ...options });
  const { signal } = new AbortController();
  const events: MessageStreamEvent[] = [];
  let failure: unknown = null;
  for (let turn = 0; turn < turns; turn++) {
    try {
      const answered = engine.generate(REQUEST, { signal, headers: new Headers(), workspace: "research" });
      for await (const event of answered) events.push(event);
    } catch (error) {
      failure = error;
    }
  }
  return { bodies: server.requests.map(({ body }) => body), failure };
}

describe("an endpoint", () => {
  it("gets no hint that was not asked for", async () => {
    const { bodies } = await sent(() => ({ text: "ok" }));
    expect(Object.keys(bodies[0] ?? {})).not.toContain("prompt_cache_key");
    expect(Object.keys(bodies[0] ?? {})).not.toContain("cache_salt");
  });

  it("gets those that were", async () => {
    const { bodies } = await sent(() => ({ text: "ok" }), { sendsCacheKey: true, cacheSalt: SALT });
    const hint = expect.stringMatching(/^[0-9a-f]{32}$/);
    expect(bodies[0]).toMatchObject({ prompt_cache_key: hint, cache_salt: hint });
  });

  it.each<[string, OpenAiAnswer]>([
    [
      "NVIDIA's",
      { status: 400, json: { error: "Validation: Unsupported parameter(s): `prompt_cache_key`" } },
    ],
    [
      "NVIDIA's other",
      {
        status: 400,
        json: {
          error: "[{'type': 'extra_forbidden', 'loc': ('body', 'prompt_cache_key'), 'input': 'main'}]",
        },
      },
    ],
    [
      "Mistral's",
      {
        status: 422,
        json: { object: "error", message: { detail: [{ loc: ["body", "prompt_cache_key"] }] } },
      },
    ],
    [
      "Cerebras'",
      {
        status: 422,
        json: { message: "body.prompt_cache_key: property 'body.prompt_cache_key' is unsupported" },
      },
    ],
    ["Groq's", { status: 400, json: { error: { message: "property 'prompt_cache_key' is unsupported" } } }],
  ])(
    "that refuses the key in %s words is asked without it, and the next time at once",
    async (_, refusal) => {
      const { bodies, failure } = await sent(
        (body) => ("prompt_cache_key" in body ? refusal : { text: "ok" }),
        { sendsCacheKey: true, turns: 2 },
      );
      expect(failure).toBeNull();
      expect(bodies.map((body) => "prompt_cache_key" in body)).toEqual([true, false, false]);
    },
  );

  it("that refuses the salt is not asked without it: workspaces stay apart, and the failure says what to do", async () => {
    const refusal = { status: 400, json: { error: { message: "Parameter cache_salt is not supported" } } };
    const { bodies, failure } = await sent(() => refusal, { cacheSalt: SALT });
    expect(bodies).toHaveLength(1);
    expect(failure).toMatchObject({
      code: "endpoint_refused_request",
      status: 502,
      mend: expect.stringContaining("`cacheSalt`"),
    });
    expect(String(failure)).not.toContain(SALT);
  });
});
