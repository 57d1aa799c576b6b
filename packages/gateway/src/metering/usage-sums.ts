import { isKept } from "./cache-promise.ts";
import { type Picodollars, parseDollars } from "./money.ts";
import { TOKEN_KINDS, type TokenKind } from "./token-counts.ts";
import type { UsageLine } from "./usage-line.ts";

/** What lines add up to. Money is exact; it is that of the requests whose price was known. */
export interface UsageSums {
  requests: number;
  /** Requests that ended in an error. */
  failed: number;
  /** Requests whose counts are what was known when they were cut. */
  estimated: number;
  /** Requests whose price was not known. */
  unpriced: number;
  /** Requests of which an upstream's cache should have had a part. */
  promised: number;
  /** Of these, the requests where it had. */
  kept: number;
  /** Tokens of the others that should have been read and were paid in full, about. */
  missedTokens: number;
  readonly tokens: Record<TokenKind, number>;
  readonly money: Record<TokenKind, Picodollars>;
  /** What the priced requests would have cost without a cache. */
  uncached: Picodollars;
}

export function emptySums(): UsageSums {
  return {
    requests: 0,
    failed: 0,
    estimated: 0,
    unpriced: 0,
    promised: 0,
    kept: 0,
    missedTokens: 0,
    tokens: { input: 0, cache_write_5m: 0, cache_write_1h: 0, cache_read: 0, output: 0 },
    money: { input: 0n, cache_write_5m: 0n, cache_write_1h: 0n, cache_read: 0n, output: 0n },
    uncached: 0n,
  };
}

export function addLine(sums: UsageSums, line: UsageLine): void {
  sums.requests++;
  if (line.error !== null) sums.failed++;
  if (line.estimated) sums.estimated++;
  for (const kind of TOKEN_KINDS) sums.tokens[kind] += line[`${kind}_tokens`];
  addPromise(sums, line);
  if (line.total_usd === null) {
    sums.unpriced++;
    return;
  }
  for (const kind of TOKEN_KINDS) sums.money[kind] += parseDollars(line[`${kind}_usd`] ?? "0");
  sums.uncached += parseDollars(line.uncached_usd ?? "0");
}

function addPromise(
  sums: UsageSums,
  { cache_promised_tokens: promised, cache_read_tokens: read }: UsageLine,
): void {
  if (promised === 0) return;
  sums.promised++;
  if (isKept({ promised, read })) sums.kept++;
  else sums.missedTokens += promised - read;
}

const COUNTS = ["requests", "failed", "estimated", "unpriced", "promised", "kept", "missedTokens"] as const;

export function addSums(sums: UsageSums, more: UsageSums): void {
  for (const name of COUNTS) sums[name] += more[name];
  for (const kind of TOKEN_KINDS) {
    sums.tokens[kind] += more.tokens[kind];
    sums.money[kind] += more.money[kind];
  }
  sums.uncached += more.uncached;
}

export function totalOf({ money }: UsageSums): Picodollars {
  return TOKEN_KINDS.reduce((sum, kind) => sum + money[kind], 0n);
}

/** What the cache saved; below zero where it cost more than it saved. */
export function savedBy(sums: UsageSums): Picodollars {
  return sums.uncached - totalOf(sums);
}

/** The part of the prompts that came out of a cache; null where there were none. */
export function hitRate({ tokens }: UsageSums): number | null {
  const { input, cache_write_5m, cache_write_1h, cache_read } = tokens;
  const prompts = input + cache_write_5m + cache_write_1h + cache_read;
  return prompts === 0 ? null : cache_read / prompts;
}
