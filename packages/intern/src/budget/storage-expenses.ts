import type { OpenReservation } from "./budget-book.ts";
import type { Expenses } from "./expenses.ts";

export interface StoragePlan {
  /** Names it: the call or the thing that is kept. */
  readonly of: string;
  /** Such as `hf`; `local` is this machine. */
  readonly place: string;
  readonly bytes: number;
  readonly isFinishing?: boolean;
}

/** What names of things that are kept begin with. */
const STORAGE = "storage:";

/** Room for what is kept. */
export class StorageExpenses {
  readonly #expenses: Expenses;

  constructor(expenses: Expenses) {
    this.#expenses = expenses;
  }

  reserve({ place, bytes, isFinishing = false, ...call }: StoragePlan): void {
    const { session } = this.#expenses;
    const id = `${STORAGE}${call.of}`;
    const { open, settled } = session.state.budget;
    if (open.has(id) || settled.has(id)) return;
    session.add(this.#expenses.require({ id, use: { kind: "storage", place, bytes }, isFinishing }));
  }

  settle({ of, place, bytes }: Omit<StoragePlan, "isFinishing">): void {
    const id = `${STORAGE}${of}`;
    if (this.#expenses.session.state.budget.settled.has(id)) return;
    this.#expenses.settle(id, { kind: "storage", place, bytes });
  }

  /** What was being stored may be there, unless its call is made again. */
  closeOpen(id: string, { lines }: OpenReservation): void {
    if (!id.startsWith(STORAGE)) return;
    const { pending } = this.#expenses.session.state;
    if (!pending.some((call) => call.id === id.slice(STORAGE.length))) this.#expenses.settleLines(id, lines);
  }
}
