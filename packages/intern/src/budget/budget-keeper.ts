import type { Usage } from "@ml-intern/messages";
import { mapResources } from "./amount.ts";
import type { StepTotal } from "./budget-book.ts";
import { type BudgetSettings, limitsOf } from "./budget-limits.ts";
import { Expenses, type ExpensesOptions } from "./expenses.ts";
import { describeForecast, forecast } from "./forecast.ts";
import { showDollars } from "./money.ts";
import { activeStep } from "./plan-step.ts";
import { type Grant, RequestExpenses, type RequestPlan } from "./request-expenses.ts";
import { StorageExpenses, type StoragePlan } from "./storage-expenses.ts";
import { TimeExpenses, type TimePlan } from "./time-expenses.ts";

export interface BudgetKeeperOptions extends ExpensesOptions {
  /** What steps of earlier sessions have cost, for forecasts. */
  readonly earlierSteps?: () => Promise<readonly StepTotal[]>;
}

/** What a sub-agent may use in all: a share, from 0 to 1, of what is left when it is first begun, or so much of each. */
export type Carving =
  | { readonly agent: string; readonly share: number }
  | { readonly agent: string; readonly limits: Omit<BudgetSettings, "keepBackPercent" | "prices"> };

/** Keeps a session within its limits: everything that costs is reserved here before it is begun, and settled afterwards. */
export class BudgetKeeper {
  readonly #options: BudgetKeeperOptions;
  readonly #expenses: Expenses;
  readonly #requests: RequestExpenses;
  readonly #time: TimeExpenses;
  readonly #storage: StorageExpenses;

  constructor(options: BudgetKeeperOptions, part?: { readonly agent: string; readonly of: BudgetKeeper }) {
    this.#options = options;
    this.#expenses = new Expenses(options, part && { agent: part.agent, of: part.of.#expenses });
    this.#requests = new RequestExpenses(this.#expenses);
    this.#time = new TimeExpenses(this.#expenses);
    this.#storage = new StorageExpenses(this.#expenses);
  }

  /**
   * A keeper for a sub-agent: what it reserves and settles stands in the same book and counts for the same limits, and it is
   * refused what goes beyond its own part. The part is said once; who comes back to an agent after a stop gets the part that it had,
   * with what it has spent of it. A part is no reservation: what others spend first is gone.
   */
  async carve(carving: Carving): Promise<BudgetKeeper> {
    const { session } = this.#options;
    const { agent } = carving;
    const known = session.state.budget.agents.find((each) => each.agent === agent);
    if (!known?.most) {
      const most =
        "share" in carving ? this.#expenses.shareOfLeft(carving.share) : limitsOf(carving.limits).most;
      const kept = mapResources((resource) => (most[resource] === null ? null : String(most[resource])));
      await session.append({ type: "budget_carved", agent, most: kept });
    }
    return new BudgetKeeper(this.#options, { agent, of: this });
  }

  /** What the session is about to use without anybody knowing its price, where money is limited: its model, and its hub's storage. */
  get unknownPrices(): readonly string[] {
    return this.#requests.unknownPrices;
  }

  /**
   * Whether a request of the session's model may be made, with as much output as the limits still pay for. Refuses when that is too
   * little to be of use, or when a limit of money meets an unknown price. `isFinishing` opens what is kept back for
   * evaluating and publishing.
   */
  planRequest(plan: RequestPlan, options: { readonly isFinishing: boolean }): Grant {
    return this.#requests.plan(plan, options);
  }

  /** Keeps a reservation. To be called before the request is made. */
  reserve(grant: Extract<Grant, { kind: "granted" }>): Promise<void> {
    return this.#requests.reserve(grant);
  }

  /** What a request comes to, in USD; null where its price is unknown. The person may have changed the model since it was made. */
  costOf(usage: Usage, model?: string): number | null {
    return this.#requests.costOf(usage, model);
  }

  settleRequest(id: string, usage: Usage, model?: string): Promise<void> {
    return this.#requests.settle(id, usage, model);
  }

  /** What came of a request that served the conversation itself, and was not planned. */
  settleNotes(usage: Usage): Promise<void> {
    return this.#requests.settleNotes(usage);
  }

  /** A request that was refused before anything was charged. */
  releaseRequest(id: string): Promise<void> {
    return this.#requests.release(id);
  }

  /**
   * Settles what a crash or an interrupt of this agent left open, for the most that it may have come to; `usage` is that of an answer
   * that had begun to arrive. Runs that go on by themselves stay open.
   */
  async closeOpen(usage: Usage | null): Promise<void> {
    for (const [id, expense] of this.#options.session.state.budget.open) {
      if (expense.agent !== this.#expenses.agent) continue;
      this.#requests.closeOpen(id, expense, usage);
      this.#time.closeOpen(id, expense);
      this.#storage.closeOpen(id, expense);
    }
  }

  /** Resolves when everything so far is on disk: to be awaited before something is begun that outlives this process. */
  kept(): Promise<void> {
    return this.#options.session.kept();
  }

  /** A name for code that runs within a call. */
  nameOfCode(callId: string): string {
    return this.#time.nameOfCode(callId);
  }

  /**
   * Reserves time of this machine for code that is about to run, and says how many seconds it may take: what is asked for, or what is
   * left, shared evenly among as many as are to come. Throws a `ToolFailure` where that is too little to be of use. Asking again
   * for what stands reserved gives the same.
   */
  reserveTime(plan: TimePlan): number {
    return this.#time.reserve(plan);
  }

  /** Throws as {@link reserveTime} would, and reserves nothing. */
  requireTime(plan: Omit<TimePlan, "id">): void {
    this.#time.require(plan);
  }

  /** What code on this machine took. What is not reserved, or not any more, is settled already. */
  settleTime(id: string, seconds: number): void {
    this.#time.settle(id, seconds);
  }

  /** Reserves room for what is about to be kept; the same call, made again, has it already. Throws a `ToolFailure` for want of it. */
  reserveStorage(plan: StoragePlan): void {
    this.#storage.reserve(plan);
  }

  /** What was kept, for a month. Once for each name. */
  settleStorage(kept: Omit<StoragePlan, "isFinishing">): void {
    this.#storage.settle(kept);
  }

  /**
   * What the step that the plan has come to is likely to cost, in words, going by earlier steps of its kind; null where there were none,
   * or they cost nothing.
   */
  async describeStep(): Promise<string | null> {
    const { session, earlierSteps = async () => [] } = this.#options;
    const step = activeStep(session.state.plan);
    if (step === undefined) return null;
    const steps = [...(await earlierSteps()), ...session.state.budget.steps];
    const cost = forecast({ steps }, { kind: step.kind, current: step.id });
    if (cost.kind === "unknown" || cost.high === 0n) return null;
    const { usd: left } = this.#expenses.left({ isFinishing: false });
    const short =
      left !== null && cost.high > left ? ` Only ${showDollars(left > 0n ? left : 0n)} is left for it.` : "";
    return `${step.id}: ${describeForecast(cost)}${short}`;
  }

  /** When the limit of money is hit as things go; null where there is nothing to say. */
  describePace(): string | null {
    return this.#expenses.describePace();
  }
}
