import { formatDollars } from "@ml-intern/gateway";
import { type Random, seededRandom } from "@ml-intern/testkit";
import { expect, test } from "vitest";
import { amountOf } from "./amount.ts";
import { applyBudget, type BudgetBook, EMPTY_BOOK, reservedIn } from "./budget-book.ts";
import type { BudgetEntry } from "./budget-entry.ts";
import { dueMarks, leftOf, limitsOf, overshootOf, reserve } from "./budget-limits.ts";
import type { BudgetLine } from "./budget-line.ts";
import { describeMark, describeOvershoot } from "./show-amount.ts";

function usd(amount: string | null): readonly BudgetLine[] {
  return [{ kind: "output", of: "e/m", quantity: 1, usd: amount }];
}

function book(...entries: readonly BudgetEntry[]): BudgetBook {
  return entries.reduce((state, entry) => applyBudget(state, entry, 0), EMPTY_BOOK);
}

function settled(amount: string, id = amount): BudgetEntry {
  return { type: "budget_settled", id, lines: usd(amount) };
}

const limits = limitsOf({ usd: 10, keepBackPercent: 0 });

test("what is spent, reserved and asked for has to be within the limit", () => {
  const state = book(settled("4"), { type: "budget_reserved", id: "running", lines: usd("3") });
  expect(leftOf(state, limits, { isFinishing: false }).usd).toBe(3_000_000_000_000n);
  expect(reserve(state, limits, { id: "next", lines: usd("3") })).toEqual({
    kind: "granted",
    entry: { type: "budget_reserved", id: "next", lines: usd("3") },
    unpriced: [],
  });
  expect(reserve(state, limits, { id: "next", lines: usd("3.01") })).toMatchObject({
    kind: "over_limit",
    resource: "usd",
    cause: {
      code: "budget/spent",
      message:
        "The next step could take $3.01, which is more than is left of $10.00: $4.00 spent, $3.00 reserved.",
      mend: expect.stringContaining("--budget-usd"),
    },
  });
});

test("each limit holds by itself, and what is not limited is not", () => {
  const lines = [
    { kind: "compute", of: "gpu", quantity: 5_400, usd: "0" },
    { kind: "storage", of: "hf", quantity: 2_000_000_000, usd: "0" },
    { kind: "input", of: "e/m", quantity: 1_000, usd: "0" },
  ] as const;
  for (const [settings, resource] of [
    [{ computeHours: 1.49 }, "compute"],
    [{ storageGigabytes: 1.9 }, "storage"],
    [{ tokens: 999 }, "tokens"],
    [{ usd: 1, tokens: 1_000, computeHours: 1.5, storageGigabytes: 2 }, null],
    [{}, null],
  ] as const) {
    const found = reserve(EMPTY_BOOK, limitsOf({ ...settings, keepBackPercent: 0 }), { id: "1", lines });
    expect(found.kind === "over_limit" ? found.resource : null).toBe(resource);
  }
});

test("a step that was reserved before a crash is not reserved twice", () => {
  const entry = { type: "budget_reserved", id: "1", lines: usd("8") } as const;
  expect(reserve(book(entry), limits, entry).kind).toBe("granted");
  expect(reserve(book(entry), limits, { ...entry, id: "2" }).kind).toBe("over_limit");
});

test("a name that the book would not count again is refused", () => {
  const entry = { type: "budget_reserved", id: "1", lines: usd("3") } as const;
  const settle = { type: "budget_settled", id: "1", lines: usd("1") } as const;
  for (const state of [book(settle), book(entry, { type: "budget_released", id: "1" })]) {
    expect(() => reserve(state, limits, entry)).toThrow("another name");
  }
  expect(() => reserve(book(entry), limits, { id: "1", lines: usd("4") })).toThrow("another name");
});

test("an unknown price is asked about where money is limited, and only said where it is not", () => {
  expect(reserve(EMPTY_BOOK, limits, { id: "1", lines: usd(null) })).toMatchObject({
    kind: "unknown_price",
    cause: { code: "budget/unknown_price", message: expect.stringContaining("e/m") },
    entry: { id: "1" },
  });
  expect(reserve(EMPTY_BOOK, limitsOf({ tokens: 5 }), { id: "1", lines: usd(null) })).toMatchObject({
    kind: "granted",
    unpriced: ["e/m"],
  });
});

test("a part is kept back for evaluating and publishing what there is", () => {
  const tenth = limitsOf({ usd: 10 });
  const state = book(settled("8.9"));
  const step = { id: "next", lines: usd("0.2") };
  expect(reserve(state, tenth, step)).toMatchObject({
    kind: "over_limit",
    cause: { message: expect.stringContaining("10 % kept back for publishing") },
  });
  expect(reserve(state, tenth, { ...step, isFinishing: true }).kind).toBe("granted");
});

test("by how much a limit is exceeded is said", () => {
  expect(describeOvershoot(overshootOf(book(settled("10.02")), limits))).toBe(
    "The budget is exceeded by $0.02: what was under way came to more than was reserved for it.",
  );
  expect(describeOvershoot(overshootOf(book(settled("10")), limits))).toBeNull();
});

test("what costs nothing goes on when the money is spent", () => {
  expect(reserve(book(settled("11")), limits, { id: "local", lines: usd("0") }).kind).toBe("granted");
});

test("each share of a limit is said once, also after a restart, and again when the limit is raised", () => {
  const state = book(settled("8.5"));
  const due = dueMarks(state, limits);
  expect(due.map(describeMark)).toEqual([
    "50 % of the budget of $10.00 is spent.",
    "80 % of the budget of $10.00 is spent.",
  ]);
  const said = JSON.parse(JSON.stringify(due)) as BudgetEntry[];
  const after = [...said, ...said].reduce((each, entry) => applyBudget(each, entry, 0), state);
  expect(after.marks).toHaveLength(2);
  expect(dueMarks(after, limits)).toEqual([]);
  expect(dueMarks(applyBudget(after, settled("1.5"), 0), limits)).toMatchObject([{ percent: 100 }]);
  expect(dueMarks(after, limitsOf({ usd: 17 }))).toMatchObject([{ percent: 50, limit: "17000000000000" }]);
  expect(dueMarks(after, limitsOf({ tokens: 1 }))).toMatchObject([
    { resource: "tokens", percent: 50 },
    { resource: "tokens", percent: 80 },
    { resource: "tokens", percent: 100 },
  ]);
});

test("for any steps, several at a time, replayed: the limit is exceeded by no more than what was in flight overshot", () => {
  const random = seededRandom(21);
  let exceeded = 0;
  for (let round = 0; round < 300; round++) {
    const { state, overshot, width } = session(random);
    const beyond = overshootOf(state, limits).usd;
    const last = overshot.slice(-width).reduce((sum, each) => sum + each, 0n);
    if (beyond > 0n) exceeded++;
    expect(describeOvershoot(overshootOf(state, limits)) === null).toBe(beyond === 0n);
    expect(beyond <= last, `${beyond} ${last}`).toBe(true);
    expect(reservedIn(state).usd).toBe(0n);
  }
  expect(exceeded).toBeGreaterThan(20);
});

/** Works until twenty steps were refused. Some steps come to more than was reserved for them. */
function session(random: Random): {
  readonly state: BudgetBook;
  readonly overshot: readonly bigint[];
  readonly width: number;
} {
  const width = 1 + random.below(3);
  const overshot: bigint[] = [];
  let state = EMPTY_BOOK;
  for (let step = 0, refused = 0; refused < 20 || state.open.size > 0; step++) {
    const [running] = state.open;
    if (running !== undefined && (refused >= 20 || state.open.size === width || random.oneIn(2))) {
      const [id, entry] = running;
      const reserved = amountOf(entry.lines).usd;
      const actual = (reserved * BigInt(50 + random.below(80))) / 100n;
      overshot.push(actual > reserved ? actual - reserved : 0n);
      state = twice(state, { type: "budget_settled", id, lines: usd(formatDollars(actual)) });
    } else if (refused < 20) {
      const amount = formatDollars(BigInt(1 + random.below(2_000)) * 1_000_000_000n);
      const reservation = reserve(state, limits, { id: String(step), lines: usd(amount) });
      if (reservation.kind === "granted") state = twice(state, reservation.entry);
      else refused++;
    }
  }
  return { state, overshot, width };
}

function twice(state: BudgetBook, entry: BudgetEntry): BudgetBook {
  return applyBudget(applyBudget(state, entry, 0), entry, 0);
}
