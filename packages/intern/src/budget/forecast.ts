import type { Picodollars } from "@ml-intern/gateway";
import type { BudgetBook } from "./budget-book.ts";
import { showDollars } from "./money.ts";

/** What a step of a kind is likely to cost: nine in ten earlier ones cost at most `high`, nine in ten at least `low`. */
export type Forecast =
  | { readonly kind: "range"; readonly low: Picodollars; readonly high: Picodollars; readonly steps: number }
  /** There is no earlier step of the kind whose price was known. */
  | { readonly kind: "unknown" };

/** `current` is a step that still runs: it is no example of itself. */
export function forecast(
  book: Pick<BudgetBook, "steps">,
  step: { readonly kind: string; readonly current?: string },
): Forecast {
  const costs = book.steps
    .filter(({ id, kind, isUnpriced }) => kind === step.kind && id !== step.current && !isUnpriced)
    .map(({ usd }) => usd)
    .sort((a, b) => Number(a - b));
  const low = percentile(costs, 10);
  const high = percentile(costs, 90);
  if (low === undefined || high === undefined) return { kind: "unknown" };
  return { kind: "range", low, high, steps: costs.length };
}

export function describeForecast(forecast: Forecast): string {
  if (forecast.kind === "unknown") return "What it will cost is not known: there was no such step before.";
  const { low, high, steps } = forecast;
  const range = low === high ? showDollars(low) : `${showDollars(low)} to ${showDollars(high)}`;
  return `It will cost about ${range}, going by ${steps} earlier ${steps === 1 ? "step" : "steps"} of its kind.`;
}

/** The nearest rank. */
function percentile<Value>(sorted: readonly Value[], percent: number): Value | undefined {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
}
