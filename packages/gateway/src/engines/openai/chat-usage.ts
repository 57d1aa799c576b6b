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
  const prompt = usage?.prompt_tokens || estimated.inputTokens;
  const cached = usage?.prompt_tokens_details?.cached_tokens ?? usage?.prompt_cache_hit_tokens ?? 0;
  const read = usage?.prompt_tokens ? Math.min(Math.max(cached, 0), prompt) : 0;
  return {
    inputTokens: prompt - read,
    cacheReadTokens: read,
    outputTokens: usage?.completion_tokens || estimated.outputTokens,
    thinkingTokens: usage?.completion_tokens_details?.reasoning_tokens ?? null,
  };
}
