import { joinTexts } from "./conversation.ts";
import type { TemplateMessage, TemplateTool } from "./template-message.ts";

/** The conversation with the tools described in its system prompt, for models whose template knows none. */
export function describeTools(
  messages: readonly TemplateMessage[],
  tools: readonly TemplateTool[],
): readonly TemplateMessage[] {
  if (tools.length === 0) return messages;
  const [first, ...rest] = messages;
  const description = toolsText(tools);
  if (first?.role !== "system") return [{ role: "system", content: description }, ...messages];
  return [{ ...first, content: joinTexts(first.content, description) }, ...rest];
}

function toolsText(tools: readonly TemplateTool[]): string {
  const list = tools.map((tool) => JSON.stringify(tool.function)).join("\n");
  return [
    "# Tools",
    "These tools are there for you to call. Each line is one tool: its name, what it does, and the JSON Schema of its arguments.",
    list,
    "To call a tool, write its name and arguments like this, and nothing after it:",
    '<tool_call>\n{"name": "name of the tool", "arguments": {"argument": "value"}}\n</tool_call>',
    "Its result comes in the next message. Call a tool only when it helps; otherwise answer in plain text.",
  ].join("\n\n");
}
