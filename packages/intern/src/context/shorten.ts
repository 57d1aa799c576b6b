import type { InputMessage, ToolResultBlock } from "@ml-intern/messages";
import { charactersOf, withoutResults } from "../session/conversation.ts";

/** Shorter results are not worth a file. */
const LEAST_ELIDED = 400;

/** A result in the conversation that can give way to a file. */
export interface LongResult {
  readonly id: string;
  readonly text: string;
}

/** Results among the messages that are long enough to be elided, oldest first. */
export function longResults(messages: readonly InputMessage[]): readonly LongResult[] {
  return messages.flatMap(({ role, content }) => {
    if (role !== "user" || typeof content === "string") return [];
    return content
      .filter((block): block is ToolResultBlock => block.type === "tool_result")
      .flatMap(({ tool_use_id: id, content: text }) =>
        typeof text === "string" && text.length >= LEAST_ELIDED ? [{ id, text }] : [],
      );
  });
}

/**
 * How many of the last messages fit into so many characters. What is kept begins with an answer of the model, so that no
 * result loses its call.
 */
export function keptWithin(messages: readonly InputMessage[], characters: number): number {
  let size = 0;
  let kept = 0;
  for (let index = messages.length - 1; index > 0; index--) {
    const message = messages[index] as InputMessage;
    size += charactersOf(message.content);
    if (size > characters) break;
    if (message.role === "assistant") kept = messages.length - index;
  }
  return kept;
}

export function withoutAll(
  messages: readonly InputMessage[],
  ids: readonly string[],
): readonly InputMessage[] {
  const elided = new Set(ids);
  return messages.map((message) => withoutResults(message, elided));
}
