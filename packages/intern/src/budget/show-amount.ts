import { type Amount, RESOURCES, type Resource } from "./amount.ts";
import type { BudgetMark } from "./budget-entry.ts";
import { showDollars } from "./money.ts";

/** For a person: `$1.20`, `12,000 tokens`, `1.5 h`, `2.3 GB`. */
export function showAmount(resource: Resource, amount: bigint): string {
  switch (resource) {
    case "usd":
      return showDollars(amount);
    case "tokens":
      return `${amount.toLocaleString("en-US")} tokens`;
    case "compute":
      return amount < 3600n ? `${amount} s` : `${short(Number(amount) / 3600)} h`;
    case "storage":
      return amount < 1_000_000n ? `${amount} B` : `${short(Number(amount) / 1e9)} GB`;
    default:
      return resource satisfies never;
  }
}

export function describeMark({ resource, percent, limit }: BudgetMark): string {
  return `${percent} % of the budget of ${showAmount(resource, BigInt(limit))} is spent.`;
}

/** By how much limits are exceeded; null where none is. */
export function describeOvershoot(overshoot: Amount): string | null {
  const over = RESOURCES.filter((resource) => overshoot[resource] > 0n);
  if (over.length === 0) return null;
  const amounts = over.map((resource) => showAmount(resource, overshoot[resource])).join(" and ");
  return `The budget is exceeded by ${amounts}: what was under way came to more than was reserved for it.`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
