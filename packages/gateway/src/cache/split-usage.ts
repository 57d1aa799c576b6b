import type { CacheTtl } from "./prompt/prompt-block.ts";

/** Input tokens of one request by what became of them. Always `total = inputTokens + cacheReadTokens + both creations`. */
export interface CacheUsage {
  /** Neither read nor written: what stands behind the last marker. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheCreationTokens: Readonly<Record<CacheTtl, number>>;
  readonly total: number;
}

export interface SplitUsageOptions {
  readonly total: number;
  /** Length of the longest prompt that was found. */
  readonly read: number;
  /** The markers that count, with the length of the prompt up to each; at most `total`. */
  readonly marked: readonly { readonly tokens: number; readonly ttl: CacheTtl }[];
}

/** What is read ends at the hit, what is written for an hour at the last such marker behind it, the rest at the last marker. */
export function splitUsage({ total, read, marked }: SplitUsageOptions): CacheUsage {
  const lastOf = (markers: SplitUsageOptions["marked"], least: number): number =>
    markers.reduce((last, { tokens }) => Math.max(last, tokens), least);
  const hour = lastOf(
    marked.filter(({ ttl }) => ttl === "1h"),
    read,
  );
  const end = lastOf(marked, hour);
  return {
    inputTokens: total - end,
    cacheReadTokens: read,
    cacheCreationTokens: { "5m": end - hour, "1h": hour - read },
    total,
  };
}
