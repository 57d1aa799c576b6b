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

/** List prices of hosted models whose price is known here; the longest matching prefix of the name wins. */
const PRICES: Readonly<Record<string, Price>> = {
  "claude-opus-5-5": { input: 4, cacheWrite5m: 5, cacheWrite1h: 8, cacheRead: 0.2, output: 20 },
  "claude-sonnet-5-5": { input: 2, cacheWrite5m: 2.5, cacheWrite1h: 4, cacheRead: 0.1, output: 10 },
  "claude-opus-5": { input: 5, cacheWrite5m: 6.25, cacheWrite1h: 10, cacheRead: 0.5, output: 25 },
  "claude-haiku-4-5": { input: 1, cacheWrite5m: 1.25, cacheWrite1h: 2, cacheRead: 0.1, output: 5 },
};

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
  const name = model.slice(model.indexOf("/") + 1);
  const known = Object.keys(PRICES)
    .filter((prefix) => name.startsWith(prefix))
    .sort((a, b) => b.length - a.length)[0];
  return known === undefined ? null : (PRICES[known] ?? null);
}

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
