import type { SessionState } from "../session/session-state.ts";
import { RESOURCES } from "./amount.ts";
import { type LineTotal, reservedIn, savedIn, unpricedIn } from "./budget-book.ts";
import { type BudgetLimits, leftOf, overshootOf } from "./budget-limits.ts";
import { showDollars } from "./money.ts";
import { describeOvershoot, showAmount } from "./show-amount.ts";

/** All that a session has used, line by line, and what is left of its limits: for a person to read. */
export function describeBudget(
  { budget }: Pick<SessionState, "budget">,
  limits: BudgetLimits,
): readonly string[] {
  const unpriced = unpricedIn(budget);
  const saved = savedIn(budget);
  const sum = `${showDollars(budget.spent.usd)} in all`;
  const overshoot = describeOvershoot(overshootOf(budget, limits));
  return [
    ...budget.lines.map(describeLine),
    unpriced.length === 0
      ? sum
      : `${showDollars(budget.spent.usd)} at least: the price of ${unpriced.join(" and ")} is not known`,
    ...(saved === 0n ? [] : [`the prompt cache ${savedOr(saved)}`]),
    ...describeLimits(budget, limits),
    ...(overshoot === null ? [] : [overshoot]),
    ...budget.agents.map(
      ({ agent, spent, most }) =>
        `${agent}: ${showDollars(spent.usd)}${most?.usd == null ? "" : ` of ${showDollars(most.usd)}`}, ${showAmount("tokens", spent.tokens)}`,
    ),
  ];
}

const NAMES: Readonly<Record<LineTotal["kind"], string>> = {
  input: "prompt, from no cache",
  cache_write_5m: "prompt, written to the cache for 5 minutes",
  cache_write_1h: "prompt, written to the cache for an hour",
  cache_read: "prompt, read from the cache",
  output: "answers",
  compute: "machine time",
  storage: "storage, for a month",
};

function describeLine({ kind, of, quantity, usd, saved, unpriced }: LineTotal): string {
  const resource = kind === "compute" || kind === "storage" ? kind : "tokens";
  const money = unpriced > 0 ? "price unknown" : showDollars(usd);
  const cache = saved === 0n ? "" : `, which ${savedOr(saved)}`;
  return `${NAMES[kind]} (${of}): ${showAmount(resource, quantity)}, ${money}${cache}`;
}

function savedOr(saved: bigint): string {
  return saved > 0n ? `saved ${showDollars(saved)}` : `cost ${showDollars(-saved)} more`;
}

function describeLimits(budget: SessionState["budget"], limits: BudgetLimits): readonly string[] {
  const left = leftOf(budget, limits, { isFinishing: true });
  const reserved = reservedIn(budget);
  if (RESOURCES.every((resource) => limits.most[resource] === null)) return ["no limit is set"];
  return RESOURCES.flatMap((resource) => {
    const most = limits.most[resource];
    const rest = left[resource];
    if (most === null || rest === null) return [];
    const show = (amount: bigint): string => showAmount(resource, amount < 0n ? 0n : amount);
    const kept = (most * BigInt(limits.keepBackPercent)) / 100n;
    return [
      `limit ${show(most)}: ${show(budget.spent[resource])} spent, ${show(reserved[resource])} reserved, ${show(rest)} left, of which ${show(kept < rest ? kept : rest)} is kept back for publishing`,
    ];
  });
}
