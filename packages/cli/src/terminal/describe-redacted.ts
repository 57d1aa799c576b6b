import { plural } from "./format.ts";

/** How many secrets were taken out, by kind, the most frequent first. */
export function describeRedacted(counts: ReadonlyMap<string, number>): string {
  const kinds = [...counts].sort(([, a], [, b]) => b - a).map(([kind, count]) => `${kind} ${count}`);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return "No secret was found in it.";
  return `${plural(total, "secret")} redacted: ${kinds.join(", ")}.`;
}
