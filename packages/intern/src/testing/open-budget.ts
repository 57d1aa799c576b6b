import { BudgetKeeper } from "../budget/budget-keeper.ts";
import { type BudgetSettings, limitsOf } from "../budget/budget-limits.ts";
import { createPrices } from "../budget/prices.ts";
import type { Session } from "../session/session-store.ts";

/** The budget of a session that works on this machine alone; without limits by default. */
export function openBudget(session: Session, settings: BudgetSettings = {}): BudgetKeeper {
  const prices = createPrices(settings.prices ?? {}, { isLocal: () => true });
  return new BudgetKeeper({ session, limits: limitsOf(settings), prices });
}
