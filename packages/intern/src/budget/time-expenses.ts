import { amountOf } from "./amount.ts";
import type { OpenReservation } from "./budget-book.ts";
import type { BudgetReserved } from "./budget-entry.ts";
import { linesOf, type Use } from "./budget-line.ts";
import type { Expenses } from "./expenses.ts";
import { LOCAL } from "./prices.ts";
import { secondsWithin } from "./seconds-within.ts";

export interface TimePlan {
  readonly id: string;
  /** The most that it may take. */
  readonly seconds: number;
  /** How many there are to come, this one included, that share what is left. Default: 1. */
  readonly among?: number;
  /** Whether it serves to evaluate and publish what there is: that may use what is kept back. */
  readonly isFinishing?: boolean;
}

/** What names of code that runs within a call begin with: it ends with the process that waits for it. */
const CODE = "code:";
/** A time limit is not shortened further than to this. */
const SHORTEST_SECONDS = 10;

/** Time of this machine. */
export class TimeExpenses {
  readonly #expenses: Expenses;

  constructor(expenses: Expenses) {
    this.#expenses = expenses;
  }

  nameOfCode(callId: string): string {
    return this.#expenses.newId(`${CODE}${callId}:`);
  }

  reserve(plan: TimePlan): number {
    const { session } = this.#expenses;
    const standing = session.state.budget.open.get(plan.id);
    if (standing !== undefined) return Number(amountOf(standing.lines).compute);
    const { granted, entry } = this.#plan(plan);
    session.add(entry);
    return granted;
  }

  require(plan: Omit<TimePlan, "id">): void {
    this.#plan({ ...plan, id: this.#expenses.newId("asked:") });
  }

  settle(id: string, seconds: number): void {
    if (this.#expenses.session.state.budget.open.has(id)) this.#expenses.settle(id, onThisMachine(seconds));
  }

  /** What was running has ended with its process: it took no longer than until now, and no longer than it was allowed. */
  closeOpen(id: string, { lines, since }: OpenReservation): void {
    if (!id.startsWith(CODE)) return;
    const allowed = Number(amountOf(lines).compute);
    const passed = (Date.now() - since) / 1000;
    const use = onThisMachine(Math.max(0, Math.min(allowed, passed)));
    this.#expenses.settleLines(id, linesOf(use, this.#expenses.prices));
  }

  #plan({ id, seconds, among = 1, isFinishing = false }: TimePlan): {
    readonly granted: number;
    readonly entry: BudgetReserved;
  } {
    const left = this.#expenses.left({ isFinishing });
    // Code writes files, nobody knows how much, and they are kept.
    if (left.storage !== null && left.storage <= 0n)
      this.#expenses.require({ id, use: { kind: "storage", place: LOCAL, bytes: 1 }, isFinishing });
    const most = secondsWithin(left, this.#expenses.prices.ofComputeHour(LOCAL)) / among;
    const isTooLittle = most < Math.min(SHORTEST_SECONDS, seconds);
    // Too little is asked for all the same, so that the refusal says which limit it meets.
    const granted = most >= seconds ? seconds : Math.floor(most);
    const use = onThisMachine(isTooLittle ? seconds * among : granted);
    return { granted, entry: this.#expenses.require({ id, use, isFinishing }) };
  }
}

function onThisMachine(seconds: number): Use {
  return { kind: "compute", machine: LOCAL, seconds };
}
