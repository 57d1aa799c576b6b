/** What a model costs where the list says it. A part that is missing is not known, and then neither is the price. */
export interface ListedPrice {
  /** USD per million tokens of prompt that no cache had. */
  readonly input?: number;
  /** USD per million tokens of answer. */
  readonly output?: number;
  /** Where it is not the general one. */
  readonly cacheReadMultiplier?: number;
  /** Another price of input, where the whole prompt has more tokens than `above`. */
  readonly longPrompt?: { readonly above: number; readonly input: number };
}

export interface PriceList {
  /** On the price of input, and for batches on the whole. */
  readonly multipliers: Readonly<Record<"cacheWrite5m" | "cacheWrite1h" | "cacheRead" | "batch", number>>;
  readonly models: Readonly<Record<string, ListedPrice>>;
}

/**
 * List prices of Anthropic's models, by their names without a date at the end.
 *
 * Source: Anthropic's pages on prompt caching and on prices, and the release notes of 2026-10-07 (cache reads of
 * Sonnet 5.5). State: 2026-11-22.
 *
 * Whoever changes a price changes that of requests to come: lines of usage that are written keep theirs.
 */
export const PRICE_LIST: PriceList = {
  multipliers: { cacheWrite5m: 1.25, cacheWrite1h: 2, cacheRead: 0.1, batch: 0.5 },
  models: {
    "claude-opus-5-5": { input: 4, output: 20, cacheReadMultiplier: 0.05 },
    "claude-sonnet-5-5": { input: 2, output: 10, cacheReadMultiplier: 0.05 },
    "claude-opus-5": { input: 5, output: 25 },
    "claude-haiku-4-5": { input: 1, output: 5 },
    // Of these only a part is certain: a price that the configuration gives is completed with it.
    "claude-haiku-5-5": { input: 0.1, longPrompt: { above: 100_000, input: 0.5 } },
    "claude-fable-5-1": { cacheReadMultiplier: 0.025 },
    "claude-fable-5-2": { input: 8, cacheReadMultiplier: 0.025 },
    "claude-mythos-5-1": { cacheReadMultiplier: 0.025 },
  },
};
