import type { Usage } from "@ml-intern/messages";
import type { Cause } from "../session/session-event.ts";
import type { Session } from "../session/session-store.ts";
import { amountOf, unpricedOf } from "./amount.ts";
import { type BudgetLimits, dueMarks, leftOf, type Reservation, reserve } from "./budget-limits.ts";
import { linesOf, NO_TOKENS, requestAtMost, tokensOf, type Use } from "./budget-line.ts";
import { dollars } from "./money.ts";
import { outputWithin } from "./output-within.ts";
import { burnRate, describePace } from "./pace.ts";
import type { Prices } from "./prices.ts";

export interface BudgetKeeperOptions {
  readonly session: Session;
  readonly limits: BudgetLimits;
  readonly prices: Prices;
}

/** What names of requests begin with. */
const REQUEST = "request:";

export interface RequestPlan {
  readonly promptTokens: number;
  /** Most tokens of the answer. */
  readonly maxTokens: number;
}

export type Grant =
  /** `id` names the expense, which is settled under it. */
  | {
      readonly kind: "granted";
      readonly id: string;
      readonly maxTokens: number;
      readonly reservation: Extract<Reservation, { kind: "granted" }>;
    }
  | { readonly kind: "refused"; readonly cause: Cause };

/** Less output than this is not worth a request: a tool call would be cut off. */
const SMALLEST_OUTPUT = 1024;

/** Keeps a session within its limits: everything that costs is reserved here before it is begun, and settled afterwards. */
export class BudgetKeeper {
  readonly #options: BudgetKeeperOptions;
  #saidUnpriced = false;

  constructor(options: BudgetKeeperOptions) {
    this.#options = options;
  }

  /**
   * Whether a request of the session's model may be made, with as much output as the limits still pay for. Refuses when that is too
   * little to be of use, or when a limit of money meets an unknown price. `isFinishing` opens what is kept back for
   * evaluating and publishing.
   */
  planRequest(
    { promptTokens, maxTokens }: RequestPlan,
    { isFinishing }: { readonly isFinishing: boolean },
  ): Grant {
    const { session, limits, prices } = this.#options;
    const { options, budget } = session.state;
    const { model } = options;
    const left = leftOf(budget, limits, { isFinishing });
    const rates = prices.ofTokens(model, { ...NO_TOKENS, input: promptTokens, output: maxTokens });
    const byMoney =
      left.usd === null || rates === null
        ? maxTokens
        : outputWithin(left.usd, { price: rates, promptTokens, maxTokens });
    const byTokens = left.tokens === null ? maxTokens : Number(left.tokens) - promptTokens;
    const most = Math.min(maxTokens, byMoney, byTokens);
    // Too little is asked for all the same, so that the refusal says which limit it meets.
    const asked = most < Math.min(SMALLEST_OUTPUT, maxTokens) ? maxTokens : most;
    const lines = requestAtMost({ model, promptTokens, maxTokens: asked }, prices);
    const id = `${REQUEST}${session.state.seq}`;
    const reservation = reserve(budget, limits, { id, lines, isFinishing });
    if (reservation.kind !== "granted") return { kind: "refused", cause: reservation.cause };
    return { kind: "granted", id, maxTokens: asked, reservation };
  }

  /** Keeps a reservation. To be called before the request is made. */
  async reserve({ reservation }: Extract<Grant, { kind: "granted" }>): Promise<void> {
    const { entry, unpriced } = reservation;
    await Promise.all([this.#options.session.append(entry), this.#sayUnpriced(unpriced)]);
  }

  /** What a request comes to, in USD; null where its price is unknown. */
  costOf(usage: Usage): number | null {
    const lines = linesOf(this.#useOf(usage), this.#options.prices);
    return unpricedOf(lines).length > 0 ? null : dollars(amountOf(lines).usd);
  }

  async settleRequest(id: string, usage: Usage): Promise<void> {
    await this.settle(id, this.#useOf(usage));
  }

  /** What something came to; says so when a share of a limit is spent by now. */
  async settle(id: string, use: Use): Promise<void> {
    const { session, limits, prices } = this.#options;
    await session.append({ type: "budget_settled", id, lines: linesOf(use, prices) });
    const marks = dueMarks(session.state.budget, limits);
    for (const mark of marks) await session.append(mark);
    const pace = marks.length === 0 ? null : this.describePace();
    if (pace !== null) await session.append({ type: "notice", level: "warn", text: pace });
  }

  /**
   * Settles what a crash or an interrupt left open: a prompt that was sent has been charged, whatever came of it. `usage` is
   * that of an answer that had begun to arrive.
   */
  async closeOpen(usage: Usage | null): Promise<void> {
    const { session } = this.#options;
    for (const [id, lines] of session.state.budget.open) {
      if (usage !== null && id.startsWith(REQUEST)) await this.settleRequest(id, usage);
      const sent = lines.filter(({ kind }) => kind !== "output");
      // What is settled already stays as it is.
      if (session.state.budget.open.has(id))
        await session.append({ type: "budget_settled", id, lines: sent });
    }
  }

  /** A request that was refused before anything was charged. */
  async releaseRequest(id: string): Promise<void> {
    await this.#options.session.append({ type: "budget_released", id });
  }

  /** When the limit of money is hit as things go; null where there is nothing to say. */
  describePace(): string | null {
    const { session, limits } = this.#options;
    const { budget } = session.state;
    const { usd: left } = leftOf(budget, limits, { isFinishing: true });
    return describePace(burnRate(budget.pace, { left, now: Date.now() }));
  }

  #useOf(usage: Usage): Use {
    return { kind: "tokens", model: this.#options.session.state.options.model, tokens: tokensOf(usage) };
  }

  async #sayUnpriced(names: readonly string[]): Promise<void> {
    if (names.length === 0 || this.#saidUnpriced) return;
    this.#saidUnpriced = true;
    const text = `The price of ${names.join(" and ")} is not known: what this session costs is not counted. docs/budget.md says how to tell it.`;
    await this.#options.session.append({ type: "notice", level: "info", text });
  }
}
