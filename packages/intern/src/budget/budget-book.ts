import { type Picodollars, parseDollars } from "@ml-intern/gateway";
import { type AgentBook, carvedFor, lineage, spentBy } from "./agent-book.ts";
import { type Amount, amountOf, NOTHING, plus } from "./amount.ts";
import type { BudgetEntry, BudgetMark, BudgetReserved, BudgetSettled } from "./budget-entry.ts";
import type { BudgetLine, LineKind } from "./budget-line.ts";
import { IdSet } from "./id-set.ts";
import { NO_PACE, type Pace, paceAfter } from "./pace.ts";

/** The sum of all lines of one kind and thing. */
export interface LineTotal {
  readonly kind: LineKind;
  readonly of: string;
  readonly quantity: bigint;
  /** Of the lines that had a price. */
  readonly usd: Picodollars;
  readonly saved: Picodollars;
  /** How many had none. */
  readonly unpriced: number;
}

/** What a step of the plan has cost so far. */
export interface StepTotal {
  readonly id: string;
  readonly kind: string;
  readonly usd: Picodollars;
  readonly isUnpriced: boolean;
}

/**
 * What was reserved and spent, folded from the entries. Each expense counts once, however often its entries are read and in
 * whatever order: what is settled stays so, and what is released is only ever settled.
 */
export interface BudgetBook {
  /** What is reserved, by its name. */
  readonly open: ReadonlyMap<string, OpenReservation>;
  readonly settled: IdSet;
  readonly released: IdSet;
  readonly spent: Amount;
  /** Sub-agents: what each has of the budget and has spent of it, which is part of `spent`. */
  readonly agents: readonly AgentBook[];
  /** What the person lets be used although nobody knows its price. */
  readonly allowed: readonly string[];
  readonly lines: readonly LineTotal[];
  readonly steps: readonly StepTotal[];
  readonly marks: readonly BudgetMark[];
  readonly pace: Pace;
}

export const EMPTY_BOOK: BudgetBook = {
  open: new Map(),
  settled: IdSet.EMPTY,
  released: IdSet.EMPTY,
  spent: NOTHING,
  agents: [],
  allowed: [],
  lines: [],
  steps: [],
  marks: [],
  pace: NO_PACE,
};

export interface OpenReservation extends BudgetReserved {
  /** When it was kept, in milliseconds. */
  readonly since: number;
}

/** What decides whether more may be begun. */
export type Spending = Pick<BudgetBook, "open" | "settled" | "released" | "spent" | "allowed">;

/** What a sub-agent and those that it started have reserved and spent. */
export function spendingOf(book: BudgetBook, agent: string): Spending {
  const isTheirs = (entry: BudgetReserved): boolean => lineage(entry.agent ?? "").includes(agent);
  return {
    ...book,
    open: new Map([...book.open].filter(([, entry]) => isTheirs(entry))),
    spent: book.agents.find((each) => each.agent === agent)?.spent ?? NOTHING,
  };
}

/** `time` is when the entry was kept, in milliseconds; a clock that was set back does no harm. */
export function applyBudget(book: BudgetBook, entry: BudgetEntry, time: number): BudgetBook {
  switch (entry.type) {
    case "budget_reserved": {
      const { id } = entry;
      if (book.open.has(id) || book.settled.has(id) || book.released.has(id)) return book;
      return {
        ...book,
        open: new Map([...book.open, [id, { ...entry, since: time }]]),
        pace: paceAfter(book.pace, 0n, time),
      };
    }
    case "budget_released": {
      const { id } = entry;
      if (book.released.has(id) || book.settled.has(id)) return book;
      return { ...book, open: without(book.open, id), released: book.released.with(id) };
    }
    case "budget_settled":
      return book.settled.has(entry.id) ? book : withExpense(book, entry, time);
    case "budget_carved":
      return { ...book, agents: carvedFor(book.agents, entry) };
    case "budget_unpriced":
      return { ...book, allowed: [...new Set([...book.allowed, ...entry.names])] };
    case "budget_mark":
      return hasMark(book, entry) ? book : { ...book, marks: [...book.marks, entry] };
    default:
      return entry satisfies never;
  }
}

/** The most that what has begun can still come to. */
export function reservedIn(book: Spending): Amount {
  return [...book.open.values()].map(({ lines }) => amountOf(lines)).reduce(plus, NOTHING);
}

/** What the prompt cache saved; below zero where it cost more. */
export function savedIn({ lines }: BudgetBook): Picodollars {
  return lines.reduce((sum, { saved }) => sum + saved, 0n);
}

/** What was used without anybody knowing its price: the money that was spent is then a lower bound. */
export function unpricedIn({ lines }: BudgetBook): readonly string[] {
  return [...new Set(lines.flatMap(({ of, unpriced }) => (unpriced > 0 ? of : [])))];
}

/** Whether a share of a limit has been said. */
export function hasMark(book: BudgetBook, { resource, percent, limit }: BudgetMark): boolean {
  return book.marks.some(
    (mark) => mark.resource === resource && mark.percent === percent && mark.limit === limit,
  );
}

function withExpense(book: BudgetBook, { id, lines, agent, step }: BudgetSettled, time: number): BudgetBook {
  const amount = amountOf(lines);
  return {
    ...book,
    open: without(book.open, id),
    settled: book.settled.with(id),
    spent: plus(book.spent, amount),
    agents: agent === undefined ? book.agents : spentBy(book.agents, { agent, amount }),
    lines: lines.reduce(withLine, book.lines),
    steps: step === undefined ? book.steps : withStep(book.steps, step, lines),
    pace: paceAfter(book.pace, amount.usd, time),
  };
}

function withLine(totals: readonly LineTotal[], line: BudgetLine): readonly LineTotal[] {
  const { kind, of } = line;
  const index = totals.findIndex((total) => total.kind === kind && total.of === of);
  const before = totals[index] ?? { kind, of, quantity: 0n, usd: 0n, saved: 0n, unpriced: 0 };
  const after = {
    kind,
    of,
    quantity: before.quantity + BigInt(line.quantity),
    usd: before.usd + parseDollars(line.usd ?? "0"),
    saved: before.saved + parseDollars(line.saved_usd ?? "0"),
    unpriced: before.unpriced + (line.usd === null ? 1 : 0),
  };
  return index === -1 ? [...totals, after] : totals.with(index, after);
}

function withStep(
  steps: readonly StepTotal[],
  { id, kind }: { readonly id: string; readonly kind: string },
  lines: readonly BudgetLine[],
): readonly StepTotal[] {
  const index = steps.findIndex((step) => step.id === id);
  const before = steps[index] ?? { id, kind, usd: 0n, isUnpriced: false };
  const after = {
    ...before,
    usd: before.usd + amountOf(lines).usd,
    isUnpriced: before.isUnpriced || lines.some(({ usd }) => usd === null),
  };
  return index === -1 ? [...steps, after] : steps.with(index, after);
}

function without<Value>(map: ReadonlyMap<string, Value>, id: string): ReadonlyMap<string, Value> {
  return new Map([...map].filter(([key]) => key !== id));
}
