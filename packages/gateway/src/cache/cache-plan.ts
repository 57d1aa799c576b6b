import type { CacheTtl, PromptPlace } from "./prompt/prompt-block.ts";
import type { CacheUsage } from "./split-usage.ts";

/** A marker that counts, at which state is worth keeping. */
export interface CacheBreakpoint {
  readonly place: PromptPlace;
  /** Length of the prompt up to it. */
  readonly tokens: number;
  /** How long the entry there lives; longer than the marker says where it was written for longer. */
  readonly ttl: CacheTtl;
}

/** What the cache does for one request, decided before its first byte. */
export interface CachePlan {
  readonly usage: CacheUsage;
  /** In the order of the prompt. */
  readonly breakpoints: readonly CacheBreakpoint[];
  /** Tokens from the beginning that were found. */
  readonly readTokens: number;
  /** Tokens behind these that an entry promises and the engine holds no more: they are computed, and written, again. */
  readonly lostTokens: number;
  /**
   * The split for a prompt that an upstream has counted itself: the plan's own places, moved in proportion. `read` is
   * what the upstream says it found; null where it says nothing.
   */
  counted(counts: { readonly total: number; readonly read: number | null }): CacheUsage;
  /**
   * The response has begun: from now on others find what this request wrote, and what it read lives on, both counted
   * from the start of this request. Without this call nothing is written.
   */
  begun(): void;
  /** There will be no response: a later `begun` does nothing. */
  abandoned(): void;
}
