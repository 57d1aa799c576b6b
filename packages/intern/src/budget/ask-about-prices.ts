import type { CallAnswer } from "../approvals/approval-event.ts";
import { BUILT_IN } from "../approvals/tool-request.ts";
import type { Session } from "../session/session-store.ts";
import type { BudgetKeeper } from "./budget-keeper.ts";

/** Who asks, and the question's name: it is no call of an agent. */
const BUDGET = "budget";

/**
 * Asks the person, before anything is spent, whether to go on with what nobody knows the price of, although money is limited. Their yes
 * is kept, and they are not asked again; without it requests are refused. Resolves when they have answered, or `signal` aborts.
 */
export async function askAboutPrices({
  session,
  budget,
  signal,
}: {
  readonly session: Session;
  readonly budget: BudgetKeeper;
  readonly signal: AbortSignal;
}): Promise<void> {
  const names = budget.unknownPrices;
  if (names.length === 0 || signal.aborted) return;
  const why = `The price of ${names.join(" and ")} is not known, so the limit in USD cannot count it.`;
  const call = { id: BUDGET, tool: "go_on_without_price", origin: BUILT_IN, input: { of: names }, why };
  await session.append({
    ...{ type: "approval_asked", request: BUDGET, agent: BUDGET },
    calls: [
      {
        ...call,
        read_only: true,
        estimated_usd: null,
        hosts: [],
        target: null,
        rule: "budget: unknown price",
      },
    ],
  });
  const answer = await answerIn(session, signal);
  if (answer?.kind === "approve") await session.append({ type: "budget_unpriced", names });
}

function answerIn(session: Session, signal: AbortSignal): Promise<CallAnswer | null> {
  return new Promise((resolve) => {
    const look = (): void => {
      const asked = session.state.approvals.requests.find(({ request }) => request === BUDGET);
      const answer = asked?.answers[0] ?? null;
      if (answer === null && !signal.aborted) return;
      stop();
      signal.removeEventListener("abort", look);
      resolve(answer);
    };
    const stop = session.subscribe(look);
    signal.addEventListener("abort", look, { once: true });
    look();
  });
}
