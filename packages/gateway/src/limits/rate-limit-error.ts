import { GatewayError, type GatewayErrorCode } from "../gateway-error.ts";
import type { Shortage } from "./allowance.ts";

const WORDS: Readonly<
  Record<Shortage["measure"], { readonly unit: string; readonly code: GatewayErrorCode }>
> = {
  requests: { unit: "requests per minute", code: "requests_limit_reached" },
  "input-tokens": { unit: "input tokens per minute", code: "input_tokens_limit_reached" },
  "output-tokens": { unit: "output tokens per minute", code: "output_tokens_limit_reached" },
  "token-counts": { unit: "token counts per minute", code: "token_counts_limit_reached" },
  "concurrent-requests": { unit: "requests at once", code: "concurrent_requests_limit_reached" },
};

/** The refusal of a request that would use more than is left. `headers` say how much that is. */
export function rateLimitError(
  { owner, measure, limit, waitMs }: Shortage,
  headers: Readonly<Record<string, string>>,
): GatewayError {
  const { unit, code } = WORDS[measure];
  const isHopeless = waitMs === Number.POSITIVE_INFINITY;
  const seconds = Math.max(1, Math.ceil((waitMs ?? 0) / 1000));
  const when = waitMs === null ? "when one of them has ended" : `in ${seconds} s`;
  return new GatewayError(
    `This request would exceed the rate limit of ${limit.toLocaleString("en-US")} ${unit} of ${owner}`,
    {
      code,
      status: 429,
      type: "rate_limit_error",
      mend: isHopeless
        ? "It never fits: shorten the prompt, or have the limit raised."
        : `Try again ${when}.`,
      headers: {
        ...headers,
        ...(isHopeless ? { "x-should-retry": "false" } : { "retry-after": String(seconds) }),
      },
    },
  );
}
