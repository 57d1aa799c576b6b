import { dollars } from "./format.ts";

/** What a session has used so far; money is null where a price is unknown. */
export interface Spent {
  readonly usd: number | null;
  readonly input_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly output_tokens: number;
  readonly saved_usd: number | null;
}

/** Such as `$0.12, 45,000 tokens, 93 % of the prompts from a cache, which saved $0.31`. */
export function describeSpent(spent: Spent): string {
  const tokens = (spent.input_tokens + spent.output_tokens).toLocaleString("en");
  return [dollars(spent.usd), `${tokens} tokens`, ...describeCache(spent)].join(", ");
}

function describeCache({ input_tokens: input, ...spent }: Spent): readonly string[] {
  const { cache_read_tokens: read, cache_write_tokens: written, saved_usd: saved } = spent;
  if (read + written === 0) return [];
  const share = `${Math.round((100 * read) / input)} % of the prompts from a cache`;
  if (saved === null || saved === 0) return [share];
  return [`${share}, which ${saved > 0 ? "saved" : "cost"} ${dollars(Math.abs(saved))}`];
}
