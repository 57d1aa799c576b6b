import type { MeteredRequest } from "./metered-request.ts";
import { formatDollars } from "./money.ts";
import type { PriceBook } from "./prices/price-book.ts";
import type { Rates } from "./prices/rates.ts";
import { MOST_TOKENS, promptTokens, TOKEN_KINDS, type TokenCounts, type TokenKind } from "./token-counts.ts";

/** Exact decimal dollars, such as `0.0042`; null where the model's price was not known. */
type Dollars = string | null;

/**
 * One request, as it is kept and exported; the order of the keys is that of the columns. Money is what the prices of that
 * time made of the tokens.
 */
export type UsageLine = {
  /** When the request ended; RFC 3339, UTC. */
  readonly time: string;
  readonly request_id: string;
  readonly workspace: string | null;
  readonly key: string | null;
  /** See `sessionOf`. */
  readonly session: string | null;
  /** As the client named it. */
  readonly model: string | null;
  readonly engine: string;
  /** The model's name at the engine. */
  readonly upstream_model: string;
  readonly batch: boolean;
  readonly service_tier: string | null;
  readonly stop_reason: string | null;
  /** The error's type, for a request that failed before or after its answer began. */
  readonly error: string | null;
  /** The answer was cut or could not be read, and the counts are what was known by then. */
  readonly estimated: boolean;
} & { readonly [Kind in TokenKind as `${Kind}_tokens`]: number } & {
  /** About what an upstream's cache should have given back; see `isKept`. 0 where nothing was to be expected. */
  readonly cache_promised_tokens: number;
} & {
  readonly [Kind in TokenKind as `${Kind}_usd`]: Dollars;
} & {
  readonly total_usd: Dollars;
  /** What the same tokens would have cost without a cache: all of the prompt at the price of input. */
  readonly uncached_usd: Dollars;
};

/** The keys of a line, in their order. */
export const USAGE_COLUMNS: readonly (keyof UsageLine)[] = [
  ...(["time", "request_id", "workspace", "key", "session", "model", "engine", "upstream_model"] as const),
  ...(["batch", "service_tier", "stop_reason", "error", "estimated"] as const),
  ...TOKEN_KINDS.map((kind) => `${kind}_tokens` as const),
  "cache_promised_tokens",
  ...TOKEN_KINDS.map((kind) => `${kind}_usd` as const),
  ...(["total_usd", "uncached_usd"] as const),
];

/** A client that left before its answer began. */
const CLIENT_CLOSED_REQUEST = 499;
/** Names come from clients and upstreams: they must not fill the disk. */
const MAX_NAME = 256;

export interface UsageLineOptions {
  readonly time: string;
  readonly prices: PriceBook;
}

/** The line of a request; null for one that no engine was asked to answer. */
export function usageLine(request: MeteredRequest, { time, prices }: UsageLineOptions): UsageLine | null {
  const { engine, upstream_model: model, status, batch } = request;
  if (engine === undefined || model === undefined) return null;
  const tokens = tokensOf(request);
  const rates = prices({ engine, model, batch, tokens });
  // Nothing was counted, and nothing says that nothing was used.
  const unseen = request.output_tokens === undefined && (status < 400 || status === CLIENT_CLOSED_REQUEST);
  return {
    time,
    request_id: request.request_id,
    workspace: request.workspace ?? null,
    key: request.key ?? null,
    session: request.session ?? null,
    model: name(request.model),
    engine,
    upstream_model: model.slice(0, MAX_NAME),
    batch,
    service_tier: batch ? "batch" : name(request.service_tier),
    stop_reason: name(request.stop_reason),
    error: name(request.error_type),
    estimated: unseen || request.estimated === true,
    input_tokens: tokens.input,
    cache_write_5m_tokens: tokens.cache_write_5m,
    cache_write_1h_tokens: tokens.cache_write_1h,
    cache_read_tokens: tokens.cache_read,
    output_tokens: tokens.output,
    cache_promised_tokens: count(request.cache_promised_tokens),
    ...(rates ? costs(tokens, rates) : UNKNOWN_COSTS),
  };
}

type Costs = Pick<UsageLine, Extract<keyof UsageLine, `${string}_usd`>>;

const UNKNOWN_COSTS: Costs = {
  input_usd: null,
  cache_write_5m_usd: null,
  cache_write_1h_usd: null,
  cache_read_usd: null,
  output_usd: null,
  total_usd: null,
  uncached_usd: null,
};

function costs(tokens: TokenCounts, rates: Rates): Costs {
  const cost = (kind: TokenKind): bigint => BigInt(tokens[kind]) * rates[kind];
  const total = TOKEN_KINDS.reduce((sum, kind) => sum + cost(kind), 0n);
  const uncached = BigInt(promptTokens(tokens)) * rates.input + cost("output");
  return {
    input_usd: formatDollars(cost("input")),
    cache_write_5m_usd: formatDollars(cost("cache_write_5m")),
    cache_write_1h_usd: formatDollars(cost("cache_write_1h")),
    cache_read_usd: formatDollars(cost("cache_read")),
    output_usd: formatDollars(cost("output")),
    total_usd: formatDollars(total),
    uncached_usd: formatDollars(uncached),
  };
}

function tokensOf(request: MeteredRequest): TokenCounts {
  const written = count(request.cache_creation_input_tokens);
  const hour = Math.min(count(request.cache_creation_1h_input_tokens), written);
  return {
    input: count(request.input_tokens),
    cache_write_5m: written - hour,
    cache_write_1h: hour,
    cache_read: count(request.cache_read_input_tokens),
    output: count(request.output_tokens),
  };
}

/** An upstream's counts are whatever it writes. */
function count(tokens: number | undefined): number {
  return tokens !== undefined && Number.isInteger(tokens) && tokens > 0 && tokens <= MOST_TOKENS ? tokens : 0;
}

function name(text: string | undefined): string | null {
  return text?.slice(0, MAX_NAME) ?? null;
}
