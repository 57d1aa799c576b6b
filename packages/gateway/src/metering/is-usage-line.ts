import { isDollars } from "./money.ts";
import { MOST_TOKENS, TOKEN_KINDS } from "./token-counts.ts";
import type { UsageLine } from "./usage-line.ts";

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const NAMES = ["workspace", "key", "session", "model", "service_tier", "stop_reason", "error"] as const;
const MONEY = [...TOKEN_KINDS.map((kind) => `${kind}_usd`), "total_usd", "uncached_usd"];

/** Whether a value that was read from a file is a line as it was written there. */
export function isUsageLine(value: unknown): value is UsageLine {
  if (typeof value !== "object" || value === null) return false;
  const line = value as Readonly<Record<string, unknown>>;
  return (
    typeof line.time === "string" &&
    TIME.test(line.time) &&
    ["request_id", "engine", "upstream_model"].every((name) => typeof line[name] === "string") &&
    NAMES.every((name) => line[name] === null || typeof line[name] === "string") &&
    typeof line.batch === "boolean" &&
    typeof line.estimated === "boolean" &&
    [...TOKEN_KINDS, "cache_promised"].every((kind) => isCount(line[`${kind}_tokens`])) &&
    (MONEY.every((name) => line[name] === null) || MONEY.every((name) => isAmount(line[name])))
  );
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MOST_TOKENS;
}

function isAmount(value: unknown): boolean {
  return typeof value === "string" && isDollars(value);
}
