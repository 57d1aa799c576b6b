import type { InputMessage } from "@ml-intern/messages";
import type { Check } from "./check.ts";
import { contentBlocks } from "./turns.ts";

const ALLOWED: ReadonlySet<string> = new Set(["text", "tool_addition", "tool_removal"]);

/**
 * Messages of role `system` stand after a user's turn, and before an assistant's turn or at the end. Several in a row
 * are one section. They hold text and changes of the tools.
 */
export const checkSystemMessages: Check = ({ messages }) => {
  /** The first message of the section that was read last, while no other message has followed it. */
  let section: number | null = null;
  let before: InputMessage | null = null;
  for (const [index, message] of messages.entries()) {
    if (message.role !== "system") {
      if (section !== null && message.role === "user") {
        return `messages.${section}: a \`system\` message must be last or be followed by an \`assistant\` message`;
      }
      section = null;
      before = message;
      continue;
    }
    section ??= index;
    if (!before)
      return `messages.${index}: a \`system\` message cannot come first; use the \`system\` parameter`;
    if (before.role === "assistant" && !endsInServerToolResult(before)) {
      return `messages.${index}: a \`system\` message must directly follow a \`user\` message`;
    }
    const wrong = contentBlocks(message.content).find((block) => !ALLOWED.has(block.type));
    if (wrong) return `messages.${index}: \`${wrong.type}\` blocks are not allowed in \`system\` messages`;
  }
  return null;
};

function endsInServerToolResult({ content }: InputMessage): boolean {
  const type: string | undefined = contentBlocks(content).at(-1)?.type;
  return type !== undefined && type !== "tool_result" && type.endsWith("_tool_result");
}
