import type Anthropic from "@anthropic-ai/sdk";
import type { MessagesRequest } from "@ml-intern/messages";
import { affordableOutput, type Budget } from "../budget/budget.ts";
import { costOf, savedOf } from "../budget/price-table.ts";
import { describeFailure, parseFailure } from "../failures/tool-failure.ts";
import type { Cause, Outcome, TransientEvent } from "../session/session-event.ts";
import type { Session } from "../session/session-store.ts";
import type { Tool } from "../tools/define-tool.ts";
import type { Workbench } from "../workbench/workbench.ts";
import { answerCalls } from "./answer-calls.ts";
import { describeCacheMiss } from "./describe-cache-miss.ts";
import { progressOf } from "./progress.ts";
import { SYSTEM_PROMPT } from "./system-prompt.ts";
import { think } from "./think.ts";

export interface TurnOptions {
  readonly session: Session;
  readonly workbench: Workbench;
  readonly client: Anthropic;
  readonly tools: readonly Tool[];
  readonly budget: Budget;
  /** The person's words; null to go on with what a stop or a crash left. */
  readonly text: string | null;
  readonly signal: AbortSignal;
}

export interface TurnResult {
  readonly outcome: Outcome;
  readonly cause: Cause | null;
}

/** How often a model that stops before anything is published is asked to go on; not again after the same words. */
const NUDGES = 2;

/**
 * Runs one turn to its end and records exactly one `turn_finished`. Throws only when the session itself cannot be
 * kept. Aborting `signal` stops at once: what was executing is killed, what is recorded stays, the outcome is
 * `stopped`, and a later turn with `text: null` continues at the same step.
 */
export async function runTurn(options: TurnOptions): Promise<TurnResult> {
  const { session, signal } = options;
  const begun = Date.now();
  const sandboxBefore = options.workbench.sandboxMs;
  const meter = { begun, model_ms: 0 };
  await session.append({ type: "turn_started", turn: session.state.turns + 1, text: options.text });
  let result: TurnResult;
  try {
    result = await iterate(options, meter);
  } catch (error) {
    result = signal.aborted ? { outcome: "stopped", cause: null } : failed(error);
  }
  await session.append({
    type: "turn_finished",
    ...result,
    elapsed_ms: Date.now() - begun,
    model_ms: meter.model_ms,
    sandbox_ms: options.workbench.sandboxMs - sandboxBefore,
  });
  return result;
}

async function iterate(
  options: TurnOptions,
  meter: { readonly begun: number; model_ms: number },
): Promise<TurnResult> {
  const { session, workbench, client, budget, signal } = options;
  const tools = new Map(options.tools.map((tool) => [tool.name, tool]));
  // A turn that had ended is taken up again: the model has the last word, and needs one from us to answer.
  const taken = session.state.pending.length === 0 && session.state.messages.at(-1)?.role === "assistant";
  if (taken) await session.append({ type: "guidance", text: TAKEN_UP });
  let nudges = 0;
  let lastWords = "";
  let asked: number | null = null;
  for (;;) {
    await answerCalls({ session, workbench, tools, signal });
    const iteration = session.state.iterations + 1;
    const limit = session.state.options.max_iterations;
    if (iteration > limit)
      return budgetSpent(`The limit of ${limit} model calls is reached.`, "--max-iterations");
    const output = affordableOutput(budget, session.state);
    if (output.kind === "refused") return { outcome: "budget", cause: output.cause };

    await session.append({ type: "iteration_started", iteration });
    const progress = progressOf(session.state.plan, session.state.active_ms + Date.now() - meter.begun);
    if (progress !== null) session.show(progress);
    const begun = Date.now();
    const message = await think({
      client,
      request: requestFor(options, output.maxTokens),
      show: (event) => session.show(event),
      notice: async (text) => {
        await session.append({ type: "notice", level: "warn", text });
      },
      signal,
    });
    const before = session.state.lastMessage;
    const sinceMs = asked === null ? null : begun - asked;
    const miss = before && describeCacheMiss({ before, after: message, sinceMs });
    asked = begun;
    const duration_ms = Date.now() - begun;
    meter.model_ms += duration_ms;
    const { price } = budget;
    await session.append({
      type: "assistant_message",
      iteration,
      message,
      cost_usd: price && costOf(message.usage, price),
      saved_usd: price && savedOf(message.usage, price),
      duration_ms,
    });
    session.show(spentSoFar(session));
    if (miss) await session.append({ type: "notice", level: "info", text: miss });
    if (session.state.pending.length > 0) continue;

    if (isPublished(session)) return { outcome: "published", cause: null };
    const obstacle = lastObstacle(session);
    const words = JSON.stringify(message.content);
    if (obstacle !== null || nudges >= NUDGES || words === lastWords) return endedWithoutModel(obstacle);
    nudges++;
    lastWords = words;
    await session.append({ type: "guidance", text: NUDGE });
  }
}

const TAKEN_UP = "[ml-intern] The person asks you to go on from here.";

const NUDGE = `[ml-intern] Nothing is published yet, so the task is not done. Go on with the plan: the next tool call, or, if it
cannot be done, say in one paragraph what stands in the way and what the person can do.`;

function spentSoFar({ state }: Session): TransientEvent {
  const { unpriced, usd, saved_usd, ...tokens } = state.spent;
  return { type: "spent", ...tokens, usd: unpriced ? null : usd, saved_usd: unpriced ? null : saved_usd };
}

const CACHED = { type: "ephemeral" } as const;

/**
 * The next request. Each one says all that the one before said, byte for byte, and then more, so that a prompt cache gives
 * the whole of it back. Tools and instructions are the same in every session and have a marker of their own.
 */
function requestFor({ session, tools }: TurnOptions, maxTokens: number): MessagesRequest {
  return {
    model: session.state.options.model,
    max_tokens: maxTokens,
    cache_control: CACHED,
    system: [{ type: "text", text: SYSTEM_PROMPT, cache_control: CACHED }],
    messages: session.state.messages,
    diagnostics: { previous_message_id: session.state.lastMessage?.id ?? null },
    tools: tools.map(({ name, description, inputSchema }) => ({
      name,
      description,
      input_schema: inputSchema,
      // The person watches arguments while they are written; a call is executed only when it is complete.
      eager_input_streaming: true,
    })),
  };
}

function isPublished(session: Session): boolean {
  return (session.state.records.release?.length ?? 0) > 0;
}

/** The failure that the model ended on: the newest tool results, when one of them is an error. */
function lastObstacle(session: Session): Cause | null {
  const results = session.state.messages.findLast(
    ({ role, content }) => role === "user" && typeof content !== "string",
  )?.content;
  if (results === undefined || typeof results === "string") return null;
  for (const block of [...results].reverse()) {
    if (block.type !== "tool_result" || block.is_error !== true || typeof block.content !== "string")
      continue;
    const failure = parseFailure(block.content);
    if (failure !== null) return failure;
  }
  return null;
}

function endedWithoutModel(obstacle: Cause | null): TurnResult {
  if (obstacle === null) {
    const cause = {
      code: "task/unfinished",
      message: "The model ended without publishing anything.",
      mend: "Its last words say why. `ml-intern resume` goes on; another --model may do better.",
    };
    return { outcome: "failed", cause };
  }
  return { outcome: isBadInput(obstacle.code) ? "bad_input" : "failed", cause: obstacle };
}

function failed(error: unknown): TurnResult {
  const cause = describeFailure(error);
  return { outcome: isBadInput(cause.code) ? "bad_input" : "failed", cause };
}

function isBadInput(code: string): boolean {
  return (
    code.startsWith("data/") ||
    code.startsWith("contract/") ||
    code === "model/unknown" ||
    code.startsWith("task/")
  );
}

function budgetSpent(message: string, option: string): TurnResult {
  return {
    outcome: "budget",
    cause: { code: "budget/spent", message, mend: `Go on with \`ml-intern resume ${option} N\`.` },
  };
}
