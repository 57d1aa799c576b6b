import type { MessagesRequest } from "@ml-intern/messages";
import type { ThinkingSigner } from "../engines/answer/thinking-signer.ts";
import { invalidRequest } from "../gateway-error.ts";
import { contentBlocks } from "../validation/turns.ts";

/**
 * Refuses thinking of the latest assistant turn that we signed and somebody changed since. What others signed passes: a
 * conversation may have begun elsewhere.
 */
export function checkThinking({ messages }: Pick<MessagesRequest, "messages">, signer: ThinkingSigner): void {
  const end = messages.findLastIndex(({ role }) => role === "assistant");
  for (let index = end; index >= 0 && messages[index]?.role === "assistant"; index--) {
    const blocks = contentBlocks(messages[index]?.content ?? []);
    const place = blocks.findIndex((block) => block.type === "thinking" && signer.check(block) === "wrong");
    if (place < 0) continue;
    throw invalidRequest(
      `messages.${index}.content.${place}: \`thinking\` or \`redacted_thinking\` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.`,
    );
  }
}
