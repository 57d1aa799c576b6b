import type { Picodollars } from "../money.ts";
import type { TokenKind } from "../token-counts.ts";
import type { TokenPrices } from "./price-setting.ts";

/** Picodollars for one token of each kind. */
export type Rates = Readonly<Record<TokenKind, Picodollars>>;

export interface RateMultipliers {
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly cacheRead: number;
  /** On all kinds. */
  readonly whole: number;
}

const MILLION = 1_000_000;

/**
 * Whole picodollars for a token. A rate that lies between two is rounded, half up; this is the one place where anything
 * is rounded, and everything that is computed from rates is exact.
 */
export function ratesOf(prices: TokenPrices, multipliers: RateMultipliers): Rates {
  const { input, output } = prices;
  const rate = (price: number | undefined, multiplier: number): Picodollars =>
    price === undefined
      ? product(input, multiplier, multipliers.whole)
      : product(price, 1, multipliers.whole);
  return {
    input: product(input, 1, multipliers.whole),
    cache_write_5m: rate(prices.cacheWrite5m, multipliers.cacheWrite5m),
    cache_write_1h: rate(prices.cacheWrite1h, multipliers.cacheWrite1h),
    cache_read: rate(prices.cacheRead, multipliers.cacheRead),
    output: product(output, 1, multipliers.whole),
  };
}

/** A millionth of a dollar for a million tokens is a picodollar for one. */
function product(price: number, multiplier: number, whole: number): Picodollars {
  const scale = BigInt(MILLION) ** 2n;
  return (millionths(price) * millionths(multiplier) * millionths(whole) * 2n + scale) / (scale * 2n);
}

/** Exact: prices and multipliers have six decimals at most. */
function millionths(value: number): bigint {
  return BigInt(Math.round(value * MILLION));
}
