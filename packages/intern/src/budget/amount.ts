import { parseDollars } from "@ml-intern/gateway";
import type { BudgetLine } from "./budget-line.ts";

/** What a budget can limit: picodollars, tokens, seconds of machines, bytes stored. */
export const RESOURCES = ["usd", "tokens", "compute", "storage"] as const;

export type Resource = (typeof RESOURCES)[number];

/** Exact, and of the same unit as the resource. */
export type Amount = Readonly<Record<Resource, bigint>>;

export const NOTHING: Amount = { usd: 0n, tokens: 0n, compute: 0n, storage: 0n };

/** The sum of lines. Money that nobody knows is not in it: see {@link unpricedOf}. */
export function amountOf(lines: readonly BudgetLine[]): Amount {
  return lines.reduce<Amount>((sum, { kind, quantity, usd }) => {
    const resource = kind === "compute" || kind === "storage" ? kind : "tokens";
    const line = { ...NOTHING, usd: usd === null ? 0n : parseDollars(usd), [resource]: BigInt(quantity) };
    return plus(sum, line);
  }, NOTHING);
}

/** One value for each resource. */
export function mapResources<Value>(of: (resource: Resource) => Value): Readonly<Record<Resource, Value>> {
  return {
    usd: of("usd"),
    tokens: of("tokens"),
    compute: of("compute"),
    storage: of("storage"),
  };
}

export function plus(a: Amount, b: Amount): Amount {
  return mapResources((resource) => a[resource] + b[resource]);
}

/** The models, machines and places among the lines that have no price. */
export function unpricedOf(lines: readonly BudgetLine[]): readonly string[] {
  return [...new Set(lines.flatMap(({ of, usd }) => (usd === null ? of : [])))];
}
