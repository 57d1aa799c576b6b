import { formatDollars, parseDollars } from "@ml-intern/gateway";
import { type Random, seededRandom } from "@ml-intern/testkit";
import { expect, test } from "vitest";
import { amountOf, NOTHING, plus } from "./amount.ts";
import { applyBudget, type BudgetBook, EMPTY_BOOK, reservedIn, savedIn, unpricedIn } from "./budget-book.ts";
import type { BudgetEntry, BudgetSettled } from "./budget-entry.ts";
import type { BudgetLine, LineKind } from "./budget-line.ts";

const KINDS: readonly LineKind[] = [
  "input",
  "cache_write_5m",
  "cache_write_1h",
  "cache_read",
  "output",
  "compute",
  "storage",
];

function anyLines(random: Random): readonly BudgetLine[] {
  return Array.from({ length: random.below(4) }, () => ({
    kind: random.pick(KINDS),
    of: random.pick(["a", "b", "__proto__"]),
    quantity: random.below(1_000_000),
    usd: random.oneIn(6) ? null : formatDollars(BigInt(random.below(2 ** 31)) * 1_000_003n),
    ...(random.oneIn(3) ? { saved_usd: formatDollars(BigInt(random.below(2_000) - 1_000)) } : {}),
  }));
}

/** The life of some expenses: reserved, then settled, released, or left open by a crash. */
function anyEntries(random: Random): readonly BudgetEntry[] {
  return Array.from({ length: 1 + random.below(8) }, (_, index): readonly BudgetEntry[] => {
    const id = String(index);
    const reserved = { type: "budget_reserved", id, lines: anyLines(random) } as const;
    const settled = { type: "budget_settled", id, lines: anyLines(random) } as const;
    const released = { type: "budget_released", id } as const;
    return random.pick([
      [reserved],
      [reserved, settled],
      [reserved, released],
      [reserved, released, settled],
      [settled],
    ]);
  }).flat();
}

function shuffled<Value>(values: readonly Value[], random: Random): readonly Value[] {
  const rest = [...values];
  return values.map(() => rest.splice(random.below(rest.length), 1)[0] as Value);
}

/** As entries come back from a log: through JSON, at times that say nothing. */
function book(entries: readonly BudgetEntry[], random: Random): BudgetBook {
  return entries.reduce(
    (state, entry) => applyBudget(state, JSON.parse(JSON.stringify(entry)) as BudgetEntry, random.below(1e9)),
    EMPTY_BOOK,
  );
}

function sums(state: BudgetBook): unknown {
  const lines = state.lines.map(
    (line) => `${line.kind} ${line.of} ${line.quantity} ${line.usd} ${line.unpriced}`,
  );
  return {
    spent: state.spent,
    reserved: reservedIn(state),
    saved: savedIn(state),
    open: [...state.open.keys()].sort(),
    lines: lines.sort(),
  };
}

test("for any entries: the sum of the lines is the total, to the picodollar", () => {
  const random = seededRandom(1);
  for (let round = 0; round < 400; round++) {
    const entries = anyEntries(random);
    const state = book(entries, random);
    const settled = entries.filter((entry): entry is BudgetSettled => entry.type === "budget_settled");
    const expected = settled.map(({ lines }) => amountOf(lines)).reduce(plus, NOTHING);
    expect(state.spent).toEqual(expected);
    expect(state.lines.reduce((sum, { usd }) => sum + usd, 0n)).toBe(expected.usd);
    const saved = settled.flatMap(({ lines }) => lines).map((line) => parseDollars(line.saved_usd ?? "0"));
    expect(savedIn(state)).toBe(saved.reduce((sum, each) => sum + each, 0n));
  }
});

test("for any entries, in any order and read any number of times: nothing counts twice", () => {
  const random = seededRandom(2);
  for (let round = 0; round < 400; round++) {
    const entries = anyEntries(random);
    const once = book(entries, random);
    const replayed = entries.flatMap((entry) => Array.from({ length: 1 + random.below(3) }, () => entry));
    expect(sums(book(shuffled(replayed, random), random))).toEqual(sums(once));
  }
});

test("a kill -9 after any entry, and the step done again under its name, comes to the same", () => {
  const random = seededRandom(3);
  for (let round = 0; round < 300; round++) {
    const entries = anyEntries(random);
    const cut = random.below(entries.length + 1);
    const begin = entries.slice(0, cut);
    expect(sums(book([...begin, ...entries.slice(Math.max(0, cut - 2)), ...begin], random))).toEqual(
      sums(book(entries, random)),
    );
  }
});

test("what was begun before a crash stands open until it is settled or released", () => {
  const random = seededRandom(4);
  const lines = [{ kind: "compute", of: "gpu", quantity: 60, usd: "1" }] as const;
  const begun = { type: "budget_reserved", id: "run_1", lines } as const;
  const open = book([begun], random);
  expect(open.open.get("run_1")?.lines).toEqual(lines);
  expect(reservedIn(open)).toEqual({ ...NOTHING, usd: 1_000_000_000_000n, compute: 60n });
  expect(reservedIn(book([begun, { type: "budget_released", id: "run_1" }], random))).toEqual(NOTHING);
  const settled = book([begun, { type: "budget_settled", id: "run_1", lines }], random);
  expect([reservedIn(settled), settled.spent.compute]).toEqual([NOTHING, 60n]);
});

test("what nobody knows the price of is counted and named", () => {
  const lines = [{ kind: "output", of: "x/y", quantity: 7, usd: null }] as const;
  const state = book([{ type: "budget_settled", id: "1", lines }], seededRandom(5));
  expect(unpricedIn(state)).toEqual(["x/y"]);
  expect(state.spent).toEqual({ ...NOTHING, tokens: 7n });
});
