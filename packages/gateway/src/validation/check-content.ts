import type { Check } from "./check.ts";
import { contentBlocks } from "./turns.ts";

const ROLE_OF_BLOCK: Readonly<Record<string, "user" | "assistant">> = {
  tool_use: "assistant",
  thinking: "assistant",
  redacted_thinking: "assistant",
  tool_result: "user",
};

/** No empty messages, no empty text, and each kind of block in the role that it belongs to. */
export const checkContent: Check = ({ messages, system }) => {
  if (Array.isArray(system) && system.some((block) => block.text === "")) {
    return "system: text content blocks must be non-empty";
  }
  for (const [index, { role, content }] of messages.entries()) {
    const isPrefill = role === "assistant" && index === messages.length - 1;
    if (content.length === 0 && !isPrefill) {
      return `messages.${index}: all messages must have non-empty content except for the optional final assistant message`;
    }
    for (const [at, block] of contentBlocks(content).entries()) {
      if (block.type === "text" && block.text === "" && typeof content !== "string") {
        return "cache_control" in block && block.cache_control
          ? `messages.${index}.content.${at}.text: cache_control cannot be set for empty text blocks`
          : "messages: text content blocks must be non-empty";
      }
      const home = ROLE_OF_BLOCK[block.type];
      if (home && role !== home && role !== "system") {
        return `messages.${index}: \`${block.type}\` blocks can only be in \`${home}\` messages`;
      }
    }
  }
  return null;
};
