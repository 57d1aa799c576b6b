import {
  assistant,
  call,
  document,
  marked,
  result,
  system,
  text,
  tool,
  user,
} from "../testing/request-parts.ts";

const PNG = { type: "base64", media_type: "image/png", data: "iVBORw0KGgoAAAANSUhEUg==" };
const SCHEMA = {
  type: "object",
  properties: { a: { type: "string", enum: ["x", "y"] }, n: { type: "integer", minimum: 1 } },
  required: ["a"],
  additionalProperties: false,
};
const LOOP = [
  user("How is the weather?"),
  assistant([
    { type: "thinking", thinking: "I look it up.", signature: "abc" },
    text("Let me look."),
    call("toolu_1", { input: { city: "Paris", days: [1, 2.5, -3e10], deep: { a: [null, true] } } }),
    call("toolu_2"),
  ]),
  user([
    result("toolu_1", { content: [text("18 °C 🌤"), { type: "image", source: PNG }] }),
    result("toolu_2", { is_error: true }),
    text("Go on."),
  ]),
];

/** Requests without a fault, of every kind: what mutations start from. */
export const SEED_REQUESTS: readonly Readonly<Record<string, unknown>>[] = [
  {},
  {
    stream: true,
    system: "Be brief.",
    stop_sequences: ["END", "\n\nHuman:"],
    temperature: 0.5,
    top_p: 0.9,
    top_k: 5,
  },
  { system: [text("a", marked("1h")), text("b", marked())], metadata: { user_id: "u" }, stream: false },
  { messages: LOOP, tools: [tool(), tool({ name: "get_weather", type: "custom", description: "d" })] },
  {
    messages: [...LOOP, system("Today is Sunday."), assistant("It is warm."), user("Thanks.")],
    stream: true,
  },
  { messages: [user("a"), user([text("b")]), assistant("c"), assistant([text("d")]), user("e")] },
  { messages: [user("Write."), assistant("Once upon a time")] },
  {
    tools: [tool({ input_schema: SCHEMA, input_examples: [{ a: "x", n: 1 }, { a: "y" }], strict: true })],
    tool_choice: { type: "tool", name: "f", disable_parallel_tool_use: true },
  },
  {
    tools: [tool({ eager_input_streaming: true, defer_loading: false })],
    tool_choice: { type: "any" },
    stream: true,
  },
  {
    tools: [
      { type: "bash_20250124", name: "bash" },
      { type: "web_search_20250305", name: "web_search", max_uses: 3 },
    ],
  },
  { tools: [{ type: "computer_toolset_20260801" }, tool(marked())], tool_choice: { type: "auto" } },
  { thinking: { type: "enabled", budget_tokens: 2000 }, max_tokens: 4000 },
  { thinking: { type: "adaptive", display: "omitted" }, output_config: { effort: "low" } },
  { output_config: { format: { type: "json_schema", schema: SCHEMA } }, thinking: { type: "disabled" } },
  { max_tokens: 0, system: [text("warm", marked())] },
  {
    messages: [
      user([
        { type: "image", source: PNG, ...marked() },
        { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
        document({ title: "t", citations: { enabled: true } }),
        document({ source: { type: "content", content: [text("a"), { type: "image", source: PNG }] } }),
        document({ source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" } }),
        { type: "search_result", source: "s", title: "t", content: [text("x")] },
        text("What is this?", { citations: null }),
      ]),
    ],
  },
  {
    messages: [
      user("a"),
      assistant([
        { type: "redacted_thinking", data: "x" },
        { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} },
        { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] },
      ]),
      system([text("s"), { type: "tool_addition", tool: { type: "tool_reference", tool_name: "f" } }]),
      assistant("b"),
      user("c"),
    ],
  },
  {
    context_management: {
      edits: [{ type: "clear_thinking_20251015", keep: "all" }, { type: "clear_tool_uses_20250919" }],
    },
    cache_control: { type: "ephemeral", ttl: "5m" },
    service_tier: "auto",
    container: null,
    mcp_servers: [],
    diagnostics: { previous_message_id: null },
    thread: { type: "create" },
  },
  { model: "scripted/claude-opus-5-5", tools: [tool()], temperature: 1 },
].map((extra) => ({ model: "scripted/m", max_tokens: 100, messages: [user("hi")], ...extra }));

/** Headers that go with them. */
export const SEED_HEADERS: readonly Readonly<Record<string, string>>[] = [
  {},
  { "anthropic-version": "2023-06-01" },
  { "anthropic-version": "2026-10-21" },
  { "anthropic-beta": "fine-grained-tool-streaming-2025-05-14,unknown-2030-01-01" },
  { "content-type": "text/plain", "anthropic-version": "yesterday" },
];
