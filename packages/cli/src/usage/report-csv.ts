import { TOKEN_KINDS, type UsageReport } from "@ml-intern/gateway";
import { csvLine } from "./csv.ts";
import { sumsDocument } from "./report-document.ts";

const MONEY = [...TOKEN_KINDS, "total", "uncached"] as const;

/** A line for each group, without one for the total: whoever adds up would count everything twice. */
export function reportCsv({ by, rows }: UsageReport): string {
  const head = csvLine([
    ...[by, "requests", "failed", "estimated", "unpriced"],
    ...TOKEN_KINDS.map((kind) => `${kind}_tokens`),
    ...MONEY.map((name) => `${name}_usd`),
    ...["saved_usd", "hit_rate", "promised", "kept", "missed_tokens"],
  ]);
  const lines = rows.map(({ name, sums }) => {
    const { requests, failed, estimated, unpriced, tokens, usd, saved_usd, hit_rate, ...promises } =
      sumsDocument(sums);
    return csvLine([
      ...[name, requests, failed, estimated, unpriced],
      ...TOKEN_KINDS.map((kind) => tokens[kind]),
      ...MONEY.map((money) => usd?.[money] ?? null),
      ...[saved_usd, hit_rate, promises.promised, promises.kept, promises.missed_tokens],
    ]);
  });
  return head + lines.join("");
}
