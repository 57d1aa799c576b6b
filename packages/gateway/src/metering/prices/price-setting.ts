/** Prices of tokens, in USD per million with at most six decimals. */
export interface TokenPrices {
  readonly input: number;
  readonly output: number;
  /** The next three: by default the list's multiple of `input`. */
  readonly cacheWrite5m?: number | undefined;
  readonly cacheWrite1h?: number | undefined;
  readonly cacheRead?: number | undefined;
}

/** What the configuration says a model costs. */
export interface PriceSetting extends TokenPrices {
  /** What a batch's requests cost, as part of the price; by default the list's. */
  readonly batch?: number | undefined;
  /** Other prices for requests whose whole prompt, cached or not, has more tokens than `above`. */
  readonly longPrompt?: (TokenPrices & { readonly above: number }) | undefined;
}

/** By the model's `engine/name`, or its name at any engine; a `*` at the end stands for any rest. */
export type PriceSettings = Readonly<Record<string, PriceSetting>>;
