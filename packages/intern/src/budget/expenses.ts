import { ToolFailure } from "../failures/tool-failure.ts";
import type { Cause } from "../session/session-event.ts";
import type { Session } from "../session/session-store.ts";
import { mapResources, type Resource } from "./amount.ts";
import { applyBudget, type BudgetBook } from "./budget-book.ts";
import { type BudgetBound, boundsOf, leftWithin, reserveWithin } from "./budget-bounds.ts";
import type { BudgetReserved, StepName } from "./budget-entry.ts";
import { type BudgetLimits, dueMarks, leftOf, type Reservation, type Reserving } from "./budget-limits.ts";
import { type BudgetLine, linesOf, type Use } from "./budget-line.ts";
import { burnRate, describePace } from "./pace.ts";
import { activeStep } from "./plan-step.ts";
import type { Prices } from "./prices.ts";

export interface ExpensesOptions {
  readonly session: Session;
  readonly limits: BudgetLimits;
  readonly prices: Prices;
}

/** What all agents of a session know before it is kept. */
interface Underway {
  /** Requests that are planned and not yet made, by their names. */
  readonly planned: Map<string, BudgetReserved>;
  saidUnpriced: boolean;
}

export interface Needed {
  readonly id: string;
  readonly use: Use;
  readonly isFinishing: boolean;
}

/** What one agent reserves and settles in the book of a session, whatever kind of expense it is. */
export class Expenses {
  readonly #options: ExpensesOptions;
  /** The sub-agent that spends; absent for the session's own agent. */
  readonly agent: string | undefined;
  readonly underway: Underway;

  constructor(options: ExpensesOptions, part?: { readonly agent: string; readonly of: Expenses }) {
    this.#options = options;
    this.agent = part?.agent;
    this.underway = part?.of.underway ?? { planned: new Map(), saidUnpriced: false };
  }

  get session(): Session {
    return this.#options.session;
  }

  /** Of the session; they may change from one look to the next. */
  get limits(): BudgetLimits {
    return this.#options.limits;
  }

  get prices(): Prices {
    return this.#options.prices;
  }

  left(options: { readonly isFinishing: boolean }): Readonly<Record<Resource, bigint | null>> {
    return leftWithin(this.#bounds, options);
  }

  shareOfLeft(share: number): Readonly<Record<Resource, bigint | null>> {
    const left = this.left({ isFinishing: false });
    return mapResources((resource) => {
      const most = left[resource];
      return most === null ? null : BigInt(Math.max(0, Math.floor(Number(most) * share)));
    });
  }

  newId(of: string): string {
    return `${of}${this.agent === undefined ? "" : `${this.agent}:`}${this.session.state.seq}`;
  }

  /** What a reservation would be; nothing is kept yet. */
  reserve(reserving: Omit<Reserving, "agent" | "step">): Reservation {
    return reserveWithin(this.#bounds, { ...reserving, ...this.#by });
  }

  /** As {@link reserve}, for what a tool needs: throws a {@link ToolFailure} where it is refused. */
  require({ id, use, isFinishing }: Needed): BudgetReserved {
    const reservation = this.reserve({ id, lines: linesOf(use, this.prices), isFinishing });
    if (reservation.kind !== "granted") throw this.#refusal(reservation.cause, { isFinishing });
    return reservation.entry;
  }

  /** What something came to; says so when a share of a limit is spent by now. */
  settle(id: string, use: Use): void {
    const { session } = this;
    this.settleLines(id, linesOf(use, this.prices));
    const marks = dueMarks(session.state.budget, this.limits);
    for (const mark of marks) session.add(mark);
    const pace = marks.length === 0 ? null : this.describePace();
    if (pace !== null) session.add({ type: "notice", level: "warn", text: pace });
  }

  /** An expense is of whoever reserved it, and of the step that it was reserved for. */
  settleLines(id: string, lines: readonly BudgetLine[]): void {
    const { agent, step } = this.session.state.budget.open.get(id) ?? this.#by;
    const by = { ...(agent !== undefined && { agent }), ...(step !== undefined && { step }) };
    this.session.add({ type: "budget_settled", id, lines, ...by });
  }

  /** When the limit of money is hit as things go; null where there is nothing to say. */
  describePace(): string | null {
    const { budget } = this.session.state;
    const { usd: left } = leftOf(budget, this.limits, { isFinishing: true });
    return describePace(burnRate(budget.pace, { left, now: Date.now() }));
  }

  #refusal({ code, message, mend }: Cause, { isFinishing }: { readonly isFinishing: boolean }): ToolFailure {
    const isKeptBack = this.agent === undefined && !isFinishing && this.limits.keepBackPercent > 0;
    const finish =
      "Begin nothing new. What is kept back pays for finishing: submit the best model on the test set if that is not done, and publish it. ";
    return new ToolFailure(code, message, `${isKeptBack ? finish : ""}${mend}`);
  }

  /** What is on record and what is about to be. */
  get #book(): BudgetBook {
    const { budget } = this.session.state;
    return [...this.underway.planned.values()].reduce(
      (book, entry) => applyBudget(book, entry, Number.NaN),
      budget,
    );
  }

  get #bounds(): readonly BudgetBound[] {
    return boundsOf(this.#book, { limits: this.limits, agent: this.agent });
  }

  /** Who spends, and for what. */
  get #by(): { readonly agent?: string; readonly step?: StepName } {
    const step = activeStep(this.session.state.plan);
    return {
      ...(this.agent !== undefined && { agent: this.agent }),
      ...(step !== undefined && { step }),
    };
  }
}
