import type { Picodollars, Rates } from "@ml-intern/gateway";

/** The most output tokens, up to `maxTokens`, that an amount pays for besides the prompt; -1 where it does not pay for that. */
export function outputWithin(
  left: Picodollars,
  request: { readonly price: Rates; readonly promptTokens: number; readonly maxTokens: number },
): number {
  const { price, promptTokens, maxTokens } = request;
  const perToken = price.input > price.cache_write_5m ? price.input : price.cache_write_5m;
  const rest = left - BigInt(promptTokens) * perToken;
  if (rest < 0n) return -1;
  if (price.output === 0n) return maxTokens;
  const affordable = rest / price.output;
  return affordable > BigInt(maxTokens) ? maxTokens : Number(affordable);
}
