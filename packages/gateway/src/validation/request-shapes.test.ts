import { describe, expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { refusal } from "./testing/refusal.ts";
import { assistant, call, requestBody, result, text, tool, user, without } from "./testing/request-parts.ts";

const VERSION = { headers: { "anthropic-version": "2023-06-01" } };

describe("a field that is missing", () => {
  it.each<[string, unknown]>([
    ["model: Field required", without("model")],
    ["max_tokens: Field required", without("max_tokens")],
    ["messages: Field required", without("messages")],
    ["messages.0.content: Field required", requestBody({ messages: [{ role: "user" }] })],
    ["messages.0.role: Field required", requestBody({ messages: [{ content: "a" }] })],
    ["messages.0.content.0.type: Field required", requestBody({ messages: [user([{ text: "x" }])] })],
    [
      "messages.1.content.0.text: Field required",
      requestBody({ messages: [user("hi"), assistant([{ type: "text" }]), user("x")] }),
    ],
    [
      "messages.1.content.0.thinking.signature: Field required",
      requestBody({ messages: [user("hi"), assistant([{ type: "thinking", thinking: "x" }])] }),
    ],
    [
      "messages.0.content.0.tool_result.tool_use_id: Field required",
      requestBody({ messages: [user([{ type: "tool_result" }])] }),
    ],
    ["system.0.text: Field required", requestBody({ system: [{ type: "text" }] })],
    ["tools.0.custom.input_schema: Field required", requestBody({ tools: [{ name: "f" }] })],
    [
      "tools.0.custom.input_schema.type: Field required",
      requestBody({ tools: [tool({ input_schema: {} })] }),
    ],
    [
      "tool_choice.tool.name: Field required",
      requestBody({ tools: [tool()], tool_choice: { type: "tool" } }),
    ],
  ])("is named: %s", async (message, body) => {
    verifies("request.required-fields");
    expect(await refusal(body)).toBe(message);
  });

  it("is named alone, though there are others", async () => {
    verifies("request.first-fault-only");
    expect(await refusal({})).toBe("model: Field required");
    expect(await refusal({ model: "scripted/m", messages: 3, max_tokens: "x" })).toBe(
      "max_tokens: Input should be a valid integer",
    );
  });
});

it("a fault is told in some thousand characters at most, however long what it quotes", async () => {
  verifies("request.types");
  const calls = Array.from({ length: 1000 }, (_, index) => call(`toolu_${index}`));
  const said = await refusal(requestBody({ messages: [user("a"), assistant(calls)] }));
  expect(said).toMatch(/^messages\.1: `tool_use` ids were found without .* toolu_0, toolu_1, .*…$/);
  expect(said?.length).toBeLessThan(5_000);
});

describe("a field of another type", () => {
  it.each<[string, unknown]>([
    ["Input should be an object", []],
    ["Input should be an object", "x"],
    ["Input should be an object", null],
    ["model: Input should be a valid string", requestBody({ model: 3 })],
    ["model: Input should be a valid string", requestBody({ model: null })],
    ["model: String should have at least 1 character", requestBody({ model: "" })],
    ["model: String should have at most 256 characters", requestBody({ model: "x".repeat(257) })],
    ["max_tokens: Input should be a valid integer", requestBody({ max_tokens: 1.5 })],
    ["max_tokens: Input should be a valid integer", requestBody({ max_tokens: "9" })],
    ["max_tokens: Input should be greater than or equal to 0", requestBody({ max_tokens: -1 })],
    ["messages: Input should be a valid list", requestBody({ messages: "hi" })],
    ["messages.0: Input should be an object", requestBody({ messages: ["hi"] })],
    ["messages.0.content: Input should be a valid list", requestBody({ messages: [user(3)] })],
    ["messages.0.content: Input should be a valid list", requestBody({ messages: [user(null)] })],
    ["messages.0.content.0: Input should be an object", requestBody({ messages: [user(["x"])] })],
    [
      "messages.1.content.0.tool_use.input: Input should be a valid dictionary",
      requestBody({ messages: [user("x"), assistant([call("toolu_1", { input: "{}" })])] }),
    ],
    [
      "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
      requestBody({ messages: [user("x"), assistant([call("a b")])] }),
    ],
    ["system: Input should be a valid list", requestBody({ system: 3 })],
    ["system.0.type: Input should be 'text'", requestBody({ system: [{ type: "image" }] })],
    ["stream: Input should be a valid boolean", requestBody({ stream: "yes" })],
    ["stop_sequences.1: Input should be a valid string", requestBody({ stop_sequences: ["a", 1] })],
    ["metadata.user_id: Input should be a valid string", requestBody({ metadata: { user_id: 1 } })],
    [
      "metadata.user_id: String should have at most 512 characters",
      requestBody({ metadata: { user_id: "x".repeat(513) } }),
    ],
    [
      "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
      requestBody({ output_config: { effort: "extreme" } }),
    ],
    [
      "output_config.format.json_schema.schema: Field required",
      requestBody({ output_config: { format: { type: "json_schema" } } }),
    ],
    [
      "tool_choice: Input tag 'required' found using 'type' does not match any of the expected tags: 'auto', 'any', 'tool', 'none'",
      requestBody({ tools: [tool()], tool_choice: { type: "required" } }),
    ],
  ])("is told with its path and what it should be: %s", async (message, body) => {
    verifies("request.types");
    expect(await refusal(body)).toBe(message);
  });

  it("is told for kinds of block that the API does not know", async () => {
    verifies("request.types");
    expect(await refusal(requestBody({ messages: [user([{ type: "image_url", image_url: "x" }])] }))).toMatch(
      /^messages\.0\.content\.0: Input tag 'image_url' found using 'type' does not match any of the expected tags: 'text', 'image', /,
    );
  });

  it("is told for members that only look right: names of every object's own members, and huge numbers", async () => {
    verifies("request.types");
    expect(await refusal(requestBody({ messages: [user([{ type: "constructor" }])] }))).toMatch(/Input tag/);
    expect(await refusal(requestBody({ max_tokens: 1e308 }))).toBeNull();
    expect(await refusal(JSON.parse('{"__proto__":{"model":"scripted/m"}}'))).toBe("model: Field required");
  });
});

describe("roles", () => {
  it("are user, assistant and system", async () => {
    verifies("request.roles");
    expect(await refusal(requestBody({ messages: [{ role: "tool", content: "x" }] }))).toBe(
      "messages.0.role: Input should be 'user', 'assistant' or 'system'",
    );
  });
});

describe("fields of the request", () => {
  const tolerated = {
    metadata: { user_id: "u" },
    service_tier: "auto",
    inference_geo: "us",
    speed: "fast",
    container: "container_1",
    context_management: { edits: [] },
    output_config: { effort: "high" },
    thinking: { type: "adaptive" },
    diagnostics: { previous_message_id: null },
    mcp_servers: [{ type: "url", url: "https://example.com", name: "x" }],
    fallbacks: [{ model: "claude-sonnet-5-5" }],
    thread: { type: "create" },
    compaction: { type: "summarize" },
    billing_policy: "standard",
    user_profile_id: "p",
    workspace_id: "wrkspc_1",
    output_format: { type: "json_schema", schema: {} },
    fallback_credit_token: "t",
  };

  it.each(Object.entries(tolerated))(
    "that the API and its betas know are accepted: %s",
    async (name, value) => {
      verifies("request.tolerated-fields");
      expect(await refusal(requestBody({ [name]: value }), VERSION)).toBeNull();
      expect(await refusal(requestBody({ [name]: null }), VERSION)).toBeNull();
    },
  );

  it("that nobody knows are refused; within blocks and tools they are ignored", async () => {
    verifies("request.unknown-fields", "request.parallel-is-in-tool-choice");
    expect(await refusal(requestBody({ max_token: 3 }))).toBe("max_token: Extra inputs are not permitted");
    expect(await refusal(requestBody({ disable_parallel_tool_use: true }))).toBe(
      "disable_parallel_tool_use: Extra inputs are not permitted",
    );
    const messages = [user([text("x", { novel: 1 })])];
    expect(await refusal(requestBody({ messages, tools: [tool({ novel: {} })] }))).toBeNull();
  });

  it("for sampling lie within their ranges", async () => {
    verifies("request.sampling-ranges");
    expect(await refusal(requestBody({ temperature: 2 }))).toBe("temperature: range: 0..1");
    expect(await refusal(requestBody({ top_p: -0.1 }))).toBe("top_p: range: 0..1");
    expect(await refusal(requestBody({ top_k: 0.5 }))).toBe("top_k: Input should be a valid integer");
    expect(await refusal(requestBody({ temperature: 0, top_p: 1, top_k: 0 }))).toBeNull();
  });

  it("for stopping hold something other than white space", async () => {
    verifies("request.stop-sequences");
    const message = "stop_sequences: each stop sequence must contain non-whitespace";
    expect(await refusal(requestBody({ stop_sequences: ["a", " \n"] }))).toBe(message);
    expect(await refusal(requestBody({ stop_sequences: [""] }))).toBe(message);
    expect(await refusal(requestBody({ stop_sequences: ["\nHuman:"] }))).toBeNull();
  });
});

describe("thinking", () => {
  it.each<[string | null, object]>([
    [null, { type: "adaptive" }],
    [null, { type: "adaptive", display: "omitted" }],
    [null, { type: "disabled" }],
    [null, { type: "between_tools" }],
    [null, { type: "enabled", budget_tokens: 1024 }],
    ["thinking.enabled.budget_tokens: Field required", { type: "enabled" }],
    [
      "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
      { type: "enabled", budget_tokens: 1023 },
    ],
    ["`max_tokens` must be greater than `thinking.budget_tokens`.", { type: "enabled", budget_tokens: 2000 }],
    [
      "thinking: Input tag 'on' found using 'type' does not match any of the expected tags: 'enabled', 'adaptive', 'disabled', 'between_tools'",
      { type: "on" },
    ],
  ])("%s: %j", async (message, thinking) => {
    verifies("request.thinking-shapes");
    expect(await refusal(requestBody({ max_tokens: 2000, thinking }))).toBe(message);
  });
});

describe("pictures", () => {
  const png = "iVBORw0KGgoAAAANSUhEUg==";
  const picture = (source: object): object => requestBody({ messages: [user([{ type: "image", source }])] });
  it.each<[string | null, object]>([
    [null, { type: "base64", media_type: "image/png", data: png }],
    [null, { type: "url", url: "https://example.com/a.png" }],
    [
      "messages.0.content.0.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'",
      { type: "base64", media_type: "image/bmp", data: png },
    ],
    [
      "messages.0.content.0.image.source.base64: invalid base64 data",
      { type: "base64", media_type: "image/png", data: `data:image/png;base64,${png}` },
    ],
    [
      "messages.0.content.0.image.source.base64: invalid base64 data",
      { type: "base64", media_type: "image/png", data: "abc=d===" },
    ],
    [
      "messages.0.content.0.image.source.base64: image cannot be empty",
      { type: "base64", media_type: "image/png", data: "" },
    ],
    [
      "messages.0.content.0.image.source.base64.data: Image does not match the provided media type image/jpeg",
      { type: "base64", media_type: "image/jpeg", data: png },
    ],
    [
      "messages.0.content.0.image.source: Input tag 'file' found using 'type' does not match any of the expected tags: 'base64', 'url'",
      { type: "file", file_id: "f" },
    ],
  ])("%s", async (message, source) => {
    verifies("request.pictures");
    expect(await refusal(picture(source))).toBe(message);
  });
});

describe("a tool's result", () => {
  const source = { type: "base64", media_type: "image/png", data: "iVBORw0KGgoAAAANSUhEUg==" };
  const ask = [user("a"), assistant([call("toolu_1")])];
  const answered = (extra: object): object =>
    requestBody({ messages: [...ask, user([result("toolu_1", extra)])] });

  it.each<[string | null, object]>([
    [null, { content: undefined }],
    ["messages.2.content.0.tool_result.content: Input should be a valid list", { content: null }],
    [null, { content: [], is_error: true }],
    [null, { content: [text("a"), { type: "image", source }, { type: "tool_reference", tool_name: "g" }] }],
    [null, { content: [{ type: "search_result", source: "s", title: "t", content: [text("x")] }] }],
    [
      "messages.2.content.0.tool_result.content.0: Input tag 'tool_use' found using 'type' does not match any of the expected tags: 'text', 'image', 'document', 'search_result', 'tool_reference'",
      { content: [call("toolu_2")] },
    ],
    [
      "messages.2.content.0.tool_result.content.0.search_result.title: Field required",
      { content: [{ type: "search_result", source: "s" }] },
    ],
    ["messages.2.content.0.tool_result.is_error: Input should be a valid boolean", { is_error: "no" }],
  ])("%s", async (message, extra) => {
    verifies("request.tool-result-shape");
    expect(await refusal(answered(extra))).toBe(message);
  });
});
