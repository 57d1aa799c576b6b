import { type BudgetBook, savedIn, unpricedIn } from "./budget-book.ts";
import type { LineKind } from "./budget-line.ts";
import { dollars } from "./money.ts";

/** What a session has used so far, as a face shows it. */
export interface Spent {
  /** A lower bound where something had no price. */
  readonly usd: number;
  readonly unpriced: boolean;
  /** All of the prompts, from a cache or not. */
  readonly input_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly output_tokens: number;
  /** What the prompt cache saved so far; negative where it cost more. */
  readonly saved_usd: number;
}

export function spentOf(book: BudgetBook): Spent {
  const tokens = (...kinds: readonly LineKind[]): number =>
    book.lines.reduce((sum, { kind, quantity }) => (kinds.includes(kind) ? sum + Number(quantity) : sum), 0);
  const cache_read_tokens = tokens("cache_read");
  const cache_write_tokens = tokens("cache_write_5m", "cache_write_1h");
  return {
    usd: dollars(book.spent.usd),
    unpriced: unpricedIn(book).length > 0,
    input_tokens: tokens("input") + cache_read_tokens + cache_write_tokens,
    cache_read_tokens,
    cache_write_tokens,
    output_tokens: tokens("output"),
    saved_usd: dollars(savedIn(book)),
  };
}
