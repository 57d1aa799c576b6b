import type { CacheTtl } from "../prompt/prompt-block.ts";

/** That the prompt up to one block was written into the cache. Times are milliseconds since 1970. */
export interface CacheEntry {
  /** Of the prompt up to the block, for one workspace and one model; see `prefixKeys`. */
  readonly key: string;
  /** Whose it is, so that it can be shown and cleared. */
  readonly workspace: string;
  /** As `engine/name`. */
  readonly model: string;
  /** Length of that prompt when it was last written; never more than that is said to be read. */
  readonly tokens: number;
  readonly ttl: CacheTtl;
  /** When the last request that wrote or read it began. */
  readonly startedAt: number;
  /** A request that begins now or later does not find it. */
  readonly expiresAt: number;
}

export const LIFETIME_MS: Readonly<Record<CacheTtl, number>> = { "5m": 5 * 60_000, "1h": 60 * 60_000 };

/** The entry as a request that began at `startedAt` leaves it. */
export function renewed(entry: Omit<CacheEntry, "startedAt" | "expiresAt">, startedAt: number): CacheEntry {
  const { key, workspace, model, tokens, ttl } = entry;
  return { key, workspace, model, tokens, ttl, startedAt, expiresAt: startedAt + LIFETIME_MS[ttl] };
}
