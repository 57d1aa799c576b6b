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
 * estimate; a count of no tokens, or of more than can be, is no report. What its cache took in, few endpoints say: for the others that is what the
 * plan expects, and so is what the cache gave back where the endpoint does not say.
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
  const details = usage?.prompt_tokens_details;
  const read = within(
    prompt,
    details?.cached_tokens ?? usage?.prompt_cache_hit_tokens ?? usage?.cached_tokens,
  );
  const split = plan ? plan.counted({ total: prompt, read }) : unmarked(prompt, read ?? 0);
  const written = within(prompt - split.cacheReadTokens, details?.cache_write_tokens);
  return written === null ? split : { ...split, ...wrote(written, split) };
}

function unmarked(total: number, read: number): Omit<CacheUsage, "total"> {
  return { inputTokens: total - read, cacheReadTokens: read, cacheCreationTokens: { "5m": 0, "1h": 0 } };
}

/** What was not read, when the endpoint says how much of it its cache took in; by lifetime as the plan has it. */
function wrote(
  written: number,
  { inputTokens, cacheCreationTokens: planned }: Omit<CacheUsage, "total">,
): Pick<CacheUsage, "inputTokens" | "cacheCreationTokens"> {
  const expected = planned["5m"] + planned["1h"];
  const hour = expected === 0 ? 0 : Math.round((written * planned["1h"]) / expected);
  return {
    inputTokens: inputTokens + expected - written,
    cacheCreationTokens: { "5m": written - hour, "1h": hour },
  };
}

/** A count as whole tokens from 0 to `most`; null where there is none. */
function within(most: number, count: number | null | undefined): number | null {
  return count === null || count === undefined ? null : Math.min(most, Math.max(0, Math.round(count)));
}

/** No request has more; an endpoint that says so counts something else, or nothing. */
const MOST_TOKENS = 1_000_000_000;

/** A count as whole tokens; null where there is none, or one that cannot be. */
function reported(count: number | null | undefined): number | null {
  const whole = Math.round(count ?? 0);
  return whole > 0 && whole <= MOST_TOKENS ? whole : null;
}
