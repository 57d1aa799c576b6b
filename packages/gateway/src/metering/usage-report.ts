import type { UsageLine } from "./usage-line.ts";
import { addLine, addSums, emptySums, totalOf, type UsageSums } from "./usage-sums.ts";

/** What requests are added up by: who answered, who asked, or the day of UTC. */
export type UsageGroup = "model" | "key" | "workspace" | "session" | "day";

export interface UsageReportRow {
  /** Null where the lines do not say it, such as the key of a server without keys. */
  readonly name: string | null;
  readonly sums: UsageSums;
}

export interface UsageReport {
  readonly by: UsageGroup;
  /** Days in their order; all else by cost, the largest first. */
  readonly rows: readonly UsageReportRow[];
  readonly total: UsageSums;
  /** Models, as `engine/name`, that were asked while their price was not known. */
  readonly unpricedModels: readonly string[];
}

/** Adds lines up by group. Holds one line and the sums in memory. */
export async function reportUsage(
  lines: AsyncIterable<UsageLine>,
  { by }: { readonly by: UsageGroup },
): Promise<UsageReport> {
  const groups = new Map<string | null, UsageSums>();
  const unpricedModels = new Set<string>();
  for await (const line of lines) {
    const name = groupOf(line, by);
    const sums = groups.get(name) ?? emptySums();
    groups.set(name, sums);
    addLine(sums, line);
    if (line.total_usd === null) unpricedModels.add(modelOf(line));
  }
  const rows = [...groups].map(([name, sums]) => ({ name, sums }));
  const total = emptySums();
  for (const { sums } of rows) addSums(total, sums);
  return {
    by,
    rows: rows.sort(by === "day" ? byName : byCost),
    total,
    unpricedModels: [...unpricedModels].sort(),
  };
}

function groupOf(line: UsageLine, by: UsageGroup): string | null {
  switch (by) {
    case "model":
      return modelOf(line);
    case "day":
      return line.time.slice(0, "2026-11-22".length);
    case "key":
    case "workspace":
    case "session":
      return line[by];
    default:
      return by satisfies never;
  }
}

/** Who answered, whatever the client called it: that is what has a price. */
function modelOf({ engine, upstream_model: model }: UsageLine): string {
  return `${engine}/${model}`;
}

function byName(a: UsageReportRow, b: UsageReportRow): number {
  return (a.name ?? "") < (b.name ?? "") ? -1 : 1;
}

function byCost(a: UsageReportRow, b: UsageReportRow): number {
  const difference = totalOf(b.sums) - totalOf(a.sums);
  if (difference !== 0n) return difference > 0n ? 1 : -1;
  return b.sums.requests - a.sums.requests || byName(a, b);
}
