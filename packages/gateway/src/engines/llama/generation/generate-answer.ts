import type { MessageStreamEvent, MessagesRequest } from "@ml-intern/messages";
import type { Token } from "node-llama-cpp";
import { GatewayError } from "../../../gateway-error.ts";
import type { Ending, Finish } from "../../answer/answer.ts";
import { isEagerTool } from "../../answer/is-eager-tool.ts";
import { emptyAnswer, messageEnd, messageStart } from "../../answer/message-frame.ts";
import type { GenerateOptions } from "../../engine.ts";
import type { ChatTurn } from "../formats/chat-format.ts";
import { fittingPrompt, type LoadedModel } from "../models/loaded-model.ts";
import type { EvaluationLoop } from "../runtime/evaluation-loop.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import { answerEvents } from "./answer-events.ts";
import { PromptReading } from "./prompt-reading.ts";
import { samplingOf } from "./sampling.ts";
import { TokenSource } from "./token-source.ts";
import { type AnswerCounts, writeParts } from "./write-parts.ts";

export interface GenerateAnswerOptions extends GenerateOptions {
  readonly model: LoadedModel;
  readonly loop: EvaluationLoop;
  readonly scheduler: Scheduler;
  readonly newId: (prefix: "msg" | "toolu") => string;
}

/** About how many tokens of a prompt are read in the time that one token is written. */
const OUTPUT_WEIGHT = 8;

/**
 * One answer, from the wait for a slot to the last event. `message_start` leaves when the request has its slot, before
 * its prompt is read; whatever refuses the request comes before that.
 */
export async function* generateAnswer(
  request: MessagesRequest,
  options: GenerateAnswerOptions,
): AsyncGenerator<MessageStreamEvent> {
  const { model, loop, scheduler, workspace, signal, newId } = options;
  const { turn, tokens: prompt } = await fittingPrompt(model, request, { workspace, signal });
  const inputTokens = prompt.length;
  const ticket = await scheduler.admit({ workspace, lane: model.name, slots: model.seats.count, signal });
  const seat = model.seats.take(prompt, workspace);
  const isPrewarm = request.max_tokens === 0;
  const sampling = turn.grammar === null ? samplingOf(request, model) : null;
  const reading = new PromptReading({ prompt, seat, ticket, sampling, isPrewarm, ...options });
  const counts: AnswerCounts = { output: 0, thinking: 0 };
  const counted = options.cache?.usage ?? { inputTokens };
  let failed = false;
  try {
    const message = { id: newId("msg"), model: request.model, ...counted };
    if (!isPrewarm) yield messageStart(message);
    const rest = await reading.readAllButLast();
    await using source = new TokenSource({
      sequence: seat.sequence,
      prompt: rest,
      sampling: samplingOf(request, model),
      read: (first) => reading.readLast(first),
      loop,
      signal,
    });
    if (isPrewarm) {
      await source.next();
      yield* emptyAnswer(message);
    } else {
      const ending = yield* writeAnswer({ request, turn, prompt, source, counts, options });
      yield* messageEnd({
        ending,
        ...counted,
        outputTokens: counts.output,
        thinkingTokens: counts.thinking,
      });
    }
  } catch (error) {
    failed = !signal.aborted && !(error instanceof GatewayError);
    throw failed ? engineFailure(error) : error;
  } finally {
    ticket.use(counts.output * OUTPUT_WEIGHT);
    await reading.end({ failed });
    await model.seats.give(seat, { failed });
    ticket.release();
  }
}

interface WriteAnswerOptions {
  readonly request: MessagesRequest;
  readonly turn: ChatTurn;
  readonly prompt: readonly Token[];
  readonly source: TokenSource;
  readonly counts: AnswerCounts;
  readonly options: GenerateAnswerOptions;
}

async function* writeAnswer({
  request,
  turn,
  prompt,
  source,
  counts,
  options: { model, loop, headers, newId },
}: WriteAnswerOptions): AsyncGenerator<MessageStreamEvent, Ending> {
  const leave = loop.enter();
  try {
    const parts = writeParts({
      turn,
      source,
      grammars: model.grammars,
      detokenize: model.detokenize,
      tokenize: model.tokenize,
      before: prompt.slice(-1),
      limit: limitOf(request.max_tokens, model.window - prompt.length),
      thinkingBudget: request.thinking?.type === "enabled" ? request.thinking.budget_tokens : null,
      counts,
    });
    const isEager = (tool: string): boolean => isEagerTool(request, { tool, headers });
    return yield* answerEvents(parts, { request, newId, isEager });
  } finally {
    leave();
  }
}

function limitOf(wanted: number, room: number): { readonly tokens: number; readonly finish: Finish } {
  return wanted <= room ? { tokens: wanted, finish: "length" } : { tokens: room, finish: "context_window" };
}

function engineFailure(error: unknown): GatewayError {
  const reason = error instanceof Error ? error.message : String(error);
  return new GatewayError(`The embedded engine failed: ${reason}`, {
    code: "internal",
    status: 500,
    type: "api_error",
    mend: "Try again; what the conversation held was thrown away.",
    cause: error,
  });
}
