import type { Cause } from "../session/session-event.ts";
import { type Amount, amountOf, mapResources, RESOURCES, type Resource, unpricedOf } from "./amount.ts";
import { type BudgetBook, hasMark, reservedIn, type Spending } from "./budget-book.ts";
import type { BudgetMark, BudgetReserved, StepName } from "./budget-entry.ts";
import type { BudgetLine } from "./budget-line.ts";
import { picodollars } from "./money.ts";
import type { BudgetPrices } from "./prices.ts";
import { showAmount } from "./show-amount.ts";

/** The section `budget` of intern.yaml. What is not limited has no limit. */
export interface BudgetSettings {
  readonly usd?: number;
  readonly tokens?: number;
  readonly computeHours?: number;
  readonly storageGigabytes?: number;
  /** The part of each limit, in whole percent, that only finishing may use, so that what is verified can still be published. */
  readonly keepBackPercent?: number;
  readonly prices?: BudgetPrices;
}

/** Null is no limit. */
export interface BudgetLimits {
  readonly most: Readonly<Record<Resource, bigint | null>>;
  readonly keepBackPercent: number;
  /** Whose part of the budget this is; absent for all of it. */
  readonly agent?: string;
}

const KEEP_BACK_PERCENT = 10;

export function limitsOf(settings: BudgetSettings): BudgetLimits {
  const { usd, tokens, computeHours, storageGigabytes, keepBackPercent = KEEP_BACK_PERCENT } = settings;
  return {
    most: {
      usd: usd === undefined ? null : picodollars(usd),
      tokens: whole(tokens),
      compute: whole(computeHours, 3600),
      storage: whole(storageGigabytes, 1e9),
    },
    keepBackPercent,
  };
}

export type Reservation =
  /** The entry has to be kept before anything is begun. `unpriced` names what has no price: worth a word, not a question. */
  | { readonly kind: "granted"; readonly entry: BudgetReserved; readonly unpriced: readonly string[] }
  /** A limit of money cannot be kept: ask the person, or do without where nobody can be asked. */
  | { readonly kind: "unknown_price"; readonly cause: Cause; readonly entry: BudgetReserved }
  | { readonly kind: "over_limit"; readonly resource: Resource; readonly cause: Cause };

export interface Reserving {
  readonly id: string;
  /** The sub-agent that asks; absent for the session's own agent. */
  readonly agent?: string | undefined;
  readonly step?: StepName | undefined;
  /** The most that it can come to. */
  readonly lines: readonly BudgetLine[];
  /** Whether it serves to evaluate and publish what there is: that may use what is kept back. */
  readonly isFinishing?: boolean;
}

/**
 * Whether something may be begun: what is spent, what is reserved and the most that it can come to have to be within the limits.
 * Asking again for what stands reserved is granted. Throws when the name belongs to an expense that has ended, or that was
 * reserved with less: the book would not count it.
 */
export function reserve(
  book: Spending,
  limits: BudgetLimits,
  { id, agent, step, lines, isFinishing = false }: Reserving,
): Reservation {
  const entry: BudgetReserved = {
    ...{ type: "budget_reserved", id, lines },
    ...(agent !== undefined && { agent }),
    ...(step !== undefined && { step }),
  };
  const amount = amountOf(lines);
  const unpriced = unpricedOf(lines);
  const standing = book.open.get(id);
  if (standing !== undefined && isWithin(amount, amountOf(standing.lines)))
    return { kind: "granted", entry, unpriced };
  if (standing !== undefined || book.settled.has(id) || book.released.has(id)) {
    throw new Error(`The budget knows an expense ${id} already; another attempt needs another name.`);
  }
  const left = leftOf(book, limits, { isFinishing });
  const resource = RESOURCES.find((each) => isOver(amount[each], left[each]));
  if (resource !== undefined) {
    return {
      kind: "over_limit",
      resource,
      cause: overLimit({ book, limits, resource, amount, isFinishing }),
    };
  }
  const unknown = unpriced.filter((name) => !book.allowed.includes(name));
  if (unknown.length === 0 || limits.most.usd === null) return { kind: "granted", entry, unpriced };
  return { kind: "unknown_price", cause: unknownPrice(unknown), entry };
}

/** What may still be reserved; null without a limit, and below zero where more was spent than reserved. */
export function leftOf(
  book: Spending,
  { most, keepBackPercent }: BudgetLimits,
  { isFinishing }: { readonly isFinishing: boolean },
): Readonly<Record<Resource, bigint | null>> {
  const reserved = reservedIn(book);
  const left = (resource: Resource): bigint | null => {
    const limit = most[resource];
    if (limit === null) return null;
    const kept = isFinishing ? 0n : (limit * BigInt(keepBackPercent)) / 100n;
    return limit - kept - book.spent[resource] - reserved[resource];
  };
  return mapResources(left);
}

/** How far what was spent lies beyond a limit: a step came to more than was reserved for it. Zero within the limits. */
export function overshootOf(book: BudgetBook, { most }: BudgetLimits): Amount {
  const over = (resource: Resource): bigint => {
    const limit = most[resource];
    return limit === null || book.spent[resource] <= limit ? 0n : book.spent[resource] - limit;
  };
  return mapResources(over);
}

const PERCENTS = [50, 80, 100] as const;

/** The shares of the limits that were passed and not yet said; once they are kept they are said. */
export function dueMarks(book: BudgetBook, { most }: BudgetLimits): readonly BudgetMark[] {
  return RESOURCES.flatMap((resource) => {
    const limit = most[resource];
    if (limit === null) return [];
    return PERCENTS.filter((percent) => book.spent[resource] * 100n >= limit * BigInt(percent))
      .map((percent): BudgetMark => ({ type: "budget_mark", resource, percent, limit: String(limit) }))
      .filter((mark) => !hasMark(book, mark));
  });
}

function isWithin(amount: Amount, reserved: Amount): boolean {
  return RESOURCES.every((resource) => amount[resource] <= reserved[resource]);
}

function isOver(amount: bigint, left: bigint | null): boolean {
  return left !== null && amount > 0n && amount > left;
}

function whole(value: number | undefined, unit = 1): bigint | null {
  return value === undefined ? null : BigInt(Math.round(value * unit));
}

function overLimit(options: {
  readonly book: Spending;
  readonly limits: BudgetLimits;
  readonly resource: Resource;
  readonly amount: Amount;
  readonly isFinishing: boolean;
}): Cause {
  const { book, limits, resource, amount, isFinishing } = options;
  const show = (value: bigint | null): string => showAmount(resource, value ?? 0n);
  const reserved = reservedIn(book)[resource];
  const parts = [
    `${show(book.spent[resource])} spent`,
    ...(reserved > 0n ? [`${show(reserved)} reserved`] : []),
    ...(isFinishing || limits.keepBackPercent === 0
      ? []
      : [`${limits.keepBackPercent} % kept back for publishing`]),
  ];
  if (limits.agent !== undefined) {
    return {
      code: "budget/spent",
      message: `The next step could take ${show(amount[resource])}, which is more than is left of the ${show(limits.most[resource])} for ${limits.agent}: ${parts.join(", ")}.`,
      mend: "Hand back what there is. Whoever asked for it can have more done in another call.",
    };
  }
  return {
    code: "budget/spent",
    message: `The next step could take ${show(amount[resource])}, which is more than is left of ${show(limits.most[resource])}: ${parts.join(", ")}.`,
    mend: `Raise \`${SETTINGS[resource]}\` in the section budget of intern.yaml${resource === "usd" ? ", or --budget-usd," : ""} and go on with \`ml-intern resume\`; everything up to here is kept.`,
  };
}

const SETTINGS: Readonly<Record<Resource, string>> = {
  usd: "usd",
  tokens: "tokens",
  compute: "computeHours",
  storage: "storageGigabytes",
};

export function unknownPrice(names: readonly string[]): Cause {
  return {
    code: "budget/unknown_price",
    message: `The price of ${names.join(" and ")} is not known, so a budget in USD cannot be kept.`,
    mend: "Say it under `prices` in the section budget of intern.yaml, or leave the limit in USD out.",
  };
}
