import { scriptedEngine } from "@ml-intern/testkit";
import { expect, it } from "vitest";
import { createGateway } from "./create-gateway.ts";

it("a request in Claude Code's shape is served: betas, billing block, system messages, adaptive thinking", async () => {
  const engine = scriptedEngine([{ text: "ok" }]);
  const gateway = createGateway({ engines: { scripted: engine } });
  const marker = { cache_control: { type: "ephemeral", ttl: "1h" } };
  const body = {
    model: "scripted/claude",
    max_tokens: 32_000,
    stream: true,
    system: [
      { type: "text", text: "x-anthropic-billing-header: cc_version=2.1.330.f4d; cc_entrypoint=sdk-cli;" },
      { type: "text", text: "You are Claude Code.", ...marker },
    ],
    messages: [
      { role: "user", content: [{ type: "text", text: "List the files." }] },
      {
        role: "system",
        content: [{ type: "text", text: "Today is Sunday.", cache_control: { type: "ephemeral" } }],
      },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "ls.", signature: "abc" },
          {
            type: "tool_use",
            id: "toolu_1",
            caller: { type: "direct" },
            input: { command: "ls" },
            name: "Bash",
          },
        ],
      },
      {
        role: "user",
        content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "a.csv", is_error: false }],
      },
      { role: "system", content: "Today is Monday." },
    ],
    tools: [
      {
        name: "Bash",
        description: "runs",
        input_schema: { type: "object", additionalProperties: false },
        eager_input_streaming: true,
      },
      { name: "DeferredToolPlaceholder", input_schema: { type: "object" }, defer_loading: true },
    ],
    metadata: { user_id: "user_session" },
    thinking: { type: "adaptive" },
    context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
    output_config: { effort: "medium" },
  };
  const response = await gateway.request("/v1/messages?beta=true", {
    method: "POST",
    body: JSON.stringify(body),
    headers: {
      "x-api-key": "any",
      "anthropic-version": "2023-06-01",
      "anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14,unknown-2027-01-01",
      "x-stainless-timeout": "600",
      "x-claude-code-session-id": "s",
    },
  });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain("event: message_stop");
  expect(engine.requests[0]).toEqual({ ...body, model: "claude" });
});
