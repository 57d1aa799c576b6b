import { promptTokens, type Rates, TOKEN_KINDS, type TokenCounts } from "@ml-intern/gateway";
import type { Usage } from "@ml-intern/messages";
import { NO_TOKENS, tokensOf } from "./budget-line.ts";
import { dollars } from "./money.ts";
import { type BudgetPrices, createPrices } from "./prices.ts";

/** Picodollars for one token of each kind. */
export type Price = Rates;

/**
 * The price of a model named `engine/name`, for a prompt of usual length; null when it is not known. A model on this machine
 * costs nothing unless `prices` say so. `override` ("input,output" in USD per million tokens) comes before all.
 */
export function priceOf(
  model: string,
  options: {
    readonly local: boolean;
    readonly override?: string | undefined;
    readonly prices?: BudgetPrices | undefined;
  },
): Price | null {
  const { local, override, prices = {} } = options;
  return createPrices(prices, { isLocal: () => local, override }).ofTokens(model, NO_TOKENS);
}

/** USD of one answered request. */
export function costOf(usage: Usage, price: Price): number {
  return dollars(sum(tokensOf(usage), price));
}

/**
 * USD that the prompt cache saved on one answered request, against the same prompt without one. Negative where writing
 * cost more than reading gave back.
 */
export function savedOf(usage: Usage, price: Price): number {
  const tokens = tokensOf(usage);
  const uncached = { ...NO_TOKENS, input: promptTokens(tokens), output: tokens.output };
  return dollars(sum(uncached, price) - sum(tokens, price));
}

function sum(tokens: TokenCounts, price: Price): bigint {
  return TOKEN_KINDS.reduce((total, kind) => total + BigInt(tokens[kind]) * price[kind], 0n);
}
