import type {
  InputBlock,
  InputMessage,
  MessagesRequest,
  ToolResultBlock,
  ToolResultContent,
  ToolUseBlock,
} from "@ml-intern/messages";
import { contentBlocks } from "../../validation/turns.ts";
import { systemPrompt } from "../system-prompt.ts";
import { chatParts, textOf } from "./chat-parts.ts";
import type { ChatMessage, ChatPart, ChatToolCall } from "./chat-types.ts";

export interface ChatMessagesOptions {
  /** Send earlier thinking back as `reasoning_content`. */
  readonly replayThinking: boolean;
  /** Send PDFs as `file` parts; otherwise they are refused. Default false. */
  readonly sendsFiles?: boolean;
}

/** The conversation in Chat Completions' terms. Neighbours of the same role become one message, as many chat templates demand. */
export function chatMessages(
  { system, messages }: Pick<MessagesRequest, "system" | "messages">,
  options: ChatMessagesOptions,
): readonly ChatMessage[] {
  const prompt = systemPrompt(system);
  const chat: ChatMessage[] = prompt === "" ? [] : [{ role: "system", content: prompt }];
  for (const [index, message] of messages.entries()) {
    for (const next of translate(message, { index, ...options })) append(chat, next);
  }
  return chat;
}

function translate(
  { role, content }: InputMessage,
  { index, ...options }: ChatMessagesOptions & { index: number },
): readonly ChatMessage[] {
  const blocks = contentBlocks(content);
  const path = `messages.${index}.content`;
  const partsOf: PartsOf = (block, at) => chatParts(block, { path: `${path}.${at}`, ...options });
  if (role === "assistant") return [assistantMessage(blocks, { partsOf, ...options })];
  if (role === "system") {
    // A `system` message that is not the first is an error in many chat templates.
    const text = textOf(blocks.flatMap(partsOf));
    return [{ role: "user", content: `<system-reminder>\n${text}\n</system-reminder>` }];
  }
  return userMessages(blocks, partsOf);
}

/** What a block says as text, pictures and files; `at` is its place among the blocks of its message. */
type PartsOf = (block: InputBlock | ToolResultContent, at: string | number) => readonly ChatPart[];

function userMessages(blocks: readonly InputBlock[], partsOf: PartsOf): readonly ChatMessage[] {
  const results: ChatMessage[] = [];
  const parts: ChatPart[] = [];
  for (const [at, block] of blocks.entries()) {
    if (block.type !== "tool_result") {
      parts.push(...partsOf(block, at));
      continue;
    }
    const found = resultParts(block, (part, place) => partsOf(part, `${at}.content.${place}`));
    const text = textOf(found);
    const content = block.is_error ? `Error: ${text}` : text;
    results.push({ role: "tool", tool_call_id: block.tool_use_id, content });
    // A tool's message holds only text; its pictures and files go to the user's message that follows.
    parts.push(...found.filter((part) => part.type !== "text"));
  }
  return parts.length === 0 ? results : [...results, { role: "user", content: chatContent(parts) }];
}

function resultParts({ content = [] }: ToolResultBlock, partsOf: PartsOf): readonly ChatPart[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return content.flatMap(partsOf);
}

function assistantMessage(
  blocks: readonly InputBlock[],
  { partsOf, replayThinking }: ChatMessagesOptions & { readonly partsOf: PartsOf },
): ChatMessage {
  const calls = blocks.flatMap((block) => (block.type === "tool_use" ? [toolCall(block)] : []));
  const thinking = blocks.flatMap((block) => (block.type === "thinking" ? block.thinking : [])).join("");
  const parts = blocks.flatMap((block, at) => (isSaid(block) ? partsOf(block, at) : []));
  return {
    role: "assistant",
    content: textOf(parts),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...(replayThinking && thinking !== "" ? { reasoning_content: thinking } : {}),
  };
}

function isSaid({ type }: InputBlock): boolean {
  return type !== "tool_use" && type !== "thinking" && type !== "redacted_thinking";
}

function toolCall({ id, name, input }: ToolUseBlock): ChatToolCall {
  return { id, type: "function", function: { name, arguments: JSON.stringify(input) } };
}

/** Plain text as a string: not every endpoint takes a list of parts. */
function chatContent(parts: readonly ChatPart[]): string | readonly ChatPart[] {
  return parts.every((part) => part.type === "text") ? textOf(parts) : parts;
}

function append(chat: ChatMessage[], next: ChatMessage): void {
  const last = chat.at(-1);
  if (last?.role === "user" && next.role === "user") {
    chat[chat.length - 1] = {
      role: "user",
      content: chatContent([...asParts(last.content), ...asParts(next.content)]),
    };
  } else if (last?.role === "assistant" && next.role === "assistant") {
    chat[chat.length - 1] = {
      ...last,
      ...next,
      content: [last.content, next.content].filter((text) => text !== "").join("\n\n"),
      ...(last.tool_calls || next.tool_calls
        ? { tool_calls: [...(last.tool_calls ?? []), ...(next.tool_calls ?? [])] }
        : {}),
    };
  } else {
    chat.push(next);
  }
}

function asParts(content: string | readonly ChatPart[]): readonly ChatPart[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}
