import { expect, test } from "vitest";
import { describeSpent, type Spent } from "./describe-spent.ts";

const spent: Spent = {
  usd: 0.12,
  input_tokens: 40_000,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  output_tokens: 5_000,
  saved_usd: 0,
};

test.each<[string, Partial<Spent>, string]>([
  ["no cache", {}, "$0.12, 45,000 tokens"],
  [
    "hits",
    { cache_read_tokens: 37_200, saved_usd: 0.31 },
    "$0.12, 45,000 tokens, 93 % of the prompts from a cache, which saved $0.31",
  ],
  [
    "writes that were never read",
    { cache_write_tokens: 40_000, saved_usd: -0.05 },
    "$0.12, 45,000 tokens, 0 % of the prompts from a cache, which cost $0.05",
  ],
  [
    "a price that nobody knows",
    { usd: null, saved_usd: null, cache_read_tokens: 20_000 },
    "cost unknown, 45,000 tokens, 50 % of the prompts from a cache",
  ],
])("%s", (_, changes, words) => {
  expect(describeSpent({ ...spent, ...changes })).toBe(words);
});
