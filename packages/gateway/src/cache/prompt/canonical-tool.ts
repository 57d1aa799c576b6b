import type { ToolDefinition, TypedTool } from "@ml-intern/messages";

/** These say how a call is sent, when the tool is shown and where the cache begins, not what the model reads. */
const UNSEEN: ReadonlySet<string> = new Set(["cache_control", "eager_input_streaming", "defer_loading"]);

/**
 * A tool's definition for the key. The order of its own fields means nothing; that within its schema is kept, because
 * the model reads the schema as it is written.
 */
export function canonicalTool(tool: ToolDefinition | TypedTool): string {
  const fields = Object.entries(tool)
    .filter(([name, value]) => !UNSEEN.has(name) && value !== null && value !== undefined)
    .filter(([name, value]) => !(name === "type" && value === "custom"))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return `tool ${JSON.stringify(fields)}`;
}
