import type { Usage } from "@ml-intern/messages";
import type { Cause } from "../session/session-event.ts";
import { amountOf, unpricedOf } from "./amount.ts";
import type { OpenReservation } from "./budget-book.ts";
import { type Reservation, unknownPrice } from "./budget-limits.ts";
import { linesOf, NO_TOKENS, requestAtMost, tokensOf, type Use } from "./budget-line.ts";
import type { Expenses } from "./expenses.ts";
import { dollars } from "./money.ts";
import { outputWithin } from "./output-within.ts";

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

/** What names of requests begin with. */
const REQUEST = "request:";
/** Less output than this is not worth a request: a tool call would be cut off. */
const SMALLEST_OUTPUT = 1024;

/** Requests to models. */
export class RequestExpenses {
  readonly #expenses: Expenses;
  /** The request that was planned last. */
  #planned = "";

  constructor(expenses: Expenses) {
    this.#expenses = expenses;
  }

  /** What the session is about to use without anybody knowing its price, where money is limited. */
  get unknownPrices(): readonly string[] {
    const { session, limits, prices } = this.#expenses;
    const { options, budget } = session.state;
    if (limits.most.usd === null) return [];
    const names = [
      ...(prices.ofTokens(options.model, NO_TOKENS) === null ? [options.model] : []),
      ...(options.hub === "hf" && prices.ofGigabyteMonth("hf") === null ? ["hf"] : []),
    ];
    return names.filter((name) => !budget.allowed.includes(name));
  }

  plan({ promptTokens, maxTokens }: RequestPlan, { isFinishing }: { readonly isFinishing: boolean }): Grant {
    const { session, prices, underway } = this.#expenses;
    const { model } = session.state.options;
    // An agent makes one request at a time: one that it has planned and not made is off.
    underway.planned.delete(this.#planned);
    const unknown = this.unknownPrices;
    if (unknown.length > 0) return { kind: "refused", cause: unknownPrice(unknown) };
    const left = this.#expenses.left({ isFinishing });
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
    const id = this.#expenses.newId(REQUEST);
    const reservation = this.#expenses.reserve({ id, lines, isFinishing });
    if (reservation.kind !== "granted") return { kind: "refused", cause: reservation.cause };
    underway.planned.set(id, reservation.entry);
    this.#planned = id;
    return { kind: "granted", id, maxTokens: asked, reservation };
  }

  async reserve({ reservation }: Extract<Grant, { kind: "granted" }>): Promise<void> {
    const { entry, unpriced } = reservation;
    const { session, underway } = this.#expenses;
    underway.planned.delete(entry.id);
    session.add(entry);
    this.#sayUnpriced(unpriced);
    await session.kept();
  }

  costOf(usage: Usage, model?: string): number | null {
    const lines = linesOf(this.#useOf(usage, model), this.#expenses.prices);
    return unpricedOf(lines).length > 0 ? null : dollars(amountOf(lines).usd);
  }

  async settle(id: string, usage: Usage, model?: string): Promise<void> {
    this.#expenses.settle(id, this.#useOf(usage, model));
    await this.#expenses.session.kept();
  }

  async settleNotes(usage: Usage): Promise<void> {
    await this.settle(this.#expenses.newId(`${REQUEST}notes:`), usage);
  }

  async release(id: string): Promise<void> {
    await this.#expenses.session.append({ type: "budget_released", id });
  }

  /** A prompt that was sent has been charged, whatever came of it; `usage` is that of an answer that had begun to arrive. */
  closeOpen(id: string, { lines }: OpenReservation, usage: Usage | null): void {
    if (!id.startsWith(REQUEST)) return;
    const { prices } = this.#expenses;
    const sent = lines.filter(({ kind }) => kind !== "output");
    this.#expenses.settleLines(id, usage === null ? sent : linesOf(this.#useOf(usage), prices));
  }

  #useOf(usage: Usage, model: string = this.#expenses.session.state.options.model): Use {
    return { kind: "tokens", model, tokens: tokensOf(usage) };
  }

  #sayUnpriced(names: readonly string[]): void {
    const { session, underway } = this.#expenses;
    if (names.length === 0 || underway.saidUnpriced) return;
    underway.saidUnpriced = true;
    const text = `The price of ${names.join(" and ")} is not known: what this session costs is not counted. docs/budget.md says how to tell it.`;
    session.add({ type: "notice", level: "info", text });
  }
}
