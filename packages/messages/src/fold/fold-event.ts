import { JsonStream } from "../json/json-stream.ts";
import { JsonStreamError } from "../json/json-stream-error.ts";
import { EMPTY_TEXT, type GrowingText, grow, textSoFar, wholeText } from "../text/growing-text.ts";
import type {
  BlockDelta,
  ContentBlock,
  Message,
  MessageDeltaUsage,
  MessageStreamEvent,
  Usage,
} from "../types.ts";
import { MessageStreamError } from "./message-stream-error.ts";

/** What is known of a message part of the way through its stream: a plain value that later events do not change. */
export interface MessageProgress {
  /** Null before `message_start`. The input of a tool call that is still open is `{}`. */
  readonly message: Message | null;
  /** Argument text of the open tool call, as received. */
  readonly partialJson: string;
  /** Index of the open block. */
  readonly openBlock: number | null;
  readonly stopped: boolean;
  /** What the texts of the open block add up to; the block, or `partialJson`, shows it. */
  readonly openText: GrowingText;
}

export const EMPTY_PROGRESS: MessageProgress = {
  message: null,
  partialJson: "",
  openBlock: null,
  stopped: false,
  openText: EMPTY_TEXT,
};

/**
 * The progress after one more event. Unknown kinds of events and deltas change nothing. Throws
 * {@link MessageStreamError} when events are out of order, when finished tool arguments are not a JSON object, and on
 * an `error` event. Arguments that were cut off keep their whole values; a cut string or number is left out.
 */
export function foldEvent(progress: MessageProgress, event: MessageStreamEvent): MessageProgress {
  if (event.type === "error") throw new MessageStreamError("failed", event.error.message, event.error);
  if (event.type === "ping") return progress;
  if (event.type === "message_start") {
    if (progress.message) throw outOfOrder(event, "the message has started already");
    return { ...progress, message: event.message };
  }
  const { message, openBlock, stopped } = progress;
  if (!message) throw outOfOrder(event, "the message has not started");
  if (stopped) throw outOfOrder(event, "the message has stopped");
  switch (event.type) {
    case "content_block_start":
      if (openBlock !== null) throw outOfOrder(event, `block ${openBlock} is still open`);
      if (event.index !== message.content.length) throw outOfOrder(event, "its index leaves a gap");
      return {
        ...progress,
        message: { ...message, content: [...message.content, event.content_block] },
        openBlock: event.index,
        partialJson: "",
        openText: grow(EMPTY_TEXT, textOf(event.content_block)),
      };
    case "content_block_delta": {
      const block = message.content[event.index];
      if (!block || event.index !== openBlock) throw outOfOrder(event, "its block is not open");
      const openText = grow(progress.openText, addedText(block, event.delta));
      const text = textSoFar(openText);
      if (event.delta.type === "input_json_delta") return { ...progress, openText, partialJson: text };
      const extended = extend(withText(block, text), event.delta);
      return { ...progress, openText, message: replaceBlock(message, event.index, extended) };
    }
    case "content_block_stop": {
      const block = message.content[event.index];
      if (!block || event.index !== openBlock) throw outOfOrder(event, "its block is not open");
      const text = wholeText(progress.openText);
      // Not only tool_use: the kinds of block whose tools a server runs carry an input as well.
      const isInput = progress.partialJson !== "";
      const closed = isInput
        ? ({ ...block, input: parseInput(text) } as ContentBlock)
        : withText(block, text);
      return {
        ...progress,
        message: replaceBlock(message, event.index, closed),
        openBlock: null,
        partialJson: "",
        openText: EMPTY_TEXT,
      };
    }
    case "message_delta": {
      const { delta, usage, context_management: edits } = event;
      const edited = edits === undefined ? {} : { context_management: edits };
      return {
        ...progress,
        message: { ...message, ...delta, ...edited, usage: mergeUsage(message.usage, usage) },
      };
    }
    case "message_stop":
      if (openBlock !== null) throw outOfOrder(event, `block ${openBlock} is still open`);
      return { ...progress, stopped: true };
    default:
      return progress;
  }
}

function outOfOrder(event: MessageStreamEvent, reason: string): MessageStreamError {
  const index = "index" in event ? ` ${event.index}` : "";
  return new MessageStreamError("unexpected_event", `Unexpected ${event.type}${index}: ${reason}`);
}

function replaceBlock(message: Message, index: number, block: ContentBlock): Message {
  return { ...message, content: message.content.with(index, block) };
}

function textOf(block: ContentBlock): string {
  if (block.type === "text") return block.text;
  return block.type === "thinking" ? block.thinking : "";
}

function withText(block: ContentBlock, text: string): ContentBlock {
  if (block.type === "text") return { ...block, text };
  return block.type === "thinking" ? { ...block, thinking: text } : block;
}

function addedText(block: ContentBlock, delta: BlockDelta): string {
  if (delta.type === "input_json_delta") return delta.partial_json;
  if (block.type === "text" && delta.type === "text_delta") return delta.text;
  return block.type === "thinking" && delta.type === "thinking_delta" ? delta.thinking : "";
}

function extend(block: ContentBlock, delta: BlockDelta): ContentBlock {
  if (block.type === "text" && delta.type === "citations_delta") {
    return { ...block, citations: [...(block.citations ?? []), delta.citation] };
  }
  if (block.type === "thinking" && delta.type === "signature_delta") {
    return { ...block, signature: delta.signature };
  }
  return block;
}

function parseInput(text: string): Readonly<Record<string, unknown>> {
  const stream = new JsonStream({ partialStrings: false });
  try {
    stream.push(text);
  } catch (error) {
    if (!(error instanceof JsonStreamError)) throw error;
    throw new MessageStreamError("invalid_tool_input", `Tool arguments are not JSON: ${error.message}`);
  }
  const value = stream.value ?? {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new MessageStreamError("invalid_tool_input", "Tool arguments are not a JSON object");
  }
  return value as Readonly<Record<string, unknown>>;
}

/** Counts in a `message_delta` are cumulative: those that are present replace the earlier ones. */
function mergeUsage(usage: Usage, delta: MessageDeltaUsage): Usage {
  const present = Object.entries(delta).filter(([, value]) => value !== null && value !== undefined);
  return { ...usage, ...Object.fromEntries(present) };
}
