import { lineage } from "./agent-book.ts";
import { mapResources, type Resource } from "./amount.ts";
import { type BudgetBook, type Spending, spendingOf } from "./budget-book.ts";
import { type BudgetLimits, leftOf, type Reservation, type Reserving, reserve } from "./budget-limits.ts";

/** Limits, and what counts for them. */
export interface BudgetBound {
  readonly book: Spending;
  readonly limits: BudgetLimits;
}

const NO_LIMITS = mapResources(() => null);

/** All that a step of an agent has to be within: the session's limits, and the parts of the agent and of those above it. */
export function boundsOf(
  book: BudgetBook,
  { limits, agent }: { readonly limits: BudgetLimits; readonly agent: string | undefined },
): readonly BudgetBound[] {
  const parts = lineage(agent ?? "").map((each): BudgetBound => {
    const most = book.agents.find((known) => known.agent === each)?.most ?? NO_LIMITS;
    return { book: spendingOf(book, each), limits: { most, keepBackPercent: 0, agent: each } };
  });
  return [...parts, { book, limits }];
}

/** The least of what each has left. */
export function leftWithin(
  bounds: readonly BudgetBound[],
  options: { readonly isFinishing: boolean },
): Readonly<Record<Resource, bigint | null>> {
  const each = bounds.map(({ book, limits }) => leftOf(book, limits, options));
  return mapResources((resource) =>
    each
      .map((left) => left[resource])
      .filter((left) => left !== null)
      .reduce<bigint | null>((least, left) => (least === null || left < least ? left : least), null),
  );
}

/** Granted where each grants it. */
export function reserveWithin(bounds: readonly BudgetBound[], reserving: Reserving): Reservation {
  const each = bounds.map(({ book, limits }) => reserve(book, limits, reserving));
  return each.find(({ kind }) => kind !== "granted") ?? (each.at(-1) as Reservation); // the session's own is always there
}
