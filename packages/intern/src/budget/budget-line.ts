import { formatDollars, TOKEN_KINDS, type TokenCounts, type TokenKind } from "@ml-intern/gateway";
import type { Usage } from "@ml-intern/messages";
import { share } from "./money.ts";
import type { Prices } from "./prices.ts";

/** Tokens of each kind, seconds of a machine, bytes kept for a month. */
export type LineKind = TokenKind | "compute" | "storage";

/** One kind of expense, as it is kept: with the money of its time. */
export interface BudgetLine {
  readonly kind: LineKind;
  /** The model, the machine's kind or the place. */
  readonly of: string;
  /** A whole number of tokens, seconds or bytes. */
  readonly quantity: number;
  /** Exact decimal dollars, such as `0.0042`; null where nobody knows the price. */
  readonly usd: string | null;
  /** What the prompt cache saved with these tokens: negative for writing. */
  readonly saved_usd?: string;
}

/** Something that costs. */
export type Use =
  | { readonly kind: "tokens"; readonly model: string; readonly tokens: TokenCounts }
  | { readonly kind: "compute"; readonly machine: string; readonly seconds: number }
  /** What is stored is charged for a month; whoever keeps it longer settles the next month anew. */
  | { readonly kind: "storage"; readonly place: string; readonly bytes: number };

const HOUR = 3600n;
const GIGABYTE = 1_000_000_000n;

/** What a use comes to, at today's prices. Parts of a second and of a byte count as whole ones. */
export function linesOf(use: Use, prices: Prices): readonly BudgetLine[] {
  switch (use.kind) {
    case "tokens":
      return tokenLines(use, prices);
    case "compute": {
      const seconds = Math.ceil(use.seconds);
      const perHour = prices.ofComputeHour(use.machine);
      const usd = perHour === null ? null : formatDollars(share(perHour, BigInt(seconds), HOUR));
      return [{ kind: "compute", of: use.machine, quantity: seconds, usd }];
    }
    case "storage": {
      const bytes = Math.ceil(use.bytes);
      const perGigabyte = prices.ofGigabyteMonth(use.place);
      const usd = perGigabyte === null ? null : formatDollars(share(perGigabyte, BigInt(bytes), GIGABYTE));
      return [{ kind: "storage", of: use.place, quantity: bytes, usd }];
    }
    default:
      return use satisfies never;
  }
}

/**
 * The most that a request can come to: no cache has its prompt, all of it is written to one where that is dearer, and the answer
 * is as long as allowed.
 */
export function requestAtMost(
  request: { readonly model: string; readonly promptTokens: number; readonly maxTokens: number },
  prices: Prices,
): readonly BudgetLine[] {
  const { model, promptTokens, maxTokens } = request;
  const rates = prices.ofTokens(model, { ...NO_TOKENS, input: promptTokens, output: maxTokens });
  const prompt = rates !== null && rates.input > rates.cache_write_5m ? "input" : "cache_write_5m";
  const tokens = { ...NO_TOKENS, [prompt]: promptTokens, output: maxTokens };
  return linesOf({ kind: "tokens", model, tokens }, prices);
}

export function tokensOf(usage: Usage): TokenCounts {
  const { cache_creation: written } = usage;
  return {
    input: usage.input_tokens,
    cache_write_5m: written.ephemeral_5m_input_tokens,
    cache_write_1h: written.ephemeral_1h_input_tokens,
    cache_read: usage.cache_read_input_tokens,
    output: usage.output_tokens,
  };
}

export const NO_TOKENS: TokenCounts = {
  input: 0,
  cache_write_5m: 0,
  cache_write_1h: 0,
  cache_read: 0,
  output: 0,
};

function tokenLines(
  { model, tokens }: Extract<Use, { kind: "tokens" }>,
  prices: Prices,
): readonly BudgetLine[] {
  const rates = prices.ofTokens(model, tokens);
  return TOKEN_KINDS.filter((kind) => tokens[kind] > 0).map((kind): BudgetLine => {
    const quantity = tokens[kind];
    const line = { kind, of: model, quantity };
    if (rates === null) return { ...line, usd: null };
    const usd = BigInt(quantity) * rates[kind];
    if (!kind.startsWith("cache_")) return { ...line, usd: formatDollars(usd) };
    const saved = BigInt(quantity) * rates.input - usd;
    return { ...line, usd: formatDollars(usd), saved_usd: formatDollars(saved) };
  });
}
