import { describe, expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { refusal } from "./testing/refusal.ts";
import { requestBody, tool } from "./testing/request-parts.ts";

const refusalOf = (extra: object, headers: Record<string, string> = {}): Promise<string | null> =>
  refusal(requestBody({ max_tokens: 4000, ...extra }), { headers });

describe("tools", () => {
  it("have names of 1 to 128 characters, each its own", async () => {
    verifies("request.tool-name");
    const pattern = "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'";
    for (const name of ["", "a b", "é", "x".repeat(129)]) {
      expect(await refusalOf({ tools: [tool({ name })] })).toBe(pattern);
    }
    expect(await refusalOf({ tools: [tool({ name: "x".repeat(128) })] })).toBeNull();
    expect(await refusalOf({ tools: [tool(), tool()] })).toBe("tools: Tool names must be unique.");
  });

  it("have a schema of an object", async () => {
    verifies("request.input-schema");
    expect(await refusalOf({ tools: [tool({ input_schema: { type: "array" } })] })).toBe(
      "tools.0.custom.input_schema.type: Input should be 'object'",
    );
    expect(await refusalOf({ tools: [tool({ input_schema: [] })] })).toBe(
      "tools.0.custom.input_schema: Input should be an object",
    );
    expect(await refusalOf({ tools: [tool({ input_schema: { type: "object", properties: [] } })] })).toBe(
      "tools.0.custom.input_schema.properties: Input should be a valid dictionary",
    );
  });

  it("have examples that fit the schema", async () => {
    verifies("request.input-examples");
    const schema = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };
    const tools = (examples: unknown): object => ({
      tools: [tool({ input_schema: schema, input_examples: examples })],
    });
    expect(await refusalOf(tools([{ a: "x" }, { a: 1 }]))).toBe(
      "tools.0.custom.input_examples.1: Input example does not match the tool's input_schema",
    );
    expect(await refusalOf(tools([{ a: "x" }]))).toBeNull();
  });

  it("are not looked at through a pattern of the client's", async () => {
    verifies("request.input-examples-patterns");
    const schema = { type: "object", properties: { a: { type: "string", pattern: "^(a+)+$" } } };
    const examples = [{ a: `${"a".repeat(40)}!` }];
    expect(await refusalOf({ tools: [tool({ input_schema: schema, input_examples: examples })] })).toBeNull();
  });

  it("may be of the API's own types, and of no other", async () => {
    verifies("request.typed-tools");
    const typed = [
      { type: "bash_20250124", name: "bash" },
      { type: "memory_20250818", name: "memory" },
      { type: "computer_toolset_20260801" },
      { type: "mcp_toolset", mcp_server_name: "x" },
    ];
    expect(
      await refusalOf({ tools: [...typed, tool({ type: "custom" }), tool({ type: null, name: "g" })] }),
    ).toBeNull();
    expect(await refusalOf({ tools: [{ type: "function", function: {} }] })).toMatch(
      /^tools\.0: Input tag 'function' found using 'type' does not match any of the expected tags: 'custom', /,
    );
  });

  it("may be deferred, strict and eager", async () => {
    verifies("request.types");
    const flags = { defer_loading: true, strict: true, eager_input_streaming: null };
    expect(await refusalOf({ tools: [tool(flags)] })).toBeNull();
    expect(await refusalOf({ tools: [tool({ strict: "yes" })] })).toBe(
      "tools.0.custom.strict: Input should be a valid boolean",
    );
  });
});

describe("tool_choice", () => {
  it.each<[string | null, object]>([
    [null, { tools: [tool()], tool_choice: { type: "auto", disable_parallel_tool_use: true } }],
    [null, { tools: [tool()], tool_choice: { type: "any" } }],
    [null, { tools: [tool()], tool_choice: { type: "tool", name: "f" } }],
    [null, { tool_choice: { type: "none" } }],
    [
      "tool_choice: tool_choice may only be specified while providing tools.",
      { tool_choice: { type: "any" } },
    ],
    [
      "tool_choice.tool.name: Tool 'g' not found in provided tools",
      { tools: [tool()], tool_choice: { type: "tool", name: "g" } },
    ],
  ])("asks for what can be done: %s", async (message, extra) => {
    verifies("request.tool-choice");
    expect(await refusalOf(extra)).toBe(message);
  });

  it("cannot force a call while thinking is enabled", async () => {
    verifies("request.forced-call-and-thinking");
    const forced = { tools: [tool()], tool_choice: { type: "any" } };
    expect(await refusalOf({ ...forced, thinking: { type: "enabled", budget_tokens: 2000 } })).toBe(
      "Thinking may not be enabled when tool_choice forces tool use.",
    );
    expect(await refusalOf({ ...forced, thinking: { type: "adaptive" } })).toBeNull();
  });
});

describe("models named like Claude", () => {
  it("refuse a forced call from Fable and Mythos 5.1 and Opus 5.5 on", async () => {
    verifies("request.forced-call-by-model", "request.rules-by-name");
    const message = 'tool_choice: type "tool" and "any" are not supported for this model.';
    const forced = { tools: [tool()], tool_choice: { type: "tool", name: "f" } };
    for (const name of [
      "claude-fable-5-1",
      "claude-mythos-5-1",
      "claude-opus-5-5-20260901",
      "claude-opus-6",
    ]) {
      expect(await refusalOf({ ...forced, model: `scripted/${name}` }), name).toBe(message);
    }
    for (const name of ["claude-fable-5", "claude-opus-5", "claude-sonnet-5-5", "not-claude-opus-5-5"]) {
      expect(await refusalOf({ ...forced, model: `scripted/${name}` }), name).toBeNull();
    }
  });

  it("refuse other sampling than the default from 4.7 on", async () => {
    verifies("version.old-sampling", "request.rules-by-name");
    const message = (field: string): string => `\`${field}\` is deprecated for this model.`;
    for (const model of ["scripted/claude-opus-4-7", "scripted/claude-sonnet-5-5"]) {
      expect(await refusalOf({ model, temperature: 0.5 })).toBe(message("temperature"));
      expect(await refusalOf({ model, top_p: 0.5 })).toBe(message("top_p"));
      expect(await refusalOf({ model, top_k: 40 })).toBe(message("top_k"));
      expect(await refusalOf({ model, temperature: 1, top_p: 1 })).toBeNull();
    }
    for (const model of ["scripted/claude-opus-4-6", "scripted/claude-sonnet-4-20250514", "scripted/qwen3"]) {
      expect(await refusalOf({ model, temperature: 0.5 })).toBeNull();
    }
  });

  it("cannot be given the beginning of their answer from 4.6 on; others may", async () => {
    verifies("request.prefill");
    const messages = [
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
    ];
    expect(await refusalOf({ messages, model: "scripted/claude-opus-4-6" })).toBe(
      "This model does not support assistant message prefill. The conversation must end with a user message.",
    );
    expect(await refusalOf({ messages, model: "scripted/claude-opus-4-5" })).toBeNull();
    expect(await refusalOf({ messages })).toBeNull();
  });
});

describe("the beta for eager arguments", () => {
  const beta = { "anthropic-beta": "a,fine-grained-tool-streaming-2025-05-14" };
  it("does not go with a computer or a browser", async () => {
    verifies("tool-stream.eager-beta-and-toolsets");
    for (const type of ["computer_toolset_20260801", "browser_toolset_20260801"]) {
      expect(await refusalOf({ tools: [tool(), { type }] }, beta)).toBe(
        `tools.1: \`${type}\` cannot be combined with the beta \`fine-grained-tool-streaming-2025-05-14\``,
      );
      expect(await refusalOf({ tools: [{ type }] })).toBeNull();
    }
    expect(await refusalOf({ tools: [tool()] }, beta)).toBeNull();
  });
});

describe("a request for no tokens", () => {
  it.each<[string | null, object]>([
    [null, {}],
    ["max_tokens: 0 cannot be combined with `stream: true`", { stream: true }],
    [
      'max_tokens: 0 cannot be combined with `thinking.type: "enabled"`',
      { thinking: { type: "enabled", budget_tokens: 2000 } },
    ],
    [
      'max_tokens: 0 cannot be combined with `tool_choice.type: "any"`',
      { tools: [tool()], tool_choice: { type: "any" } },
    ],
    [
      "max_tokens: 0 cannot be combined with `output_config.format`",
      { output_config: { format: { type: "json_schema", schema: {} } } },
    ],
  ])("%s", async (message, extra) => {
    verifies("request.pre-warm");
    expect(await refusalOf({ max_tokens: 0, ...extra })).toBe(message);
  });
});
