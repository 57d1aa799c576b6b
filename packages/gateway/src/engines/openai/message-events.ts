import type { MessageStreamEvent } from "@ml-intern/messages";
import { Answer, type AnswerOptions, type Finish, wasCut } from "../answer/answer.ts";
import { messageEnd, messageStart } from "../answer/message-frame.ts";
import { estimateTokens } from "../estimate-tokens.ts";
import type { ChatChunk, ChatDelta, ChatUsage } from "./chat-chunk.ts";
import { ToolCalls } from "./tool-calls.ts";

export interface MessageEventsOptions extends AnswerOptions {
  readonly newId: (prefix: "msg" | "toolu") => string;
}

/**
 * A streamed chat completion as the events of a message, in batches as the chunks come: most of what a small event costs
 * is the step from one asynchronous generator to the next. Counts that the endpoint does not report are estimated from
 * lengths, and so is the input count of `message_start`, which comes before any report.
 */
export async function* messageEvents(
  batches: AsyncIterable<readonly ChatChunk[]>,
  options: MessageEventsOptions,
): AsyncGenerator<readonly MessageStreamEvent[]> {
  const { request, newId } = options;
  const answer = new Answer(options);
  const calls = new ToolCalls(answer);
  const estimate = estimateTokens(request);
  const start = (): MessageStreamEvent =>
    messageStart({ id: newId("msg"), model: request.model, inputTokens: estimate });
  let usage: ChatUsage | null = null;
  let finishReason: string | null = null;
  let started = false;

  function* read({ choices, usage: reported }: ChatChunk): Generator<MessageStreamEvent> {
    if (!started) yield start();
    started = true;
    usage = reported ?? usage;
    const choice = choices?.[0];
    finishReason = choice?.finish_reason ?? finishReason;
    const delta = choice?.delta ?? choice?.message;
    if (delta) yield* pushDelta(delta, { answer, calls });
  }

  function* readAll(batch: readonly ChatChunk[]): Generator<MessageStreamEvent> {
    for (const chunk of batch) {
      yield* read(chunk);
      if (answer.stopSequence !== null) return;
    }
  }

  function* end(): Generator<MessageStreamEvent> {
    if (!started) yield start();
    const ending = answer.ending(finishOf(finishReason));
    yield* answer.end({ cut: wasCut(ending) });
    yield* messageEnd({
      ending,
      inputTokens: usage?.prompt_tokens ?? estimate,
      outputTokens: usage?.completion_tokens ?? answer.estimatedTokens,
      thinkingTokens: usage?.completion_tokens_details?.reasoning_tokens ?? null,
    });
  }

  for await (const batch of batches) {
    yield* together(readAll(batch));
    if (answer.stopSequence !== null) break;
  }
  yield* together(end());
}

/** All that a generator gives at once, also when it then fails. */
function* together<T>(source: Iterable<T>): Generator<readonly T[]> {
  const values: T[] = [];
  try {
    for (const value of source) values.push(value);
  } catch (error) {
    if (values.length > 0) yield values;
    throw error;
  }
  if (values.length > 0) yield values;
}

function* pushDelta(
  delta: ChatDelta,
  { answer, calls }: { answer: Answer; calls: ToolCalls },
): Generator<MessageStreamEvent> {
  const thinking = delta.reasoning_content || delta.reasoning;
  if (thinking) yield* answer.thinking(thinking);
  if (delta.refusal) yield* answer.refusal(delta.refusal);
  const text = contentText(delta.content);
  if (text !== "") yield* answer.text(text);
  if (answer.stopSequence !== null) return;
  const legacy = delta.function_call ? [{ index: 0, function: delta.function_call }] : [];
  for (const call of [...(delta.tool_calls ?? []), ...legacy]) yield* calls.push(call);
}

function contentText(content: ChatDelta["content"]): string {
  if (typeof content === "string") return content;
  return (content ?? []).flatMap((part) => (part.type === "text" ? (part.text ?? "") : [])).join("");
}

function finishOf(reason: string | null): Finish {
  if (reason === "length") return "length";
  return reason === "content_filter" ? "refusal" : null;
}
