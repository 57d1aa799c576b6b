import type { MessageStreamEvent, MessagesRequest } from "@ml-intern/messages";
import type { CachePlan } from "../../cache/cache-plan.ts";
import { GatewayError } from "../../gateway-error.ts";
import { Answer, type AnswerOptions, type Finish, wasCut } from "../answer/answer.ts";
import { messageEnd, messageStart } from "../answer/message-frame.ts";
import { estimateTokens } from "../estimate-tokens.ts";
import type { ChatChunk, ChatDelta, ChatUsage } from "./chat-chunk.ts";
import { countTokens } from "./chat-usage.ts";
import { joinPieces } from "./join-pieces.ts";
import { readDelta } from "./read-delta.ts";
import { ThinkTags, type ThoughtOrText } from "./think-tags.ts";
import { ToolCalls } from "./tool-calls.ts";

export interface MessageEventsOptions extends AnswerOptions {
  readonly newId: (prefix: "msg" | "toolu") => string;
  /** What the prompt cache is expected to do; see `countTokens`. */
  readonly plan?: CachePlan | null | undefined;
  /** Whether the endpoint was given less room than the client allowed, because the window has no more. */
  readonly isShortened?: boolean;
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
  const { request, newId, plan = null, isShortened = false } = options;
  const answer = new Answer(options);
  const parts: Parts = { answer, calls: new ToolCalls(answer), tags: new ThinkTags() };
  const estimate = estimateTokens(request);
  const start = (): MessageStreamEvent =>
    messageStart({ id: newId("msg"), model: request.model, inputTokens: estimate, ...plan?.usage });
  let usage: ChatUsage | null = null;
  let finishReason: string | null = null;
  let started = false;

  function* read({ choices, usage: reported }: ChatChunk): Generator<MessageStreamEvent> {
    if (!started) yield start();
    started = true;
    usage = reported ?? usage;
    const choice = choices?.[0];
    finishReason = choice?.finish_reason || finishReason;
    const delta = choice?.delta ?? choice?.message;
    if (delta) yield* pushDelta(delta, parts);
  }

  /** Whether nothing that may still come belongs to the answer. */
  function isOver(): boolean {
    return answer.stopSequence !== null || isRunaway(answer, request);
  }

  function* readAll(batch: readonly ChatChunk[]): Generator<MessageStreamEvent> {
    for (const chunk of joinPieces(batch)) {
      yield* read(chunk);
      if (isOver()) return;
    }
  }

  function* end(): Generator<MessageStreamEvent> {
    if (!started) yield start();
    yield* pushText(parts.tags.end(), answer);
    const finish = isRunaway(answer, request) ? "length" : finishOf(finishReason);
    const ending = answer.ending(finish === "length" && isShortened ? "context_window" : finish);
    yield* answer.end({ cut: wasCut(ending) });
    const estimated = { inputTokens: estimate, outputTokens: answer.estimatedTokens };
    yield* messageEnd({ ending, ...countTokens(usage, { estimated, plan }) });
  }

  for await (const batch of batches) {
    yield* together(readAll(batch));
    if (isOver()) break;
  }
  yield* together(end());
}

/** No text has tokens of this length on average: the endpoint does not keep to the limit. */
const LONGEST_TOKEN_RATIO = 8;
const SOME_TOKENS = 1024;

/** Whether an answer has grown far beyond what was asked for. It is then cut here, since it may never end. */
function isRunaway(answer: Answer, { max_tokens: limit }: MessagesRequest): boolean {
  return answer.estimatedTokens > limit * LONGEST_TOKEN_RATIO + SOME_TOKENS;
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

interface Parts {
  readonly answer: Answer;
  readonly calls: ToolCalls;
  readonly tags: ThinkTags;
}

function* pushDelta(delta: ChatDelta, { answer, calls, tags }: Parts): Generator<MessageStreamEvent> {
  for (const { kind, text } of readDelta(delta)) {
    yield* pushText(kind === "text" ? tags.push(text) : [{ kind, text }], answer);
  }
  if (delta.refusal) yield* answer.refusal(delta.refusal);
  const legacy = delta.function_call ? [{ index: 0, function: delta.function_call }] : [];
  const pieces = [...(delta.tool_calls ?? []), ...legacy];
  if (pieces.length > 0) yield* pushText(tags.end(), answer);
  if (answer.stopSequence !== null) return;
  for (const piece of pieces) yield* calls.push(piece);
}

function* pushText(found: readonly ThoughtOrText[], answer: Answer): Generator<MessageStreamEvent> {
  for (const { kind, text } of found) {
    if (answer.stopSequence !== null) return;
    yield* kind === "text" ? answer.text(text) : answer.thinking(text);
  }
}

/** Servers have their own words beside those of the specification. */
function finishOf(reason: string | null): Finish {
  switch (reason?.toLowerCase()) {
    case "length":
    case "max_tokens":
      return "length";
    case "model_length":
      return "context_window";
    case "content_filter":
    case "safety":
    case "recitation":
    case "prohibited_content":
      return "refusal";
    case "error":
    case "abort":
      throw givenUp(reason ?? "");
    default:
      return null;
  }
}

function givenUp(reason: string): GatewayError {
  return new GatewayError(`The endpoint gave its answer up, with the finish reason ${reason.slice(0, 20)}`, {
    code: "endpoint_cut",
    status: 502,
    type: "api_error",
    mend: "Try again; if it happens again, look at the endpoint's own log.",
  });
}
