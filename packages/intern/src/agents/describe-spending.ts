import { unpricedIn } from "../budget/budget-book.ts";
import { showDollars } from "../budget/money.ts";
import type { SessionState } from "../session/session-state.ts";

/** What a sub-agent has used up to now, by the book of the session that it belongs to. */
export function describeSpending(
  { budget, options }: Pick<SessionState, "budget" | "options">,
  agent: string,
): string {
  const spent = budget.agents.find((each) => each.agent === agent)?.spent;
  const tokens = `${(spent?.tokens ?? 0n).toLocaleString("en")} tokens`;
  return unpricedIn(budget).includes(options.model)
    ? `${tokens}, at an unknown price`
    : `${tokens}, ${showDollars(spent?.usd ?? 0n)}`;
}
