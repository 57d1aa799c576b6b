import type { Remainder } from "./allowance.ts";

/** The API's headers for what is left; where several parties' limits hold, those of the one that has least left. */
export function rateLimitHeaders(remainders: readonly Remainder[]): Readonly<Record<string, string>> {
  const tightest = new Map<string, Remainder>();
  for (const remainder of remainders) {
    const known = tightest.get(remainder.measure);
    if (!known || remainder.remaining < known.remaining) tightest.set(remainder.measure, remainder);
  }
  const [input, output] = [tightest.get("input-tokens"), tightest.get("output-tokens")];
  return {
    ...headersOf("requests", tightest.get("requests") ?? tightest.get("token-counts"), 1),
    ...headersOf("input-tokens", input, 1000),
    ...headersOf("output-tokens", output, 1000),
    ...headersOf("tokens", input && output ? together(input, output) : (input ?? output), 1000),
  };
}

function together(input: Remainder, output: Remainder): Remainder {
  return {
    measure: input.measure,
    limit: input.limit + output.limit,
    remaining: input.remaining + output.remaining,
    fullAt: Math.max(input.fullAt, output.fullAt),
  };
}

function headersOf(
  name: string,
  remainder: Remainder | undefined,
  rounding: number,
): Readonly<Record<string, string>> {
  if (!remainder) return {};
  const { limit, remaining, fullAt } = remainder;
  const prefix = `anthropic-ratelimit-${name}`;
  return {
    [`${prefix}-limit`]: String(limit),
    [`${prefix}-remaining`]: String(Math.round(remaining / rounding) * rounding),
    // Whole seconds, upwards: who waits until then must not come early.
    [`${prefix}-reset`]: new Date(Math.ceil(fullAt / 1000) * 1000).toISOString().replace(".000Z", "Z"),
  };
}
