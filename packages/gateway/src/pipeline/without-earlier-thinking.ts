import type { CountTokensRequest, InputMessage } from "@ml-intern/messages";

/** The request as it is counted: thinking from before the user's last words is no part of the prompt any more. */
export function withoutEarlierThinking(request: CountTokensRequest): CountTokensRequest {
  const { messages } = request;
  const last = messages.findLastIndex(isSaidByUser);
  const rest = messages.map((message, index) => (index < last ? withoutThinking(message) : message));
  return { ...request, messages: rest };
}

/** A user's message that holds more than results of tools. */
function isSaidByUser({ role, content }: InputMessage): boolean {
  if (role !== "user") return false;
  return typeof content === "string" || content.some(({ type }) => type !== "tool_result");
}

function withoutThinking(message: InputMessage): InputMessage {
  const { role, content } = message;
  if (role !== "assistant" || typeof content === "string") return message;
  return { ...message, content: content.filter(({ type }) => !/^(redacted_)?thinking$/.test(type)) };
}
