import type Anthropic from "@anthropic-ai/sdk";
import type { Presence } from "../approvals/gate.ts";
import { narrowPolicy, type Policy } from "../approvals/policy.ts";
import type { Rule } from "../approvals/rule.ts";
import { MAIN } from "../loop/agent.ts";
import type { Goal } from "../loop/goal.ts";
import type { Capacity } from "../loop/request-planner.ts";
import { runTurn } from "../loop/run-turn.ts";
import type { SessionState } from "../session/session-state.ts";
import { Session } from "../session/session-store.ts";
import type { Tool, ToolContext } from "../tools/define-tool.ts";
import { followAgent } from "./follow-agent.ts";
import { handOnModel } from "./hand-on-model.ts";
import { oneAfterTheOther } from "./one-after-the-other.ts";

/** What a sub-agent shares with the turn that sends it. */
export interface AgentHost {
  readonly client: Anthropic;
  /** Of the agent that sends it. */
  readonly policy: Policy;
  readonly presence: Presence;
  readonly capacityOf: (model: string) => Promise<Capacity>;
}

export interface SubAgentOptions {
  /** `research` is `main/research` to the policy. */
  readonly name: string;
  readonly goal: Goal;
  readonly tools: readonly Tool[];
  /** What it may not do of what the agent that sends it may. */
  readonly rules: readonly Rule[];
  /** Never more than the session has itself. */
  readonly maxIterations: number;
  /** Its part, from 0 to 1, of the budget that is left when it begins. */
  readonly share: number;
  readonly task: string;
  readonly host: AgentHost;
  /** Of the call that sends it. */
  readonly context: ToolContext;
}

export interface SubAgentEnd {
  /** Of its own session. */
  readonly state: SessionState;
  /** Its name in the budget's book. */
  readonly agent: string;
}

/**
 * Lets another agent work on a task until its turn ends, in a session of its own in the folder of the call that sends it. It
 * has the same workspace and the same book, asks the person in the same log, and is bound by the same policy, with
 * `rules` on top. The same call, made again after a crash, goes on at the step where it was; one whose turn was over only gives
 * its end. Rejects when `context.signal` aborts.
 */
export async function runSubAgent(options: SubAgentOptions): Promise<SubAgentEnd> {
  const { name, goal, tools, rules, maxIterations, share, task, host, context } = options;
  const { session: parent, workbench, callId, show, signal } = context;
  const path = `${MAIN.name}/${name}`;
  const agent = `${path}:${callId}`;
  // What a stop has left behind may still be ending.
  return oneAfterTheOther(`${parent.paths.directory} ${callId}`, async () => {
    const { model, ...settings } = parent.state.options;
    const max_iterations = Math.min(maxIterations, settings.max_iterations);
    const own = { ...settings, model, task, budget_usd: null, max_iterations };
    await using session = await Session.openAgent(parent, callId, own);
    if (isOver(session.state)) return { state: session.state, agent };
    using _model = handOnModel({ from: parent, to: session });
    const budget = await context.budget.carve({ agent, share });
    using _following = followAgent({ session, parent, agent, show });
    await runTurn({
      ...host,
      ...(await host.capacityOf(model)),
      session,
      agent: { name: path, goal, sender: { session: parent, callId } },
      workbench,
      tools,
      budget,
      policy: narrowPolicy(host.policy, name, rules),
      text: session.state.turns === 0 ? task : null,
      signal,
    });
    signal.throwIfAborted();
    return { state: session.state, agent };
  });
}

function isOver({ outcome }: SessionState): boolean {
  return outcome !== "unfinished" && outcome !== "stopped";
}
