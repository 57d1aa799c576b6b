import type Anthropic from "@anthropic-ai/sdk";
import type { Message } from "@ml-intern/messages";
import type { Presence } from "../approvals/gate.ts";
import type { Policy } from "../approvals/policy.ts";
import type { BudgetKeeper, Grant } from "../budget/budget-keeper.ts";
import { ContextRoom } from "../context/context-room.ts";
import { estimateContext } from "../context/context-size.ts";
import { InternError } from "../failures/intern-error.ts";
import type { Firing } from "../guards/guard-step.ts";
import { verifiedScores } from "../publishing/verified-scores.ts";
import { nextRunEvent } from "../runs/next-run-event.ts";
import type { TransientEvent } from "../session/session-event.ts";
import type { Session } from "../session/session-store.ts";
import type { Tool } from "../tools/define-tool.ts";
import type { Workbench } from "../workbench/workbench.ts";
import { CallRunner, dropped } from "./call-runner.ts";
import { describeCacheMiss } from "./describe-cache-miss.ts";
import { EarlyCalls } from "./early-calls.ts";
import { budgetSpent, endedWithoutModel, failed, lastObstacle, stuck, type TurnResult } from "./endings.ts";
import { GuardWatch } from "./guard-watch.ts";
import { EMPTY_REPLY, FINISH, nudgeFor, REPLY_CUT_OFF, TAKEN_UP } from "./guidance.ts";
import { progressOf } from "./progress.ts";
import { requestFor } from "./request.ts";
import { type Thought, think } from "./think.ts";

export interface TurnOptions {
  readonly session: Session;
  readonly workbench: Workbench;
  readonly client: Anthropic;
  readonly tools: readonly Tool[];
  readonly budget: BudgetKeeper;
  /** The most tokens that an answer may have. */
  readonly output: number;
  /** Decides on calls; `presence` says who answers its questions. */
  readonly policy: Policy;
  readonly presence: Presence;
  /** The most tokens that the model holds, prompt and answer; null when nobody knows. */
  readonly window?: number | null;
  /** The person's words; null to go on with what a stop or a crash left. */
  readonly text: string | null;
  readonly signal: AbortSignal;
}

/** How often in a row a model that stops before anything is published is asked to go on; not again after the same words. */
const NUDGES = 2;
const EMPTY_REPLIES = 3;
/** How often in a row a conversation that the model refuses as too long is shortened further. */
const OVERFLOWS = 3;

/**
 * Runs one turn to its end and records exactly one `turn_finished`. Throws only when the session itself cannot be
 * kept. Aborting `signal` stops at once: what was executing is killed, what is recorded stays, the outcome is
 * `stopped`, and a later turn with `text: null` continues at the same step.
 */
export async function runTurn(options: TurnOptions): Promise<TurnResult> {
  const { session, signal, workbench, text } = options;
  const begun = Date.now();
  const sandboxBefore = workbench.sandboxMs;
  const turn = new Turn(options, begun);
  await session.append({ type: "turn_started", turn: session.state.turns + 1, text });
  let result: TurnResult;
  try {
    using guards = await GuardWatch.open(session, turn.tools);
    result = await turn.run(guards);
  } catch (error) {
    result = signal.aborted ? { outcome: "stopped", cause: null } : failed(error);
  }
  await session.append({
    type: "turn_finished",
    ...result,
    elapsed_ms: Date.now() - begun,
    model_ms: turn.modelMs,
    sandbox_ms: workbench.sandboxMs - sandboxBefore,
  });
  return result;
}

interface Step {
  readonly iteration: number;
  /** Of the event that began it: unlike an iteration, it never comes again, even when steps are undone. */
  readonly seq: number;
  readonly grant: Extract<Grant, { kind: "granted" }>;
}

class Turn {
  readonly #options: TurnOptions;
  readonly tools: ReadonlyMap<string, Tool>;
  /** Whether the person began it with words, and not for the first time. */
  readonly #isAnother: boolean;
  readonly #begun: number;
  readonly #room: ContextRoom;
  modelMs = 0;
  #asked: number | null = null;
  #nudges = 0;
  #lastWords = "";
  #emptyReplies = 0;
  #overflows = 0;
  #isFinishing = false;
  #calls = 0;

  constructor(options: TurnOptions, begun: number) {
    this.#options = options;
    this.#begun = begun;
    this.#room = new ContextRoom(options);
    const { state } = options.session;
    this.#isAnother = state.turns > 0 && (options.text !== null || state.queued.length > 0);
    this.tools = new Map(options.tools.map((tool) => [tool.name, tool]));
  }

  async run(guards: GuardWatch): Promise<TurnResult> {
    await this.#takeUp();
    let last: Firing | null = null;
    for (;;) {
      const { session, workbench, signal } = this.#options;
      const iteration = session.state.iterations + 1;
      const limit = session.state.options.max_iterations;
      if (iteration > limit)
        return budgetSpent(`The limit of ${limit} model calls is reached.`, "--max-iterations");
      await nextRunEvent({ session, workbench, wait: false, signal });
      await this.#room.make();
      const grant = await this.#plan();
      if (grant.kind === "refused") return { outcome: "budget", cause: grant.cause };
      const [{ seq }] = await Promise.all([
        session.append({ type: "iteration_started", iteration }),
        this.#options.budget.reserve(grant),
      ]);
      this.#showProgress();
      const thought = await this.#think({ iteration, seq, grant });
      if (thought === null) continue;
      const firing = guards.firing;
      // A hand-over was asked for: whatever the model does now is its last word.
      if (last?.level === 3) return stuck(last);
      if (firing !== null) await session.append({ type: "guard_fired", ...firing });
      last = firing;
      const ending = await this.#judge(thought.message);
      if (ending !== null) return ending;
    }
  }

  /**
   * Plans the next request within the budget. When nothing more fits but there is a model worth publishing, what is kept back for that is
   * opened, and the model is told to finish.
   */
  async #plan(): Promise<Grant> {
    const { session, budget, output: maxTokens } = this.#options;
    const plan = { promptTokens: estimateContext(session.state), maxTokens };
    const grant = budget.planRequest(plan, { isFinishing: this.#isFinishing });
    if (grant.kind === "granted" || this.#isFinishing || !hasSomethingToPublish(session)) return grant;
    this.#isFinishing = true;
    await session.append({ type: "guidance", text: FINISH });
    return await this.#plan();
  }

  /** Brings what a stop or a crash left to where the model can be asked again. */
  async #takeUp(): Promise<void> {
    const { session, budget } = this.#options;
    const { arriving, iterations } = session.state;
    await budget.closeOpen(arriving?.usage ?? null);
    if (arriving !== null) {
      const cost_usd = budget.costOf(arriving.usage);
      const event = { iteration: iterations, message: arriving, cost_usd, duration_ms: 0 };
      await session.append({ type: "assistant_message", ...event });
    }
    if (this.#isAnother) await this.#dropCalls();
    else await this.#answerCalls();
    const { messages, unheard } = session.state;
    // The model has the last word, and needs one from us to answer.
    if (unheard.length === 0 && messages.at(-1)?.role === "assistant") {
      await session.append({ type: "guidance", text: TAKEN_UP });
    }
  }

  /** The person stopped them, and wants something else now. */
  async #dropCalls(): Promise<void> {
    const { session } = this.#options;
    for (const { id, name } of session.state.pending) {
      await session.append({ type: "tool_finished", id, name, duration_ms: 0, ...dropped() });
    }
  }

  async #answerCalls(): Promise<void> {
    const { session } = this.#options;
    const runner = this.#runner();
    for (const call of session.state.pending) runner.add(call);
    await runner.ask();
    await runner.done();
  }

  #runner(): CallRunner {
    const { session, workbench, policy, presence, signal } = this.#options;
    return new CallRunner({ session, workbench, policy, presence, signal, tools: this.tools });
  }

  /** Asks the model, while the calls that it has written already are executed; null when it has to be asked anew. */
  async #think({ iteration, seq, grant }: Step): Promise<Thought | null> {
    const { session, client, tools, budget, signal } = this.#options;
    const { state } = session;
    const { id, maxTokens } = grant;
    const runner = this.#runner();
    const early = new EarlyCalls({ session, runner, iteration });
    const begun = Date.now();
    let thought: Thought;
    try {
      thought = await think({
        client,
        request: requestFor({ state, tools, maxTokens }),
        show: (event) => session.show(event),
        notice: async (text) => {
          await session.append({ type: "notice", level: "warn", text });
        },
        onCall: (message) => early.take(message),
        callId: (index) => `call_${seq}_${index}`,
        signal,
      });
    } catch (error) {
      await early.end();
      await runner.done();
      await budget.releaseRequest(id);
      if (!isTooLong(error) || this.#overflows++ >= OVERFLOWS) throw error;
      await this.#room.halve();
      return null;
    }
    await early.end();
    this.#overflows = 0;
    const { message, unusable } = thought;
    const sinceMs = this.#asked === null ? null : begun - this.#asked;
    const miss =
      state.lastMessage && describeCacheMiss({ before: state.lastMessage, after: message, sinceMs });
    this.#asked = begun;
    const duration_ms = Date.now() - begun;
    this.modelMs += duration_ms;
    const answered = session.append({
      type: "assistant_message",
      iteration,
      message,
      ...(unusable.length > 0 && { unusable }),
      cost_usd: budget.costOf(message.usage),
      duration_ms,
    });
    await Promise.all([answered, budget.settleRequest(id, message.usage)]);
    session.show(spentSoFar(session));
    if (miss) await session.append({ type: "notice", level: "info", text: miss });
    for (const call of session.state.pending) runner.add(call);
    await runner.ask();
    await runner.done();
    return thought;
  }

  /** What an answer means for the turn; null when it goes on. */
  async #judge(message: Message): Promise<TurnResult | null> {
    const { session, workbench, signal } = this.#options;
    const { content, stop_reason } = message;
    if (content.some(({ type }) => type === "tool_use")) {
      this.#calls++;
      this.#nudges = 0;
      this.#emptyReplies = 0;
      return null;
    }
    if (stop_reason === "model_context_window_exceeded") {
      await this.#room.halve();
      await session.append({ type: "guidance", text: REPLY_CUT_OFF });
      return null;
    }
    if (stop_reason === "refusal") throw refused(message);
    if (content.every((block) => block.type !== "text" || block.text.trim() === "")) {
      if (++this.#emptyReplies > EMPTY_REPLIES) throw saysNothing(session);
      await session.append({ type: "guidance", text: EMPTY_REPLY });
      return null;
    }
    // What the person said meanwhile has to be heard first.
    if (session.state.unheard.length > 0) return null;
    if (isPublished(session)) return { outcome: "published", cause: null };
    // Whoever waits for a run has said all that there is to say for now.
    if (await nextRunEvent({ session, workbench, wait: true, signal })) return null;
    if (stop_reason === "max_tokens") {
      await session.append({ type: "guidance", text: REPLY_CUT_OFF });
      return null;
    }
    // A question about the work is answered with words.
    if (this.#isAnother && this.#calls === 0) return { outcome: "answered", cause: null };
    const obstacle = lastObstacle(session.state);
    const words = JSON.stringify(content);
    if (obstacle !== null || this.#nudges >= NUDGES || words === this.#lastWords)
      return endedWithoutModel(obstacle);
    this.#nudges++;
    this.#lastWords = words;
    await session.append({ type: "guidance", text: nudgeFor(session.state) });
    return null;
  }

  #showProgress(): void {
    const { session } = this.#options;
    const elapsed = session.state.active_ms + Date.now() - this.#begun;
    const progress = progressOf(session.state.plan, elapsed);
    if (progress !== null) session.show(progress);
  }
}

function isTooLong(error: unknown): boolean {
  return error instanceof InternError && error.code === "model/too_long";
}

function spentSoFar({ state }: Session): TransientEvent {
  const { unpriced, usd, saved_usd, ...tokens } = state.spent;
  return { type: "spent", ...tokens, usd: unpriced ? null : usd, saved_usd: unpriced ? null : saved_usd };
}

function hasSomethingToPublish(session: Session): boolean {
  return verifiedScores(session.state).length > 0 && !isPublished(session);
}

function isPublished(session: Session): boolean {
  return (session.state.records.release?.length ?? 0) > 0;
}

function refused({ model, content }: Message): InternError {
  const words = content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join(" ");
  return new InternError("model/failed", `${model} refused to go on. ${words}`.trim(), {
    mend: "Say the task differently, or continue with another model: `ml-intern resume --model …`.",
  });
}

function saysNothing({ state }: Session): InternError {
  return new InternError("model/failed", `${state.options.model} gave only empty replies.`, {
    mend: "Everything is kept: continue with `ml-intern resume`, or with another --model.",
  });
}
