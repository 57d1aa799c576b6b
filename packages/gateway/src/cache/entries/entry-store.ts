import type { CacheEntry } from "./cache-entry.ts";

/**
 * Where entries are kept. It may lose any of them at any time, which costs a write later; it never invents one. What is
 * past its lifetime may still come back from it: the cache looks at the times.
 */
export interface EntryStore {
  /** The entries of these keys, in their order; null where there is none. One call for all keys of a request. */
  find(keys: readonly string[]): Promise<readonly (CacheEntry | null)[]>;
  /**
   * Keeps entries; every `find` that begins afterwards sees them. Of two with the same key the one that lives longer
   * stays. Does not throw: what cannot be made durable is kept as well as it can be.
   */
  put(entries: readonly CacheEntry[]): void;
  /** Every `find` that begins afterwards misses them; resolves when that would outlive the process, or cannot. */
  delete(keys: readonly string[]): Promise<void>;
  /** Lets go of what was past its lifetime before then. */
  expire(before: number): void;
  /** All of them, also what is past its lifetime. */
  scan(): AsyncIterable<CacheEntry>;
}
