import type Anthropic from "@anthropic-ai/sdk";
import type { Presence } from "../approvals/gate.ts";
import type { Policy } from "../approvals/policy.ts";
import type { BudgetKeeper } from "../budget/budget-keeper.ts";
import type { Grant } from "../budget/request-expenses.ts";
import { InternError } from "../failures/intern-error.ts";
import type { Firing } from "../guards/guard-step.ts";
import { nextRunEvent } from "../runs/next-run-event.ts";
import type { Session } from "../session/session-store.ts";
import type { Tool } from "../tools/define-tool.ts";
import type { Workbench } from "../workbench/workbench.ts";
import { type Agent, MAIN } from "./agent.ts";
import { CallRunner } from "./call-runner.ts";
import { describeCacheMiss } from "./describe-cache-miss.ts";
import { EarlyCalls } from "./early-calls.ts";
import { budgetSpent, failed, stuck, type TurnResult } from "./endings.ts";
import { GuardWatch } from "./guard-watch.ts";
import { Judge } from "./judge.ts";
import { progressOf } from "./progress.ts";
import { requestFor } from "./request.ts";
import { type Capacity, RequestPlanner } from "./request-planner.ts";
import { spentSoFar } from "./spent-so-far.ts";
import { takeUp } from "./take-up.ts";
import { type Thought, think } from "./think.ts";

export interface TurnOptions {
  readonly session: Session;
  /** Default: the session's own agent, whose goal is a published model. */
  readonly agent?: Agent;
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
  /** What another model holds, for when the person changes it while the turn goes on; by default as much. */
  readonly capacityOf?: (model: string) => Promise<Capacity>;
  /** The person's words; null to go on with what a stop or a crash left. */
  readonly text: string | null;
  readonly signal: AbortSignal;
}

/** How often in a row a conversation that the model refuses as too long is shortened further. */
const OVERFLOWS = 3;

/**
 * Runs one turn to its end and records exactly one `turn_finished`. Throws only when the session itself cannot be
 * kept. Aborting `signal` stops at once: what was executing is killed, what is recorded stays, the outcome is
 * `stopped`, and a later turn with `text: null` continues at the same step.
 */
export async function runTurn(options: TurnOptions): Promise<TurnResult> {
  const { session, signal, workbench, text } = options;
  const begun = performance.now();
  const sandboxBefore = workbench.sandboxMs;
  const turn = new Turn(options, begun);
  await session.append({ type: "turn_started", turn: session.state.turns + 1, text });
  let result: TurnResult;
  try {
    using guards = GuardWatch.open(session, turn.tools);
    result = await turn.run(guards);
  } catch (error) {
    result = signal.aborted ? { outcome: "stopped", cause: null } : failed(error);
  }
  await session.append({
    type: "turn_finished",
    ...result,
    elapsed_ms: Math.round(performance.now() - begun),
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
  readonly #begun: number;
  readonly #agent: Agent;
  readonly #planner: RequestPlanner;
  /** Whether the person began it with words, and not for the first time. */
  readonly #isAnother: boolean;
  readonly #judge: Judge;
  modelMs = 0;
  #asked: number | null = null;
  #overflows = 0;

  constructor(options: TurnOptions, begun: number) {
    this.#options = options;
    this.#begun = begun;
    this.#agent = options.agent ?? MAIN;
    const { state } = options.session;
    const { goal } = this.#agent;
    this.#planner = new RequestPlanner({ ...options, goal });
    this.#isAnother = state.turns > 0 && (options.text !== null || state.queued.length > 0);
    const makeRoom = (): Promise<void> => this.#planner.halve();
    this.#judge = new Judge({ ...options, goal, isAnother: this.#isAnother, makeRoom });
    this.tools = new Map(options.tools.map((tool) => [tool.name, tool]));
  }

  async run(guards: GuardWatch): Promise<TurnResult> {
    const { session, workbench, budget, signal } = this.#options;
    await takeUp({ session, budget, runner: this.#runner(), isAnother: this.#isAnother });
    let last: Firing | null = null;
    for (;;) {
      const iteration = session.state.iterations + 1;
      const limit = session.state.options.max_iterations;
      if (iteration > limit)
        return budgetSpent(`The limit of ${limit} model calls is reached.`, "--max-iterations");
      await nextRunEvent({ session, workbench, budget, wait: false, signal });
      const grant = await this.#planner.plan(limit - iteration + 1);
      if (grant.kind === "refused") return { outcome: "budget", cause: grant.cause };
      const [{ seq }] = await Promise.all([
        session.append({ type: "iteration_started", iteration }),
        budget.reserve(grant),
      ]);
      this.#showProgress();
      const thought = await this.#think({ iteration, seq, grant });
      if (thought === null) continue;
      const firing = await guards.firing();
      // A hand-over was asked for: whatever the model does now is its last word.
      if (last?.level === 3) return stuck(last);
      if (firing !== null) await session.append({ type: "guard_fired", ...firing });
      last = firing;
      const ending = await this.#judge.judge(thought.message);
      if (ending !== null) return ending;
    }
  }

  #runner(): CallRunner {
    return new CallRunner({ ...this.#options, agent: this.#agent, tools: this.tools });
  }

  /** Asks the model, while the calls that it has written already are executed; null when it has to be asked anew. */
  async #think({ iteration, seq, grant }: Step): Promise<Thought | null> {
    const { session, client, tools, budget, signal } = this.#options;
    const { state } = session;
    const { id, maxTokens } = grant;
    const { goal, sender } = this.#agent;
    const runner = this.#runner();
    const early = new EarlyCalls({ session, runner, iteration });
    const begun = performance.now();
    let thought: Thought;
    try {
      thought = await think({
        client,
        request: requestFor({ state, tools, maxTokens, instructions: goal.instructions }),
        show: (event) => session.show(event),
        notice: async (text) => {
          await session.append({ type: "notice", level: "warn", text });
        },
        onCall: (message) => early.take(message),
        // What a call leaves in the workspace has its name there: a sub-agent's begins with that of the call that sent it.
        callId: (index) => `${sender?.callId ?? "call"}_${seq}_${index}`,
        signal,
      });
    } catch (error) {
      await early.end();
      await runner.done();
      await budget.releaseRequest(id);
      if (!isTooLong(error) || this.#overflows++ >= OVERFLOWS) throw error;
      await this.#planner.halve();
      return null;
    }
    await early.end();
    this.#overflows = 0;
    const { message, unusable } = thought;
    const sinceMs = this.#asked === null ? null : begun - this.#asked;
    const miss =
      state.lastMessage && describeCacheMiss({ before: state.lastMessage, after: message, sinceMs });
    this.#asked = begun;
    const duration_ms = Math.round(performance.now() - begun);
    this.modelMs += duration_ms;
    session.add({
      type: "assistant_message",
      iteration,
      message,
      ...(unusable.length > 0 && { unusable }),
      cost_usd: budget.costOf(message.usage, state.options.model),
      duration_ms,
    });
    const settled = budget.settleRequest(id, message.usage, state.options.model);
    settled.catch(() => undefined); // awaited below, when no call is left running
    session.show(spentSoFar(session.state));
    if (miss) session.add({ type: "notice", level: "info", text: miss });
    await runner.answerAll();
    await settled;
    return thought;
  }

  #showProgress(): void {
    const { session } = this.#options;
    const elapsed = session.state.active_ms + Math.round(performance.now() - this.#begun);
    const progress = progressOf(session.state.plan, elapsed);
    if (progress !== null) session.show(progress);
  }
}

function isTooLong(error: unknown): boolean {
  return error instanceof InternError && error.code === "model/too_long";
}
