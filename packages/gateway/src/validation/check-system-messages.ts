import type { InputMessage } from "@ml-intern/messages";
import type { Check } from "./check.ts";
import { contentBlocks } from "./turns.ts";

const NOT_IN_SYSTEM = new Set([
  "image",
  "document",
  "search_result",
  "tool_use",
  "tool_result",
  "thinking",
  "redacted_thinking",
]);

/** Messages of role `system` stand after a user's turn, and before an assistant's turn or at the end. */
export const checkSystemMessages: Check = ({ messages }) => {
  for (const [index, { role, content }] of messages.entries()) {
    if (role !== "system") continue;
    const before = messages.slice(0, index).findLast((message) => message.role !== "system");
    const after = messages.slice(index + 1).find((message) => message.role !== "system");
    if (!before)
      return `messages.${index}: a \`system\` message cannot come first; use the \`system\` parameter`;
    if (before.role === "assistant" && !endsInServerToolResult(before)) {
      return `messages.${index}: a \`system\` message must directly follow a \`user\` message`;
    }
    if (after?.role === "user") {
      return `messages.${index}: a \`system\` message must be last or be followed by an \`assistant\` message`;
    }
    const wrong = contentBlocks(content).find((block) => NOT_IN_SYSTEM.has(block.type));
    if (wrong) return `messages.${index}: \`${wrong.type}\` blocks are not allowed in \`system\` messages`;
  }
  return null;
};

function endsInServerToolResult({ content }: InputMessage): boolean {
  const type: string | undefined = contentBlocks(content).at(-1)?.type;
  return type !== undefined && type !== "tool_result" && type.endsWith("_tool_result");
}
