import { describe, expect, it } from "vitest";
import { GatewayError } from "../gateway-error.ts";
import { validateCount, validateCreate } from "./validate-request.ts";

const user = (content: unknown): object => ({ role: "user", content });
const assistant = (content: unknown): object => ({ role: "assistant", content });
const system = (content: unknown): object => ({ role: "system", content });
const call = (id: string): object => ({ type: "tool_use", id, name: "f", input: {} });
const result = (id: string): object => ({ type: "tool_result", tool_use_id: id, content: "ok" });
const text = (value: string, extra: object = {}): object => ({ type: "text", text: value, ...extra });
const marked = (ttl?: string): object => ({ cache_control: { type: "ephemeral", ...(ttl ? { ttl } : {}) } });
const tool = (extra: object = {}): object => ({ name: "f", input_schema: { type: "object" }, ...extra });

function body(extra: object = {}): Record<string, unknown> {
  return { model: "e/m", max_tokens: 100, messages: [user("hi")], ...extra };
}

function without(key: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body()).filter(([name]) => name !== key));
}

function fault(request: unknown, headers: Record<string, string> = {}): string | null {
  try {
    validateCreate(request, new Headers(headers));
    return null;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    expect(error).toMatchObject({ status: 400, type: "invalid_request_error" });
    return error.message;
  }
}

describe("the shape of a request", () => {
  it.each<[string, unknown]>([
    ["Input should be an object", []],
    ["Input should be an object", "x"],
    ["model: Field required", without("model")],
    ["max_tokens: Field required", without("max_tokens")],
    ["messages: Field required", without("messages")],
    ["model: Field required", body({ model: null })],
    ["model: Input should be a valid string", body({ model: 3 })],
    ["max_tokens: Input should be a valid integer", body({ max_tokens: 1.5 })],
    ["max_tokens: Input should be a valid number", body({ max_tokens: "9" })],
    ["max_tokens: Input should be greater than or equal to 0", body({ max_tokens: -1 })],
    ["messages: Input should be a valid list", body({ messages: "hi" })],
    ["messages: List should have at least 1 item after validation, not 0", body({ messages: [] })],
    [
      "messages.0.role: Input should be 'user', 'assistant' or 'system'",
      body({ messages: [{ role: "x", content: "" }] }),
    ],
    ["messages.0.content: Field required", body({ messages: [{ role: "user" }] })],
    ["messages.0.content: Input should be a valid list", body({ messages: [user(3)] })],
    ["messages.0.content.0: Input should be an object", body({ messages: [user(["x"])] })],
    ["messages.0.content.0.type: Field required", body({ messages: [user([{ text: "x" }])] })],
    [
      "messages.1.content.0.text: Field required",
      body({ messages: [user("hi"), assistant([{ type: "text" }]), user("x")] }),
    ],
    [
      "messages.0.content.0.source.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'",
      body({
        messages: [user([{ type: "image", source: { type: "base64", media_type: "image/bmp", data: "" } }])],
      }),
    ],
    [
      "messages.1.content.0.input: Input should be an object",
      body({ messages: [user("x"), assistant([{ ...call("toolu_1"), input: "{}" }])] }),
    ],
    [
      "messages.0.content.0.tool_use_id: Field required",
      body({ messages: [user([{ type: "tool_result" }])] }),
    ],
    ["system: Input should be a valid list", body({ system: 3 })],
    ["system.0.text: Field required", body({ system: [{ type: "text" }] })],
    ["stream: Input should be a valid boolean", body({ stream: "yes" })],
    ["temperature: Input should be less than or equal to 1", body({ temperature: 2 })],
    ["stop_sequences.1: Input should be a valid string", body({ stop_sequences: ["a", 1] })],
    [
      "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
      body({ tools: [tool({ name: "a b" })] }),
    ],
    ["tools.0.custom.input_schema: Field required", body({ tools: [{ name: "f" }] })],
    ["tools.0.custom.input_schema.type: Field required", body({ tools: [tool({ input_schema: {} })] })],
    [
      "tools.0.custom.input_schema.type: Input should be 'object'",
      body({ tools: [tool({ input_schema: { type: "array" } })] }),
    ],
    [
      "tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'",
      body({ tools: [tool()], tool_choice: { type: "required" } }),
    ],
    ["tool_choice.name: Field required", body({ tools: [tool()], tool_choice: { type: "tool" } })],
    [
      "thinking.budget_tokens: Input should be greater than or equal to 1024",
      body({ thinking: { type: "enabled", budget_tokens: 5 } }),
    ],
  ])("%s", (message, request) => {
    expect(fault(request)).toBe(message);
  });

  it("lets unknown fields, kinds of block and typed tools through, and gives the body back as it came", () => {
    const request = body({
      messages: [
        user([{ type: "container_upload", file_id: "f" }, text("x", { novel: 1 })]),
        assistant("a"),
        user("b"),
      ],
      tools: [
        tool({ type: "custom", novel: { a: 1 } }),
        { type: "bash_20250124", name: "bash" },
        { type: "mcp_toolset" },
      ],
      context_management: { edits: [] },
      output_config: { effort: "high" },
      diagnostics: { previous_message_id: null },
      novel: true,
    });
    expect(validateCreate({ ...request, container: null }, new Headers())).toEqual(request);
  });

  it("of count_tokens needs no max_tokens", () => {
    expect(() => validateCount(without("max_tokens"), new Headers())).not.toThrow();
    expect(() => validateCount(without("messages"), new Headers())).toThrow("messages: Field required");
  });
});

describe("content", () => {
  it.each<[string | null, object[]]>([
    ["messages: text content blocks must be non-empty", [user([text("")])]],
    [
      "messages.2.content.0.text: cache_control cannot be set for empty text blocks",
      [user("a"), assistant("b"), user([text("", marked())])],
    ],
    [
      "messages.0: all messages must have non-empty content except for the optional final assistant message",
      [user("")],
    ],
    [
      "messages.1: all messages must have non-empty content except for the optional final assistant message",
      [user("a"), assistant([]), user("b")],
    ],
    [null, [user("a"), assistant("")]],
    ["messages.0: `tool_use` blocks can only be in `assistant` messages", [user([call("toolu_1")])]],
    [
      "messages.1: `tool_result` blocks can only be in `user` messages",
      [user("a"), assistant([result("toolu_1")])],
    ],
    [
      "messages.1.content.0.cache_control: Extra inputs are not permitted",
      [user("a"), assistant([{ type: "thinking", thinking: "", signature: "", ...marked() }])],
    ],
  ])("%s", (message, messages) => {
    expect(fault(body({ messages }))).toBe(message);
  });

  it("may hold thinking, which carries no marker", () => {
    const thinking = { type: "thinking", thinking: "", signature: "" };
    const content = [thinking, { type: "redacted_thinking", data: "x", cache_control: null }, text("b")];
    expect(fault(body({ messages: [user("a"), assistant(content), user("c")] }))).toBeNull();
  });

  it("of the system prompt is not empty text", () => {
    expect(fault(body({ system: [text("")] }))).toBe("system: text content blocks must be non-empty");
    expect(fault(body({ system: "" }))).toBeNull();
  });
});

describe("system messages", () => {
  it.each<[RegExp | null, object[]]>([
    [/^messages\.0: .*cannot come first/, [system("s"), user("a")]],
    [/^messages\.2: .*directly follow a `user`/, [user("a"), assistant("b"), system("s")]],
    [/^messages\.1: .*followed by an `assistant`/, [user("a"), system("s"), user("b")]],
    [
      /^messages\.2: .*directly follow/,
      [user("a"), assistant([call("toolu_1")]), system("s"), user([result("toolu_1")])],
    ],
    [
      /^messages\.1: `image` blocks are not allowed/,
      [user("a"), system([{ type: "image", source: { type: "url", url: "x" } }])],
    ],
    [null, [user("a"), system("s"), system([text("t")]), assistant("b")]],
    [null, [user("a"), system([text("s"), { type: "tool_addition", tools: [] }])]],
    [
      null,
      [
        user("a"),
        assistant([{ type: "web_search_tool_result", tool_use_id: "x", content: [] }]),
        system("s"),
      ],
    ],
    [null, [user("a"), assistant([call("toolu_1")]), user([result("toolu_1")]), system("s")]],
  ])("%s", (message, messages) => {
    if (message) expect(fault(body({ messages }))).toMatch(message);
    else expect(fault(body({ messages }))).toBeNull();
  });
});

describe("tool results", () => {
  const ask = [user("a"), assistant([call("toolu_1"), call("toolu_2")])];
  it("must answer every call in the next message", () => {
    const message = (ids: string): string =>
      `messages.1: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
    expect(fault(body({ messages: ask }))).toBe(message("toolu_1, toolu_2"));
    expect(fault(body({ messages: [...ask, user([result("toolu_2")])] }))).toBe(message("toolu_1"));
    expect(fault(body({ messages: [...ask, user([result("toolu_2"), result("toolu_1")])] }))).toBeNull();
    expect(
      fault(body({ messages: [...ask, user([result("toolu_1")]), user([result("toolu_2")])] })),
    ).toBeNull();
  });

  it.each<[RegExp, object[]]>([
    [/^messages\.0\.content\.0: unexpected `tool_use_id`.*toolu_9/, [user([result("toolu_9")])]],
    [
      /^messages\.2\.content\.2: each tool_use must have a single result/,
      [...ask, user([result("toolu_1"), result("toolu_2"), result("toolu_1")])],
    ],
    [
      /^messages\.2\.content\.0: `tool_result` blocks must come first/,
      [...ask, user([text("x"), result("toolu_1"), result("toolu_2")])],
    ],
  ])("%s", (message, messages) => {
    expect(fault(body({ messages }))).toMatch(message);
  });

  it("may say INVALID_JSON, and a call may come back with a partial input", () => {
    const invalid = { ...result("toolu_1"), is_error: true, content: '{"INVALID_JSON":"{\\"a\\":"}' };
    expect(fault(body({ messages: [user("a"), assistant([call("toolu_1")]), user([invalid])] }))).toBeNull();
  });
});

describe("tools", () => {
  it.each<[string | null, object]>([
    ["tools: Tool names must be unique.", { tools: [tool(), tool()] }],
    [
      "tool_choice: tool_choice may only be specified while providing tools.",
      { tool_choice: { type: "any" } },
    ],
    [null, { tool_choice: { type: "none" } }],
    [
      "tool_choice.tool.name: Tool 'g' not found in provided tools",
      { tools: [tool()], tool_choice: { type: "tool", name: "g" } },
    ],
    [
      "Thinking may not be enabled when tool_choice forces tool use.",
      {
        tools: [tool()],
        tool_choice: { type: "any" },
        max_tokens: 4000,
        thinking: { type: "enabled", budget_tokens: 2000 },
      },
    ],
    [
      "tools.0.custom.input_examples.1: Input example does not match the tool's input_schema",
      {
        tools: [
          tool({
            input_schema: { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
            input_examples: [{ a: "x" }, { a: 1 }],
          }),
        ],
      },
    ],
  ])("%s", (message, extra) => {
    expect(fault(body(extra))).toBe(message);
  });
});

describe("limits", () => {
  it.each<[RegExp | null, object]>([
    [
      /must be greater than `thinking.budget_tokens`/,
      { max_tokens: 2000, thinking: { type: "enabled", budget_tokens: 2000 } },
    ],
    [null, { max_tokens: 0 }],
    [/stream: true/, { max_tokens: 0, stream: true }],
    [/thinking.type: "enabled"/, { max_tokens: 0, thinking: { type: "enabled", budget_tokens: 2000 } }],
    [/tool_choice.type: "any"/, { max_tokens: 0, tools: [tool()], tool_choice: { type: "any" } }],
    [/output_config.format/, { max_tokens: 0, output_config: { format: { type: "json_schema" } } }],
  ])("%s", (message, extra) => {
    if (message) expect(fault(body(extra))).toMatch(message);
    else expect(fault(body(extra))).toBeNull();
  });
});

describe("cache markers", () => {
  const mark = text("x", marked());
  it.each<[string | null, object]>([
    [
      "messages.0.content.0.cache_control.type: Input should be 'ephemeral'",
      { messages: [user([text("x", { cache_control: { type: "x" } })])] },
    ],
    [
      "messages.0.content.0.cache_control.ttl: Input should be '5m' or '1h'",
      { messages: [user([text("x", marked("2h"))])] },
    ],
    ["cache_control.ttl: Input should be '5m' or '1h'", marked("2h")],
    [null, { messages: [user([text("x", { cache_control: null })])], cache_control: null }],
    [null, { system: [mark, mark], messages: [user([mark, mark])] }],
    [
      "A maximum of 4 blocks with cache_control may be provided. Found 5.",
      { tools: [tool(marked())], system: [mark, mark], messages: [user([mark, mark])] },
    ],
    [
      "A maximum of 4 blocks with cache_control may be provided. Found 5.",
      { system: [mark, mark], messages: [user([mark, mark, text("y")])], ...marked() },
    ],
    [null, { system: [mark, mark], messages: [user([mark, mark])], ...marked("5m") }],
    [
      "cache_control: the last block already has a cache_control with a different ttl",
      { messages: [user([mark])], ...marked("1h") },
    ],
    [
      "messages.0.content.1.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, `system`, `messages`.",
      { system: [text("s", marked("1h"))], messages: [user([mark, text("y", marked("1h"))])] },
    ],
    [null, { tools: [tool(marked("1h"))], system: [mark] }],
  ])("%s", (message, extra) => {
    expect(fault(body(extra))).toBe(message);
  });
});

describe("the version header", () => {
  const sampling = body({ temperature: 1 });
  it("is 2023-06-01 when absent, and then sampling parameters are legal", () => {
    expect(fault(sampling)).toBeNull();
    expect(fault(sampling, { "anthropic-version": "2023-06-01" })).toBeNull();
  });

  it("2026-10-21 and later rule out sampling, documents by the assistant and citations by the user", () => {
    const version = { "anthropic-version": "2026-10-21" };
    expect(fault(sampling, version)).toBe("temperature: Extra inputs are not permitted");
    expect(fault(body({ top_k: 0 }), { "anthropic-version": "2027-01-01" })).toBe(
      "top_k: Extra inputs are not permitted",
    );
    const cited = user([text("x", { citations: [{}] })]);
    expect(fault(body({ messages: [cited] }), version)).toBe(
      "messages.0.content.0.citations: Extra inputs are not permitted",
    );
    const document = { type: "document", source: { type: "text", media_type: "text/plain", data: "x" } };
    expect(fault(body({ messages: [user("a"), assistant([document])] }), version)).toMatch(
      /^messages\.1\.content\.0/,
    );
  });

  it("that is no date is refused", () => {
    expect(fault(body(), { "anthropic-version": "latest" })).toBe(
      'anthropic-version: "latest" is not a valid version',
    );
  });
});
