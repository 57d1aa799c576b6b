import type { Context } from "hono";

/** Points to the next page: the same address with some query parameters changed. */
export function setNextPage(c: Context, changes: Readonly<Record<string, string>>): void {
  const next = new URL(c.req.url);
  for (const [key, value] of Object.entries(changes)) next.searchParams.set(key, value);
  c.header("Link", `<${next.href}>; rel="next"`);
}

/** A query flag: JavaScript clients send `true`, Python's `True`, others `1`. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && /^(true|1|yes)$/i.test(value);
}

/** A whole number from the query within bounds; what is no number counts as absent. */
export function numberWithin(
  value: string | undefined,
  bounds: { absent: number; least: number; most: number },
): number {
  if (value === undefined || !/^\d{1,9}$/.test(value)) return bounds.absent;
  return Math.min(Math.max(Number(value), bounds.least), bounds.most);
}
