import type { BudgetKeeper } from "../budget/budget-keeper.ts";
import type { Session } from "../session/session-store.ts";
import { type CallRunner, dropped } from "./call-runner.ts";
import { TAKEN_UP } from "./guidance.ts";

export interface TakeUpOptions {
  readonly session: Session;
  readonly budget: BudgetKeeper;
  /** Executes what is left of the newest answer. */
  readonly runner: CallRunner;
  /** The person wants something else now: calls that a stop left open are not made. */
  readonly isAnother: boolean;
}

/** Brings what a stop or a crash left to where the model can be asked again. */
export async function takeUp({ session, budget, runner, isAnother }: TakeUpOptions): Promise<void> {
  const { arriving, iterations } = session.state;
  await budget.closeOpen(arriving?.usage ?? null);
  if (arriving !== null) {
    const cost_usd = budget.costOf(arriving.usage);
    const event = { iteration: iterations, message: arriving, cost_usd, duration_ms: 0 };
    await session.append({ type: "assistant_message", ...event });
  }
  if (isAnother) await dropCalls(session);
  await closeAgents(session, budget);
  await runner.answerAll();
  const { messages, unheard } = session.state;
  // The model has the last word, and needs one from us to answer.
  if (unheard.length === 0 && messages.at(-1)?.role === "assistant") {
    await session.append({ type: "guidance", text: TAKEN_UP });
  }
}

/** Settles what sub-agents have left open that nobody comes back to, since their call was dropped or undone. */
async function closeAgents({ state }: Session, budget: BudgetKeeper): Promise<void> {
  const left = [...state.budget.open.values()].flatMap(({ agent }) => agent ?? []);
  for (const agent of new Set(left)) {
    if (state.pending.some(({ id }) => agent.endsWith(`:${id}`))) continue;
    await (await budget.carve({ agent, share: 0 })).closeOpen(null);
  }
}

async function dropCalls(session: Session): Promise<void> {
  for (const { id, name } of session.state.pending) {
    await session.append({ type: "tool_finished", id, name, duration_ms: 0, ...dropped() });
  }
}
