import { createPriceBook } from "@ml-intern/gateway";
import type { Usage } from "@ml-intern/messages";

/** USD per million tokens. */
export interface Price {
  readonly input: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly cacheRead: number;
  readonly output: number;
}

const FREE: Price = { input: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0, output: 0 };

/** The list that the gateway keeps as well. */
const listed = createPriceBook();
const PICODOLLARS_PER_TOKEN = 1e6;

/**
 * The price of a model named `engine/name`; null when it is not known. A model on this machine costs nothing per
 * token. `ML_INTERN_PRICE` ("input,output" in USD per million tokens) overrides all.
 */
export function priceOf(
  model: string,
  options: { readonly local: boolean; readonly override?: string | undefined },
): Price | null {
  const own = parsePrice(options.override);
  if (own !== null) return own;
  if (options.local) return FREE;
  const [engine = "", ...name] = model.split("/");
  const rates = listed({ engine, model: name.join("/"), batch: false, tokens: NO_TOKENS });
  if (!rates) return null;
  const dollars = (rate: bigint): number => Number(rate) / PICODOLLARS_PER_TOKEN;
  return {
    input: dollars(rates.input),
    cacheWrite5m: dollars(rates.cache_write_5m),
    cacheWrite1h: dollars(rates.cache_write_1h),
    cacheRead: dollars(rates.cache_read),
    output: dollars(rates.output),
  };
}

/** Asked for no prompt in particular: prices of long ones are not known before they are sent. */
const NO_TOKENS = { input: 0, cache_write_5m: 0, cache_write_1h: 0, cache_read: 0, output: 0 };

function parsePrice(text: string | undefined): Price | null {
  const [input, output] = (text ?? "").split(",").map(Number);
  if (input === undefined || output === undefined || !(input >= 0) || !(output >= 0)) return null;
  return { input, cacheWrite5m: input, cacheWrite1h: input, cacheRead: input, output };
}

/** USD of one answered request. */
export function costOf(usage: Usage, price: Price): number {
  const { cache_creation: written } = usage;
  return (
    (usage.input_tokens * price.input +
      written.ephemeral_5m_input_tokens * price.cacheWrite5m +
      written.ephemeral_1h_input_tokens * price.cacheWrite1h +
      usage.cache_read_input_tokens * price.cacheRead +
      usage.output_tokens * price.output) /
    1e6
  );
}

/**
 * USD that the prompt cache saved on one answered request, against the same prompt without one. Negative where writing
 * cost more than reading gave back.
 */
export function savedOf(usage: Usage, price: Price): number {
  const prompt = usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens;
  const uncached: Usage = {
    ...usage,
    input_tokens: prompt,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  };
  return costOf(uncached, price) - costOf(usage, price);
}

/** The most that a request can cost: no cache hit, and the whole output allowance used. */
export function worstCaseOf(
  request: { readonly inputTokens: number; readonly maxTokens: number },
  price: Price,
): number {
  return (request.inputTokens * price.cacheWrite5m + request.maxTokens * price.output) / 1e6;
}
