import type { Check } from "./check.ts";

/** Kinds of block that only one role may have. */
const ROLE_OF_BLOCK: ReadonlyMap<string, "user" | "assistant" | "system"> = new Map([
  ["tool_use", "assistant"],
  ["thinking", "assistant"],
  ["redacted_thinking", "assistant"],
  ["tool_result", "user"],
  ["tool_addition", "system"],
  ["tool_removal", "system"],
]);

/** No empty messages, no empty text, and each kind of block in the role that it belongs to. */
export const checkContent: Check = ({ messages, system }) => {
  if (Array.isArray(system)) {
    const empty = system.findIndex((block) => block.text === "");
    if (empty !== -1) return emptyText(`system.${empty}`, "system", system[empty]);
  }
  for (const [index, { role, content }] of messages.entries()) {
    const isPrefill = role === "assistant" && index === messages.length - 1;
    if (content.length === 0 && !isPrefill) {
      return `messages.${index}: all messages must have non-empty content except for the optional final assistant message`;
    }
    if (typeof content === "string") continue;
    for (const [at, block] of content.entries()) {
      if (block.type === "text" && block.text === "") {
        return emptyText(`messages.${index}.content.${at}`, "messages", block);
      }
      const home = ROLE_OF_BLOCK.get(block.type);
      if (home && role !== home && role !== "system") {
        return `messages.${index}: \`${block.type}\` blocks can only be in \`${home}\` messages`;
      }
    }
  }
  return null;
};

function emptyText(
  path: string,
  field: string,
  block: { readonly cache_control?: unknown } | undefined,
): string {
  return block?.cache_control
    ? `${path}.text: cache_control cannot be set for empty text blocks`
    : `${field}: text content blocks must be non-empty`;
}
