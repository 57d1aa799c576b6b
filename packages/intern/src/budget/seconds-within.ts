import type { Picodollars } from "@ml-intern/gateway";
import type { Resource } from "./amount.ts";

const HOUR = 3600n;

/** The most seconds of a machine that what is left of a budget pays for; `Infinity` without a limit. An unknown price limits nothing here. */
export function secondsWithin(
  left: Readonly<Record<Resource, bigint | null>>,
  perHour: Picodollars | null,
): number {
  const byTime = left.compute === null ? Number.POSITIVE_INFINITY : Number(left.compute);
  if (left.usd === null || perHour === null || perHour === 0n) return byTime;
  return Math.min(byTime, Number((left.usd * HOUR) / perHour));
}
