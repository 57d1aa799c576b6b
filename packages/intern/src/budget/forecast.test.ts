import { formatDollars } from "@ml-intern/gateway";
import { expect, test } from "vitest";
import { applyBudget, type BudgetBook, EMPTY_BOOK } from "./budget-book.ts";
import { describeForecast, forecast } from "./forecast.ts";

const CENT = 10_000_000_000n;

/** Each step of two expenses, a cent more than the one before. */
function book(steps: number): BudgetBook {
  let state = EMPTY_BOOK;
  for (let number = 1; number <= steps; number++) {
    const step = { id: String(number), kind: "search" };
    for (const part of ["a", "b"]) {
      const line = {
        kind: "output",
        of: "m",
        quantity: 1,
        usd: formatDollars((BigInt(number) * CENT) / 2n),
      } as const;
      state = applyBudget(state, { type: "budget_settled", id: `${number}${part}`, lines: [line], step }, 0);
    }
  }
  return state;
}

test("nine in ten steps of the kind lie below the upper end, and nine in ten above the lower one", () => {
  const range = forecast(book(20), { kind: "search" });
  expect(range).toEqual({ kind: "range", low: 2n * CENT, high: 18n * CENT, steps: 20 });
  expect(describeForecast(range)).toBe(
    "It will cost about $0.02 to $0.18, going by 20 earlier steps of its kind.",
  );
});

test("where there was no such step it says so", () => {
  expect(describeForecast(forecast(EMPTY_BOOK, { kind: "search" }))).toContain("not known");
  expect(forecast(book(3), { kind: "baseline" })).toEqual({ kind: "unknown" });
  expect(forecast(book(1), { kind: "search", current: "1" })).toEqual({ kind: "unknown" });
  expect(describeForecast(forecast(book(1), { kind: "search" }))).toContain(
    "about $0.01, going by 1 earlier step ",
  );
});

test("a step whose price was not known is no example", () => {
  const line = { kind: "output", of: "x", quantity: 1, usd: null } as const;
  const step = { id: "9", kind: "search" };
  const state = applyBudget(book(1), { type: "budget_settled", id: "9", lines: [line], step }, 0);
  expect(forecast(state, { kind: "search" })).toMatchObject({ steps: 1 });
});
