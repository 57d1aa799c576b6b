import type { Usage } from "@ml-intern/messages";
import { ToolFailure } from "../failures/tool-failure.ts";
import type { Cause } from "../session/session-event.ts";
import type { Session } from "../session/session-store.ts";
import { amountOf, mapResources, type Resource, unpricedOf } from "./amount.ts";
import { applyBudget, type BudgetBook, type StepTotal } from "./budget-book.ts";
import { type BudgetBound, boundsOf, leftWithin, reserveWithin } from "./budget-bounds.ts";
import type { BudgetReserved, StepName } from "./budget-entry.ts";
import {
  type BudgetLimits,
  type BudgetSettings,
  dueMarks,
  leftOf,
  limitsOf,
  type Reservation,
  type Reserving,
  unknownPrice,
} from "./budget-limits.ts";
import { type BudgetLine, linesOf, NO_TOKENS, requestAtMost, tokensOf, type Use } from "./budget-line.ts";
import { describeForecast, forecast } from "./forecast.ts";
import { dollars, showDollars } from "./money.ts";
import { outputWithin } from "./output-within.ts";
import { burnRate, describePace } from "./pace.ts";
import { activeStep } from "./plan-step.ts";
import { LOCAL, type Prices } from "./prices.ts";
import { secondsWithin } from "./seconds-within.ts";

export interface BudgetKeeperOptions {
  readonly session: Session;
  readonly limits: BudgetLimits;
  readonly prices: Prices;
  /** What steps of earlier sessions have cost, for forecasts. */
  readonly earlierSteps?: () => Promise<readonly StepTotal[]>;
}

/** What a sub-agent may use in all: a share, from 0 to 1, of what is left when it is first begun, or so much of each. */
export type Carving =
  | { readonly agent: string; readonly share: number }
  | { readonly agent: string; readonly limits: Omit<BudgetSettings, "keepBackPercent" | "prices"> };

/** What all keepers of a session know before it is kept. */
interface Underway {
  /** Requests that are planned and not yet made, by their names. */
  readonly planned: Map<string, BudgetReserved>;
  saidUnpriced: boolean;
}

/** What names of requests begin with. */
const REQUEST = "request:";
/** And those of code that runs within a call: it ends with the process that waits for it. */
const CODE = "code:";
const STORAGE = "storage:";

export interface TimePlan {
  readonly id: string;
  /** The most that it may take. */
  readonly seconds: number;
  /** How many there are to come, this one included, that share what is left. Default: 1. */
  readonly among?: number;
  /** Whether it serves to evaluate and publish what there is: that may use what is kept back. */
  readonly isFinishing?: boolean;
}

export interface StoragePlan {
  /** Names it: the call or the thing that is kept. */
  readonly of: string;
  /** Such as `hf`; {@link LOCAL} is this machine. */
  readonly place: string;
  readonly bytes: number;
  readonly isFinishing?: boolean;
}

interface Needed {
  readonly id: string;
  readonly use: Use;
  readonly isFinishing: boolean;
}

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
/** A time limit is not shortened further than to this. */
const SHORTEST_SECONDS = 10;

/** Keeps a session within its limits: everything that costs is reserved here before it is begun, and settled afterwards. */
export class BudgetKeeper {
  readonly #options: BudgetKeeperOptions;
  /** The sub-agent that spends; absent for the session's own agent. */
  readonly #agent: string | undefined;
  readonly #underway: Underway;
  /** The request that was planned last. */
  #planned = "";

  constructor(options: BudgetKeeperOptions, part?: { readonly agent: string; readonly of: BudgetKeeper }) {
    this.#options = options;
    this.#agent = part?.agent;
    const first: Underway = { planned: new Map(), saidUnpriced: false };
    this.#underway = part === undefined ? first : part.of.#underway;
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
      const most = "share" in carving ? this.#shareOfLeft(carving.share) : limitsOf(carving.limits).most;
      const kept = mapResources((resource) => (most[resource] === null ? null : String(most[resource])));
      await session.append({ type: "budget_carved", agent, most: kept });
    }
    return new BudgetKeeper(this.#options, { agent, of: this });
  }

  /** What the session is about to use without anybody knowing its price, where money is limited: its model, and its hub's storage. */
  get unknownPrices(): readonly string[] {
    const { session, limits, prices } = this.#options;
    const { options, budget } = session.state;
    if (limits.most.usd === null) return [];
    const names = [
      ...(prices.ofTokens(options.model, NO_TOKENS) === null ? [options.model] : []),
      ...(options.hub === "hf" && prices.ofGigabyteMonth("hf") === null ? ["hf"] : []),
    ];
    return names.filter((name) => !budget.allowed.includes(name));
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
    const { session, prices } = this.#options;
    const { model } = session.state.options;
    // An agent makes one request at a time: one that it has planned and not made is off.
    this.#underway.planned.delete(this.#planned);
    const unknown = this.unknownPrices;
    if (unknown.length > 0) return { kind: "refused", cause: unknownPrice(unknown) };
    const left = leftWithin(this.#bounds, { isFinishing });
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
    const id = this.#newId(REQUEST);
    const reservation = this.#reserve({ id, lines, isFinishing });
    if (reservation.kind !== "granted") return { kind: "refused", cause: reservation.cause };
    this.#underway.planned.set(id, reservation.entry);
    this.#planned = id;
    return { kind: "granted", id, maxTokens: asked, reservation };
  }

  /** Keeps a reservation. To be called before the request is made. */
  async reserve({ reservation }: Extract<Grant, { kind: "granted" }>): Promise<void> {
    const { entry, unpriced } = reservation;
    this.#underway.planned.delete(entry.id);
    const { session } = this.#options;
    session.add(entry);
    this.#sayUnpriced(unpriced);
    await session.kept();
  }

  /** What a request comes to, in USD; null where its price is unknown. The person may have changed the model since it was made. */
  costOf(usage: Usage, model?: string): number | null {
    const lines = linesOf(this.#useOf(usage, model), this.#options.prices);
    return unpricedOf(lines).length > 0 ? null : dollars(amountOf(lines).usd);
  }

  async settleRequest(id: string, usage: Usage, model?: string): Promise<void> {
    this.#settle(id, this.#useOf(usage, model));
    await this.#options.session.kept();
  }

  /** What came of a request that served the conversation itself, and was not planned. */
  async settleNotes(usage: Usage): Promise<void> {
    await this.settleRequest(this.#newId(`${REQUEST}notes:`), usage);
  }

  /**
   * Settles what a crash or an interrupt of this agent left open. A prompt that was sent has been charged, whatever came of it; `usage` is
   * that of an answer that had begun to arrive. What code was running has ended with its process by now: it took no longer than until
   * now, and no longer than it was allowed. What was being stored may be there, unless its call is made again. Runs that go on by
   * themselves stay open.
   */
  async closeOpen(usage: Usage | null): Promise<void> {
    const { prices, session } = this.#options;
    const isPending = (callId: string): boolean => session.state.pending.some(({ id }) => id === callId);
    for (const [id, { agent, lines, since }] of session.state.budget.open) {
      if (agent !== this.#agent) continue;
      if (id.startsWith(REQUEST)) {
        const sent = lines.filter(({ kind }) => kind !== "output");
        this.#settleLines(id, usage === null ? sent : linesOf(this.#useOf(usage), prices));
      } else if (id.startsWith(CODE)) {
        const allowed = Number(amountOf(lines).compute);
        const passed = (Date.now() - since) / 1000;
        this.#settleLines(id, linesOf(onThisMachine(Math.max(0, Math.min(allowed, passed))), prices));
      } else if (id.startsWith(STORAGE) && !isPending(id.slice(STORAGE.length))) {
        this.#settleLines(id, lines);
      }
    }
  }

  /** A request that was refused before anything was charged. */
  async releaseRequest(id: string): Promise<void> {
    await this.#options.session.append({ type: "budget_released", id });
  }

  /**
   * Reserves time of this machine for code that is about to run, and says how many seconds it may take: what is asked for, or what is
   * left, shared evenly among as many as are to come. Throws a {@link ToolFailure} where that is too little to be of use. Asking again
   * for what stands reserved gives the same.
   */
  reserveTime(plan: TimePlan): number {
    const { session } = this.#options;
    const standing = session.state.budget.open.get(plan.id);
    if (standing !== undefined) return Number(amountOf(standing.lines).compute);
    const { granted, entry } = this.#planTime(plan);
    session.add(entry);
    return granted;
  }

  /** Resolves when everything so far is on disk: to be awaited before something is begun that outlives this process. */
  kept(): Promise<void> {
    return this.#options.session.kept();
  }

  /** Throws as {@link reserveTime} would, and reserves nothing. */
  requireTime(plan: Omit<TimePlan, "id">): void {
    this.#planTime({ ...plan, id: this.#newId("asked:") });
  }

  #planTime({ id, seconds, among = 1, isFinishing = false }: TimePlan): {
    readonly granted: number;
    readonly entry: BudgetReserved;
  } {
    const { prices } = this.#options;
    const left = leftWithin(this.#bounds, { isFinishing });
    // Code writes files, nobody knows how much, and they are kept.
    if (left.storage !== null && left.storage <= 0n)
      this.#require({ id, use: { kind: "storage", place: LOCAL, bytes: 1 }, isFinishing });
    const most = secondsWithin(left, prices.ofComputeHour(LOCAL)) / among;
    const isTooLittle = most < Math.min(SHORTEST_SECONDS, seconds);
    // Too little is asked for all the same, so that the refusal says which limit it meets.
    const granted = most >= seconds ? seconds : Math.floor(most);
    const use = onThisMachine(isTooLittle ? seconds * among : granted);
    return { granted, entry: this.#require({ id, use, isFinishing }) };
  }

  /** Reserves room for what is about to be kept; the same call, made again, has it already. Throws a {@link ToolFailure} for want of it. */
  reserveStorage({ place, bytes, isFinishing = false, ...call }: StoragePlan): void {
    const { session } = this.#options;
    const id = nameOfStorage(call.of);
    const { open, settled } = session.state.budget;
    if (open.has(id) || settled.has(id)) return;
    session.add(this.#require({ id, use: { kind: "storage", place, bytes }, isFinishing }));
  }

  /** What was kept, for a month. Once for each name. */
  settleStorage({ of, place, bytes }: Omit<StoragePlan, "isFinishing">): void {
    const id = nameOfStorage(of);
    if (this.#options.session.state.budget.settled.has(id)) return;
    this.#settle(id, { kind: "storage", place, bytes });
  }

  #require({ id, use, isFinishing }: Needed): BudgetReserved {
    const lines = linesOf(use, this.#options.prices);
    const reservation = this.#reserve({ id, lines, isFinishing });
    if (reservation.kind !== "granted") throw this.#refusal(reservation.cause, { isFinishing });
    return reservation.entry;
  }

  /** A name for code that runs within a call. */
  nameOfCode(callId: string): string {
    return this.#newId(`${CODE}${callId}:`);
  }

  /** What code on this machine took. What is not reserved, or not any more, is settled already. */
  settleTime(id: string, seconds: number): void {
    if (this.#options.session.state.budget.open.has(id)) this.#settle(id, onThisMachine(seconds));
  }

  #refusal({ code, message, mend }: Cause, { isFinishing }: { readonly isFinishing: boolean }): ToolFailure {
    const isKeptBack = this.#agent === undefined && !isFinishing && this.#options.limits.keepBackPercent > 0;
    const finish =
      "Begin nothing new. What is kept back pays for finishing: submit the best model on the test set if that is not done, and publish it. ";
    return new ToolFailure(code, message, `${isKeptBack ? finish : ""}${mend}`);
  }

  /** What something came to; says so when a share of a limit is spent by now. */
  #settle(id: string, use: Use): void {
    const { session, limits, prices } = this.#options;
    this.#settleLines(id, linesOf(use, prices));
    const marks = dueMarks(session.state.budget, limits);
    for (const mark of marks) session.add(mark);
    const pace = marks.length === 0 ? null : this.describePace();
    if (pace !== null) session.add({ type: "notice", level: "warn", text: pace });
  }

  /** An expense is of whoever reserved it, and of the step that it was reserved for. */
  #settleLines(id: string, lines: readonly BudgetLine[]): void {
    const { session } = this.#options;
    const { agent, step } = session.state.budget.open.get(id) ?? this.#by;
    const by = { ...(agent !== undefined && { agent }), ...(step !== undefined && { step }) };
    session.add({ type: "budget_settled", id, lines, ...by });
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
    const { usd: left } = leftWithin(this.#bounds, { isFinishing: false });
    const short =
      left !== null && cost.high > left ? ` Only ${showDollars(left > 0n ? left : 0n)} is left for it.` : "";
    return `${step.id}: ${describeForecast(cost)}${short}`;
  }

  /** When the limit of money is hit as things go; null where there is nothing to say. */
  describePace(): string | null {
    const { session, limits } = this.#options;
    const { budget } = session.state;
    const { usd: left } = leftOf(budget, limits, { isFinishing: true });
    return describePace(burnRate(budget.pace, { left, now: Date.now() }));
  }

  /** What is on record and what is about to be. */
  get #book(): BudgetBook {
    const { budget } = this.#options.session.state;
    return [...this.#underway.planned.values()].reduce(
      (book, entry) => applyBudget(book, entry, Number.NaN),
      budget,
    );
  }

  get #bounds(): readonly BudgetBound[] {
    return boundsOf(this.#book, { limits: this.#options.limits, agent: this.#agent });
  }

  #reserve(reserving: Omit<Reserving, "agent" | "step">): Reservation {
    return reserveWithin(this.#bounds, { ...reserving, ...this.#by });
  }

  #shareOfLeft(share: number): Readonly<Record<Resource, bigint | null>> {
    const left = leftWithin(this.#bounds, { isFinishing: false });
    return mapResources((resource) => {
      const most = left[resource];
      return most === null ? null : BigInt(Math.max(0, Math.floor(Number(most) * share)));
    });
  }

  #newId(of: string): string {
    return `${of}${this.#agent === undefined ? "" : `${this.#agent}:`}${this.#options.session.state.seq}`;
  }

  /** Who spends, and for what. */
  get #by(): { readonly agent?: string; readonly step?: StepName } {
    const step = activeStep(this.#options.session.state.plan);
    return {
      ...(this.#agent !== undefined && { agent: this.#agent }),
      ...(step !== undefined && { step }),
    };
  }

  #useOf(usage: Usage, model: string = this.#options.session.state.options.model): Use {
    return { kind: "tokens", model, tokens: tokensOf(usage) };
  }

  #sayUnpriced(names: readonly string[]): void {
    if (names.length === 0 || this.#underway.saidUnpriced) return;
    this.#underway.saidUnpriced = true;
    const text = `The price of ${names.join(" and ")} is not known: what this session costs is not counted. docs/budget.md says how to tell it.`;
    this.#options.session.add({ type: "notice", level: "info", text });
  }
}

function nameOfStorage(of: string): string {
  return `${STORAGE}${of}`;
}

function onThisMachine(seconds: number): Use {
  return { kind: "compute", machine: LOCAL, seconds };
}
