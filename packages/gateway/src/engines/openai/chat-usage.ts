import type { ChatUsage } from "./chat-chunk.ts";

export interface CountedTokens {
  /** Of the prompt, those that no cache gave back. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
  readonly thinkingTokens: number | null;
}

export interface EstimatedTokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * An endpoint's counts in the API's terms, where the parts of the prompt do not overlap. What it does not report is the
 * estimate; a count of no tokens is no report.
 */
export function countTokens(usage: ChatUsage | null, estimated: EstimatedTokens): CountedTokens {
  const prompt = reported(usage?.prompt_tokens);
  const cached =
    reported(usage?.prompt_tokens_details?.cached_tokens) ?? reported(usage?.prompt_cache_hit_tokens);
  // Of a prompt that is only estimated, nobody can say which part was read.
  const read = prompt === null ? 0 : Math.min(cached ?? 0, prompt);
  const outputTokens = reported(usage?.completion_tokens) ?? estimated.outputTokens;
  const thought = usage?.completion_tokens_details?.reasoning_tokens;
  return {
    inputTokens: (prompt ?? estimated.inputTokens) - read,
    cacheReadTokens: read,
    outputTokens,
    thinkingTokens: typeof thought === "number" ? Math.min(reported(thought) ?? 0, outputTokens) : null,
  };
}

/** A count as whole tokens; null where there is none, or one of nothing or less. */
function reported(count: number | null | undefined): number | null {
  const whole = Math.round(count ?? 0);
  return whole > 0 ? whole : null;
}
