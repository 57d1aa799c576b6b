import {
  formatDollars,
  hitRate,
  savedBy,
  TOKEN_KINDS,
  type TokenKind,
  totalOf,
  type UsageReport,
  type UsageSums,
} from "@ml-intern/gateway";
import type { TimeRange } from "./time-range.ts";

/** Sums as they leave the process. Dollars are exact decimals, and null where the price of no request was known. */
export interface SumsDocument {
  readonly requests: number;
  readonly failed: number;
  readonly estimated: number;
  readonly unpriced: number;
  readonly tokens: Readonly<Record<TokenKind, number>>;
  readonly usd:
    | (Readonly<Record<TokenKind, string>> & { readonly total: string; readonly uncached: string })
    | null;
  readonly saved_usd: string | null;
  readonly hit_rate: number | null;
  /** Requests that an upstream's cache should have given something to, and those where it did. */
  readonly promised: number;
  readonly kept: number;
  readonly missed_tokens: number;
}

export interface ReportDocument extends TimeRange {
  readonly by: UsageReport["by"];
  readonly rows: readonly (SumsDocument & { readonly name: string | null })[];
  readonly total: SumsDocument;
  readonly unpriced_models: readonly string[];
}

export function reportDocument(report: UsageReport, { since, until }: TimeRange): ReportDocument {
  return {
    since,
    until,
    by: report.by,
    rows: report.rows.map(({ name, sums }) => ({ name, ...sumsDocument(sums) })),
    total: sumsDocument(report.total),
    unpriced_models: report.unpricedModels,
  };
}

export function sumsDocument(sums: UsageSums): SumsDocument {
  const { requests, failed, estimated, unpriced, tokens, money, promised, kept, missedTokens } = sums;
  const priced = requests > unpriced;
  const each = Object.fromEntries(TOKEN_KINDS.map((kind) => [kind, formatDollars(money[kind])]));
  return {
    ...{ requests, failed, estimated, unpriced, tokens },
    usd: priced
      ? {
          ...(each as Record<TokenKind, string>),
          total: formatDollars(totalOf(sums)),
          uncached: formatDollars(sums.uncached),
        }
      : null,
    saved_usd: priced ? formatDollars(savedBy(sums)) : null,
    hit_rate: hitRate(sums),
    ...{ promised, kept, missed_tokens: missedTokens },
  };
}
