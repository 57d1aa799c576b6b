import type { MessagesRequest } from "@ml-intern/messages";
import { contentBlocks } from "../validation/turns.ts";

/** Deferred tools that a result has named: from there on the model may use them. */
export function referencedTools(messages: MessagesRequest["messages"]): ReadonlySet<string> {
  const results = messages.flatMap(({ content }) => contentBlocks(content));
  const found = results.flatMap((block) => {
    if (block.type !== "tool_result" || typeof block.content !== "object") return [];
    return block.content.flatMap((part) => (part.type === "tool_reference" ? part.tool_name : []));
  });
  return new Set(found);
}
