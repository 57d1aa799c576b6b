/** The kinds of tokens that have prices of their own. The first four are disjoint: their sum is the whole prompt. */
export const TOKEN_KINDS = ["input", "cache_write_5m", "cache_write_1h", "cache_read", "output"] as const;

export type TokenKind = (typeof TOKEN_KINDS)[number];

/** Whole numbers of tokens, each from 0 to {@link MOST_TOKENS}. */
export type TokenCounts = Readonly<Record<TokenKind, number>>;

/** No request has more: a larger count is an upstream's nonsense. */
export const MOST_TOKENS = 1_000_000_000;

export function promptTokens({ input, cache_write_5m, cache_write_1h, cache_read }: TokenCounts): number {
  return input + cache_write_5m + cache_write_1h + cache_read;
}
