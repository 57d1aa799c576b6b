import type { RequestedCall } from "../approvals/approvable-tool.ts";
import type { ApprovalState } from "../approvals/approval-state.ts";
import { type ApprovedCall, approvalFor, type GateOptions, gate, type Presence } from "../approvals/gate.ts";
import type { Policy } from "../approvals/policy.ts";
import type { BudgetKeeper } from "../budget/budget-keeper.ts";
import { LOCAL } from "../budget/prices.ts";
import { saveWorkspace } from "../history/save-workspace.ts";
import { type PendingCall, toolCalls } from "../session/conversation.ts";
import type { ToolAnswer } from "../session/session-event.ts";
import type { Session } from "../session/session-store.ts";
import type { Tool } from "../tools/define-tool.ts";
import type { Workbench } from "../workbench/workbench.ts";
import type { Agent } from "./agent.ts";
import { wait } from "./wait.ts";

export interface CallRunnerOptions {
  readonly session: Session;
  /** Who calls. */
  readonly agent: Agent;
  readonly workbench: Workbench;
  readonly budget: BudgetKeeper;
  readonly tools: ReadonlyMap<string, Tool>;
  /** Decides on every call before it is made; `presence` says who answers its questions. */
  readonly policy: Policy;
  readonly presence: Presence;
  readonly signal: AbortSignal;
}

/** Of a tool that does not exist, in characters: no real one has a longer name, and a person has to read it. */
const LONGEST_NAME = 128;

/** How long an interrupt waits for tools to end by themselves, in milliseconds. */
const GRACE_MS = 25;

/**
 * Executes the calls of one answer, each as soon as it is added and those before it permit: calls that only read run side
 * by side, any other runs alone and in its place. Every result is recorded when it is there; whoever needs it on disk waits
 * for the session.
 */
export class CallRunner {
  readonly #options: CallRunnerOptions;
  readonly #added = new Set<string>();
  #reading: Promise<void>[] = [];
  #alone: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | null = null;
  #isLeft = false;

  constructor(options: CallRunnerOptions) {
    this.#options = options;
  }

  /** Adding a call twice does nothing. Calls have to be added in the order of the answer. */
  add(call: PendingCall): void {
    if (this.#added.has(call.id)) return;
    this.#added.add(call.id);
    // What does not exist answers at once.
    const onlyReads = this.#options.tools.get(call.name)?.readOnly ?? true;
    const before = onlyReads ? this.#alone : Promise.all([this.#alone, ...this.#reading]);
    const running = before
      .then(() => this.#answer(call))
      .catch((error: unknown) => {
        this.#failure ??= { error };
      });
    if (onlyReads) {
      this.#reading.push(running);
    } else {
      this.#alone = running;
      this.#reading = [];
    }
  }

  /** Executes all calls of the newest answer that have no result yet, and waits for them; see {@link done}. */
  async answerAll(): Promise<void> {
    for (const call of this.#options.session.state.pending) this.add(call);
    await this.ask();
    await this.done();
  }

  /** Asks the person about those calls of the answer that need their word, all together. To be called once it is whole. */
  async ask(): Promise<void> {
    const { session, tools } = this.#options;
    const calls = session.state.pending.flatMap(({ id, name, input, unusable }) => {
      const tool = tools.get(name);
      return tool === undefined || unusable !== undefined ? [] : [{ id, tool, input }];
    });
    const asked = approvalFor(await gate(calls, this.#gateOptions()), this.#gateOptions());
    const { sender } = this.#options.agent;
    if (asked !== null) await this.#asks.append({ ...asked, ...(sender && { call: sender.callId }) });
  }

  /**
   * Resolves when every call has its result. Rejects when the session cannot be kept, and soon after an interrupt: what
   * still runs then is killed, and its result is not recorded.
   */
  async done(): Promise<void> {
    const { signal } = this.#options;
    const all = Promise.all([this.#alone, ...this.#reading]);
    const given = new AbortController();
    const interrupted = orGrace(signal, given.signal);
    await Promise.race([all, interrupted]);
    given.abort();
    this.#isLeft = true;
    if (this.#failure) throw this.#failure.error;
    signal.throwIfAborted();
  }

  async #answer(call: PendingCall): Promise<void> {
    const { session, signal } = this.#options;
    if (this.#failure) return;
    signal.throwIfAborted();
    const { id, name } = call;
    const begun = performance.now();
    const answer = await this.#run(call);
    if (this.#isLeft) return;
    const duration_ms = Math.round(performance.now() - begun);
    session.add({ type: "tool_finished", id, name, duration_ms, ...answer });
  }

  async #run({ id, name, input, started, unusable }: PendingCall): Promise<ToolAnswer> {
    const { session, workbench, budget, tools, signal } = this.#options;
    const tool = tools.get(name);
    if (tool === undefined) {
      const known = [...tools.keys()].join(", ");
      return failure(
        "tool/unknown",
        `There is no tool ${name.slice(0, LONGEST_NAME)}.`,
        `Use one of: ${known}.`,
      );
    }
    if (unusable !== undefined) return unusableCall(unusable);
    if (started && !tool.repeatable) {
      return failure(
        "tool/interrupted",
        "ml-intern was stopped while this call was running; whether it had effects is not known.",
        "Look at the state of the workspace, then repeat what is missing.",
      );
    }
    const call = await this.#approved({ id, tool, input });
    if ("content" in call) return call;
    if (!started) session.add({ type: "tool_started", id, name, input: call.input });
    // What was asked for, approved and begun is on record before it has effects; who only reads leaves no trace.
    if (!tool.readOnly) await Promise.all([session.kept(), this.#asks.kept()]);
    const show = (text: string): void => session.show({ type: "tool_output", id, text });
    const answer = await tool.run(call, { workbench, session, budget, callId: id, show, signal });
    if (!tool.readOnly && tool.role !== "note") {
      const bytes = await saveWorkspace({ session, after: id, signal });
      if (bytes > 0) budget.settleStorage({ of: `${id}:workspace`, place: LOCAL, bytes });
    }
    return answer;
  }

  /** Waits for the person where they have to decide; what is refused is answered. */
  async #approved(requested: RequestedCall<Tool>): Promise<ApprovedCall<Tool> | ToolAnswer> {
    for (;;) {
      const { approvals } = this.#asks.state;
      const [call] = await gate([requested], this.#gateOptions());
      if (call?.kind === "approved") return call;
      if (call?.kind === "refused") return { content: JSON.stringify({ error: call.cause }), is_error: true };
      await this.#newsSince(approvals);
    }
  }

  #gateOptions(): GateOptions {
    const { session, agent, policy, presence, signal } = this.#options;
    const { arriving, lastMessage } = session.state;
    const { approvals } = this.#asks.state;
    // Ids of calls are unique in a session, and the first one names its answer.
    const [first] = toolCalls((arriving ?? lastMessage)?.content ?? []);
    return { policy, approvals, request: `${agent.name}:${first?.id}`, agent: agent.name, presence, signal };
  }

  /** The session in whose log the person is asked: faces look at no other. */
  get #asks(): Session {
    const { agent, session } = this.#options;
    return agent.sender?.session ?? session;
  }

  /** Resolves when something else was asked or answered; rejects when `signal` aborts. */
  #newsSince(before: ApprovalState): Promise<void> {
    const { signal } = this.#options;
    const session = this.#asks;
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!signal.aborted && session.state.approvals === before) return;
        stop();
        signal.removeEventListener("abort", look);
        if (signal.aborted) reject(signal.reason);
        else resolve();
      };
      const stop = session.subscribe(look);
      signal.addEventListener("abort", look, { once: true });
      look();
    });
  }
}

/** Resolves a little after `signal` aborts; also when `done` aborts, so that no timer is left behind. */
async function orGrace(signal: AbortSignal, done: AbortSignal): Promise<void> {
  const either = AbortSignal.any([signal, done]);
  await new Promise((resolve) => {
    if (either.aborted) resolve(null);
    else either.addEventListener("abort", resolve, { once: true });
  });
  await wait(GRACE_MS, done).catch(() => undefined); // everything has ended
}

function unusableCall(reason: string): ToolAnswer {
  if (reason === "cut_off") {
    return failure(
      "tool/cut_off",
      "The call was cut off by the output limit and was not executed.",
      "Send it again in smaller pieces: write long files in several steps.",
    );
  }
  return failure(
    "tool/malformed_arguments",
    `The arguments are not a JSON object (${reason}); the call was not executed.`,
    "Send the call again with its arguments as one valid JSON object; long texts can go in several calls.",
  );
}

/** The code of {@link dropped}. */
export const STOPPED = "tool/stopped";

/** The answer to a call that the person stopped to say something else. */
export function dropped(): ToolAnswer {
  return failure(
    STOPPED,
    "The person stopped this call. It was not finished, and may have had effects.",
    "Read what they say before you make it again.",
  );
}

function failure(code: string, message: string, mend: string): ToolAnswer {
  return { content: JSON.stringify({ error: { code, message, mend } }), is_error: true };
}
