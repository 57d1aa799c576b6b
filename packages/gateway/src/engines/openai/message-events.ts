import type { Message, MessageStreamEvent, MessagesRequest, StopReason } from "@ml-intern/messages";
import { CHARACTERS_PER_TOKEN, estimateTokens } from "../estimate-tokens.ts";
import { BlockQueue } from "./block-queue.ts";
import { textWriter, thinkingWriter } from "./block-writers.ts";
import type { ChatChunk, ChatDelta, ChatUsage } from "./chat-chunk.ts";
import { StopSequences } from "./stop-sequences.ts";
import { ToolCalls } from "./tool-calls.ts";

export interface MessageEventsOptions {
  readonly request: MessagesRequest;
  readonly newId: (prefix: "msg" | "toolu") => string;
  /** Whether a tool's arguments may leave before a whole member of them has come. */
  readonly isEager: (toolName: string) => boolean;
}

/** How an answer ended. */
interface Ending {
  readonly reason: StopReason;
  readonly stopSequence: string | null;
  readonly refusal: string | null;
}

/**
 * A streamed chat completion as the events of a message. Counts that the endpoint does not report are estimated from
 * lengths, and so is the input count of `message_start`, which comes before any report.
 */
export async function* messageEvents(
  chunks: AsyncIterable<ChatChunk>,
  { request, newId, isEager }: MessageEventsOptions,
): AsyncGenerator<MessageStreamEvent> {
  const answer = new Answer({ request, newId, isEager });
  let usage: ChatUsage | null = null;
  let finishReason: string | null = null;
  let started = false;
  for await (const { choices, usage: reported } of chunks) {
    if (!started) yield startEvent(request, newId("msg"));
    started = true;
    usage = reported ?? usage;
    const choice = choices?.[0];
    finishReason = choice?.finish_reason ?? finishReason;
    const delta = choice?.delta ?? choice?.message;
    if (delta) yield* answer.push(delta);
    if (answer.stopSequence !== null) break;
  }
  if (!started) yield startEvent(request, newId("msg"));
  const ending = answer.ending(finishReason);
  yield* answer.end({ cut: ending.reason !== "tool_use" && ending.reason !== "end_turn" });
  yield endEvent(ending, { usage, request, produced: answer.produced });
  yield { type: "message_stop" };
}

/** The answer to a request for no tokens: there is nothing to warm at the endpoint. */
export function* emptyAnswer({
  request,
  newId,
}: Omit<MessageEventsOptions, "isEager">): Generator<MessageStreamEvent> {
  yield startEvent(request, newId("msg"));
  yield endEvent(
    { reason: "max_tokens", stopSequence: null, refusal: null },
    { usage: null, request, produced: 0 },
  );
  yield { type: "message_stop" };
}

/** Collects the parts of an answer into blocks. */
class Answer {
  readonly #queue = new BlockQueue();
  readonly #calls: ToolCalls;
  readonly #stop: StopSequences;
  readonly #thinking: MessagesRequest["thinking"];
  /** The kind of the newest block, and how to write to it. A tool call sets it to none. */
  #current: {
    readonly kind: "text" | "thinking";
    readonly write: (text: string) => readonly MessageStreamEvent[];
  } | null = null;
  /** Text before a tool call that the client demanded: dropped when the call comes. Null when no call is demanded. */
  #unwanted: string | null;
  #refusal = "";
  stopSequence: string | null = null;
  /** Of text and thinking, for the estimate of tokens. */
  #characters = 0;

  constructor({ request, newId, isEager }: MessageEventsOptions) {
    const { tool_choice: choice, stop_sequences: sequences = [], thinking } = request;
    const single =
      choice !== undefined && choice.type !== "none" && choice.disable_parallel_tool_use === true;
    this.#calls = new ToolCalls({ queue: this.#queue, newId: () => newId("toolu"), isEager, single });
    this.#stop = new StopSequences(sequences);
    this.#thinking = thinking;
    this.#unwanted = choice?.type === "any" || choice?.type === "tool" ? "" : null;
  }

  *push(delta: ChatDelta): Generator<MessageStreamEvent> {
    const thinking = delta.reasoning_content || delta.reasoning;
    if (thinking && this.#thinking?.type !== "disabled") yield* this.#write("thinking", thinking);
    if (delta.refusal) {
      this.#refusal += delta.refusal;
      yield* this.#say(delta.refusal);
    }
    const content = contentText(delta.content);
    this.#characters += content.length + (thinking?.length ?? 0);
    const { text, matched } = this.#stop.push(content);
    yield* this.#say(text);
    this.stopSequence = matched;
    if (matched !== null) return;
    const legacy = delta.function_call ? [{ index: 0, function: delta.function_call }] : [];
    for (const call of [...(delta.tool_calls ?? []), ...legacy]) {
      yield* this.#say(this.#stop.end());
      yield* this.#calls.push(call);
      this.#current = null;
    }
  }

  /** Estimated output tokens so far. */
  get produced(): number {
    return Math.ceil((this.#characters + this.#calls.characters) / CHARACTERS_PER_TOKEN);
  }

  ending(finishReason: string | null): Ending {
    const { stopSequence } = this;
    const refusal = this.#refusal === "" ? null : this.#refusal;
    if (stopSequence !== null) return { reason: "stop_sequence", stopSequence, refusal: null };
    if (refusal !== null || finishReason === "content_filter")
      return { reason: "refusal", stopSequence, refusal };
    if (finishReason === "length") return { reason: "max_tokens", stopSequence, refusal: null };
    return { reason: this.#calls.count > 0 ? "tool_use" : "end_turn", stopSequence, refusal: null };
  }

  *end(options: { readonly cut: boolean }): Generator<MessageStreamEvent> {
    yield* this.#say(this.#stop.end());
    if (this.#unwanted && this.#calls.count === 0) yield* this.#write("text", this.#unwanted);
    yield* this.#queue.end(options);
  }

  *#say(text: string): Generator<MessageStreamEvent> {
    if (text === "") return;
    if (this.#unwanted === null) yield* this.#write("text", text);
    else this.#unwanted += text;
  }

  #write(kind: "text" | "thinking", text: string): readonly MessageStreamEvent[] {
    if (this.#current?.kind !== kind) {
      const omitted = this.#thinking?.type === "adaptive" && this.#thinking.display === "omitted";
      const writer = kind === "text" ? textWriter() : thinkingWriter({ omitted });
      this.#current = { kind, write: this.#queue.add(writer) };
    }
    return this.#current.write(text);
  }
}

function contentText(content: ChatDelta["content"]): string {
  if (typeof content === "string") return content;
  return (content ?? []).flatMap((part) => (part.type === "text" ? (part.text ?? "") : [])).join("");
}

function startEvent(request: MessagesRequest, id: string): MessageStreamEvent {
  const message: Message = {
    id,
    type: "message",
    role: "assistant",
    model: request.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: {
      input_tokens: estimateTokens(request),
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      output_tokens: 1,
      output_tokens_details: null,
      server_tool_use: null,
      service_tier: "standard",
    },
  };
  return { type: "message_start", message };
}

interface EndOptions {
  readonly usage: ChatUsage | null;
  readonly request: MessagesRequest;
  readonly produced: number;
}

function endEvent(
  { reason, stopSequence, refusal }: Ending,
  { usage, request, produced }: EndOptions,
): MessageStreamEvent {
  const thinkingTokens = usage?.completion_tokens_details?.reasoning_tokens;
  return {
    type: "message_delta",
    delta: {
      stop_reason: reason,
      stop_sequence: stopSequence,
      stop_details: reason === "refusal" ? { type: "refusal", category: null, explanation: refusal } : null,
      container: null,
    },
    usage: {
      input_tokens: usage?.prompt_tokens ?? estimateTokens(request),
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: usage?.completion_tokens ?? produced,
      output_tokens_details: typeof thinkingTokens === "number" ? { thinking_tokens: thinkingTokens } : null,
      server_tool_use: null,
    },
  };
}
