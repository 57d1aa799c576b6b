import type Anthropic from "@anthropic-ai/sdk";
import { expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { refusal } from "./testing/refusal.ts";
import { assistant, requestBody, user } from "./testing/request-parts.ts";

type Beta = Anthropic.Beta.Messages.MessageCreateParamsNonStreaming;

/**
 * Everything that the official client's types know. A new version of the client that knows more does not compile here,
 * until the validator knows it, too.
 */
const BLOCKS: Readonly<Record<Anthropic.Beta.BetaContentBlockParam["type"], true>> = {
  text: true,
  image: true,
  document: true,
  search_result: true,
  thinking: true,
  redacted_thinking: true,
  tool_use: true,
  tool_result: true,
  server_tool_use: true,
  web_search_tool_result: true,
  web_fetch_tool_result: true,
  advisor_tool_result: true,
  code_execution_tool_result: true,
  bash_code_execution_tool_result: true,
  text_editor_code_execution_tool_result: true,
  tool_search_tool_result: true,
  mcp_tool_use: true,
  mcp_tool_result: true,
  mcp_tool_listing: true,
  container_upload: true,
  compaction: true,
  tool_addition: true,
  tool_removal: true,
  fallback: true,
};

const TOOLS: Readonly<Record<NonNullable<Anthropic.Beta.BetaToolUnion["type"]>, true>> = {
  custom: true,
  advisor_20260301: true,
  bash_20241022: true,
  bash_20250124: true,
  browser_toolset_20260801: true,
  code_execution_20250522: true,
  code_execution_20250825: true,
  code_execution_20260120: true,
  code_execution_20260521: true,
  computer_20241022: true,
  computer_20250124: true,
  computer_20251124: true,
  computer_toolset_20260801: true,
  mcp_toolset: true,
  memory_20250818: true,
  text_editor_20241022: true,
  text_editor_20250124: true,
  text_editor_20250429: true,
  text_editor_20250728: true,
  tool_search_tool_bm25: true,
  tool_search_tool_bm25_20251119: true,
  tool_search_tool_regex: true,
  tool_search_tool_regex_20251119: true,
  web_fetch_20250910: true,
  web_fetch_20260209: true,
  web_fetch_20260309: true,
  web_fetch_20260318: true,
  web_search_20250305: true,
  web_search_20260209: true,
  web_search_20260318: true,
};

const FIELDS: Readonly<Record<keyof Beta, true>> = {
  model: true,
  max_tokens: true,
  messages: true,
  billing_policy: true,
  cache_control: true,
  compaction: true,
  container: true,
  context_management: true,
  diagnostics: true,
  fallback_credit_token: true,
  fallbacks: true,
  inference_geo: true,
  mcp_servers: true,
  metadata: true,
  output_config: true,
  output_format: true,
  service_tier: true,
  speed: true,
  stop_sequences: true,
  stream: true,
  system: true,
  thinking: true,
  thread: true,
  tool_choice: true,
  tools: true,
  betas: true,
  user_profile_id: true,
  workspace_id: true,
};

it.each(Object.keys(BLOCKS))("blocks of type %s are known", async (type) => {
  verifies("request.types");
  const said = await refusal(requestBody({ messages: [user("a"), assistant([{ type }]), user("b")] }));
  expect(said ?? "").not.toMatch(/Input tag/);
});

it.each(Object.keys(TOOLS))("tools of type %s are known", async (type) => {
  verifies("request.typed-tools");
  expect((await refusal(requestBody({ tools: [{ type }] }))) ?? "").not.toMatch(/Input tag/);
});

it.each(Object.keys(FIELDS))("the field %s is known", async (field) => {
  verifies("request.tolerated-fields");
  expect((await refusal(requestBody({ [field]: null }))) ?? "").not.toMatch(/Extra inputs/);
});
