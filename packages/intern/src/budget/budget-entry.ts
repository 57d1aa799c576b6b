import type { Resource } from "./amount.ts";
import type { BudgetLine } from "./budget-line.ts";

/** Before something is begun: the most that it can come to. */
export interface BudgetReserved {
  readonly type: "budget_reserved";
  /** Names the expense; another attempt has another name. */
  readonly id: string;
  readonly lines: readonly BudgetLine[];
  /** Who spends: a sub-agent such as `main/research:toolu_1`; absent for the session's own agent. */
  readonly agent?: string;
  readonly step?: StepName;
}

/** The step of the plan that an expense serves, and what kind of step that is: forecasts learn from it. */
export interface StepName {
  readonly id: string;
  readonly kind: string;
}

/** What it came to. Also without a reservation: what is spent is spent. */
export interface BudgetSettled {
  readonly type: "budget_settled";
  readonly id: string;
  readonly lines: readonly BudgetLine[];
  readonly agent?: string;
  readonly step?: StepName;
}

/** It was not begun, or cost nothing. */
export interface BudgetReleased {
  readonly type: "budget_released";
  readonly id: string;
}

/** A share of a limit that has been spent; each is said once for each limit. */
export interface BudgetMark {
  readonly type: "budget_mark";
  readonly resource: Resource;
  readonly percent: number;
  /** The limit: picodollars, tokens, seconds or bytes. Whoever raises it hears of its shares again. */
  readonly limit: string;
}

/** What a sub-agent, and those that it starts, may use in all; said when it is first begun and never again. */
export interface BudgetCarved {
  readonly type: "budget_carved";
  readonly agent: string;
  /** Picodollars, tokens, seconds and bytes; null where only the session's own limit counts. */
  readonly most: Readonly<Record<Resource, string | null>>;
}

/** The person lets things be used although nobody knows their price: a limit of money does not count them. */
export interface BudgetUnpriced {
  readonly type: "budget_unpriced";
  readonly names: readonly string[];
}

/** Events of the session: they are kept, and the book is folded from them. */
export type BudgetEntry =
  | BudgetReserved
  | BudgetSettled
  | BudgetReleased
  | BudgetMark
  | BudgetCarved
  | BudgetUnpriced;
