import type { CacheTtl } from "../prompt/prompt-block.ts";
import type { CacheEntry } from "./cache-entry.ts";
import type { EntryStore } from "./entry-store.ts";

export const DEFAULT_MAX_ENTRIES = 100_000;

/**
 * Entries in memory, about 300 bytes each. When there are too many, those go that would end first. Kept by lifetime,
 * each list in the order of its last use, which is the order in which its entries end.
 */
export class MemoryEntryStore implements EntryStore {
  readonly #maxEntries: number;
  readonly #lists: Readonly<Record<CacheTtl, Map<string, CacheEntry>>> = { "5m": new Map(), "1h": new Map() };

  constructor({ maxEntries = DEFAULT_MAX_ENTRIES }: { readonly maxEntries?: number } = {}) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#lists["5m"].size + this.#lists["1h"].size;
  }

  async find(keys: readonly string[]): Promise<readonly (CacheEntry | null)[]> {
    return keys.map((key) => this.#get(key));
  }

  put(entries: readonly CacheEntry[]): void {
    for (const entry of entries) {
      const kept = this.#get(entry.key);
      const longer = kept !== null && kept.expiresAt > entry.expiresAt ? kept : entry;
      this.drop([entry.key]);
      this.#lists[longer.ttl].set(longer.key, longer);
    }
    while (this.size > this.#maxEntries) this.#dropFirst();
  }

  async delete(keys: readonly string[]): Promise<void> {
    this.drop(keys);
  }

  drop(keys: readonly string[]): void {
    for (const key of keys) {
      this.#lists["5m"].delete(key);
      this.#lists["1h"].delete(key);
    }
  }

  expire(before: number): void {
    for (const list of Object.values(this.#lists)) {
      for (const entry of list.values()) {
        // A request may have begun before others and ended after them; what stands behind its entry waits for it.
        if (entry.expiresAt > before) break;
        list.delete(entry.key);
      }
    }
  }

  async *scan(): AsyncGenerator<CacheEntry, void, undefined> {
    yield* this.entries();
  }

  *entries(): Generator<CacheEntry, void, undefined> {
    yield* this.#lists["5m"].values();
    yield* this.#lists["1h"].values();
  }

  #get(key: string): CacheEntry | null {
    return this.#lists["5m"].get(key) ?? this.#lists["1h"].get(key) ?? null;
  }

  #dropFirst(): void {
    const first = [...Object.values(this.#lists)].flatMap((list) => list.values().next().value ?? []);
    const next = first.reduce((one, other) => (other.expiresAt < one.expiresAt ? other : one));
    this.drop([next.key]);
  }
}
