import type { CachePlan } from "../../cache/cache-plan.ts";
import type { CacheUsage } from "../../cache/split-usage.ts";
import type { ChatUsage } from "./chat-chunk.ts";

export interface CountedTokens extends Omit<CacheUsage, "total"> {
  readonly outputTokens: number;
  readonly thinkingTokens: number | null;
}

export interface EstimatedTokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * An endpoint's counts in the API's terms, where the parts of the prompt do not overlap. What it does not report is the
 * estimate; a count of no tokens is no report. No endpoint says what its cache took in: that is what the plan expects it
 * to, and so is what it gave back where the endpoint does not say.
 */
export function countTokens(
  usage: ChatUsage | null,
  { estimated, plan = null }: { readonly estimated: EstimatedTokens; readonly plan?: CachePlan | null },
): CountedTokens {
  const prompt = reported(usage?.prompt_tokens);
  const outputTokens = reported(usage?.completion_tokens) ?? estimated.outputTokens;
  const thought = usage?.completion_tokens_details?.reasoning_tokens;
  return {
    ...promptTokens(prompt, { usage, estimated, plan }),
    outputTokens,
    thinkingTokens: typeof thought === "number" ? Math.min(reported(thought) ?? 0, outputTokens) : null,
  };
}

function promptTokens(
  prompt: number | null,
  {
    usage,
    estimated,
    plan,
  }: {
    readonly usage: ChatUsage | null;
    readonly estimated: EstimatedTokens;
    readonly plan: CachePlan | null;
  },
): Omit<CacheUsage, "total"> {
  // Of a prompt that is only estimated, nobody can say which part was read.
  if (prompt === null) return plan?.usage ?? unmarked(estimated.inputTokens, 0);
  const read = usage?.prompt_tokens_details?.cached_tokens ?? usage?.prompt_cache_hit_tokens ?? null;
  const found = read === null ? null : Math.min(prompt, Math.max(0, Math.round(read)));
  return plan ? plan.counted({ total: prompt, read: found }) : unmarked(prompt, found ?? 0);
}

function unmarked(total: number, read: number): Omit<CacheUsage, "total"> {
  return { inputTokens: total - read, cacheReadTokens: read, cacheCreationTokens: { "5m": 0, "1h": 0 } };
}

/** A count as whole tokens; null where there is none, or one of nothing or less. */
function reported(count: number | null | undefined): number | null {
  const whole = Math.round(count ?? 0);
  return whole > 0 ? whole : null;
}
