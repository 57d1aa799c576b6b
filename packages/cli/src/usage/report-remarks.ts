import { savedBy, totalOf, type UsageReport, type UsageSums } from "@ml-intern/gateway";
import { plural } from "../terminal/format.ts";
import { aboutDollars, printable } from "./for-people.ts";

/** So many groups and models are named; the rest is counted. */
const NAMED = 5;
const WIDEST_NAME = 80;

/** What a person should know of the sums, a sentence each. */
export function reportRemarks({ rows, total, unpricedModels }: UsageReport): readonly string[] {
  const remarks: string[] = [];
  if (total.requests > total.unpriced) remarks.push(cachingRemark(total, ""));
  const losing = rows.filter(({ sums }) => savedBy(sums) < 0n);
  // Where there is one group only, the total has said it.
  for (const { name, sums } of rows.length > 1 ? losing.slice(0, NAMED) : [])
    remarks.push(cachingRemark(sums, ` for ${name === null ? "(none)" : printable(name, WIDEST_NAME)}`));
  if (rows.length > 1 && losing.length > NAMED)
    remarks.push(`It cost more than it saved for ${losing.length - NAMED} others, too.`);
  if (total.promised > 0) remarks.push(promiseRemark(total, rows));
  if (total.unpriced > 0) {
    remarks.push(
      `The price of ${plural(total.unpriced, "request")} is unknown, and not in these sums: ${named(unpricedModels)}. Add it to \`prices\` in gateway.yaml; it holds for requests to come.`,
    );
  }
  if (total.estimated > 0)
    remarks.push(
      `${plural(total.estimated, "request")} did not come to an end; what was known by then is counted.`,
    );
  if (total.failed > 0) remarks.push(`${plural(total.failed, "request")} failed.`);
  return remarks;
}

function cachingRemark(sums: UsageSums, where: string): string {
  const { cache_read: read, cache_write_5m, cache_write_1h } = sums.tokens;
  const written = cache_write_5m + cache_write_1h;
  if (read + written === 0) return `Nothing was cached${where}.`;
  const saved = savedBy(sums);
  if (saved < 0n) {
    const reason =
      read === 0 ? "what was written into the cache was never read" : "what was written was read too rarely";
    return `Caching cost you ${aboutDollars(-saved)}${where}: ${reason}.`;
  }
  if (saved === 0n) return `Caching saved nothing${where}.`;
  const part = Math.round((Number(saved) / Number(saved + totalOf(sums))) * 100);
  return `Caching saved you ${aboutDollars(saved)}${where}, ${part} % of what it would have cost.`;
}

/** What upstreams with a cache of their own should have given back, and did. */
function promiseRemark({ promised, kept, missedTokens }: UsageSums, rows: UsageReport["rows"]): string {
  const hits = `${plural(promised, "request")} should have found ${promised === 1 ? "its" : "their"} prompt in an upstream's cache`;
  if (kept === promised) return `${hits}, and did.`;
  const missing = rows.filter(({ sums }) => sums.kept < sums.promised).map(({ name }) => name ?? "(none)");
  const where = rows.length > 1 ? `: ${named(missing)}` : "";
  return `${hits}, and ${kept} did. About ${missedTokens.toLocaleString("en")} tokens were paid in full instead of being read${where}.`;
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).map((name) => printable(name, WIDEST_NAME));
  return names.length > NAMED ? `${shown.join(", ")} and ${names.length - NAMED} more` : shown.join(", ");
}
