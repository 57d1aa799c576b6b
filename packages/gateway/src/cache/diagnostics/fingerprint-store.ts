import { SteadyClock } from "../steady-clock.ts";
import type { Fingerprint } from "./fingerprint.ts";

/** As long as a cache entry lives that nobody reads. */
const RETENTION_MS = 60 * 60 * 1000;
const MAX_BYTES = 32 * 1024 * 1024;
/** About what an entry takes beside its blocks. */
const ENTRY_BYTES = 512;

/** Fingerprints by the id of the response to their request. No workspace sees another's. */
export interface FingerprintStore {
  /** Null when there is none, or none any more. */
  get(owner: FingerprintOwner): Fingerprint | null;
  /** Keeps it from now on, in place of an earlier one of the same response. */
  put(owner: FingerprintOwner, fingerprint: Fingerprint): void;
}

export interface FingerprintOwner {
  readonly workspace: string;
  readonly messageId: string;
}

export interface FingerprintStoreOptions {
  /** The machine's clock, in milliseconds; it may jump. */
  readonly now: () => number;
  /** Default one hour. */
  readonly retentionMs?: number;
  /** Default 32 MiB; the oldest go first. */
  readonly maxBytes?: number;
}

interface Entry {
  readonly fingerprint: Fingerprint;
  readonly keptAt: number;
}

/** A store in memory: after a restart there is nothing to compare with. */
export function createFingerprintStore({
  now,
  retentionMs = RETENTION_MS,
  maxBytes = MAX_BYTES,
}: FingerprintStoreOptions): FingerprintStore {
  const clock = new SteadyClock(now);
  /** In the order in which they were kept. */
  const entries = new Map<string, Entry>();
  let bytes = 0;

  function remove(key: string): void {
    const entry = entries.get(key);
    if (!entry) return;
    entries.delete(key);
    bytes -= bytesOf(entry);
  }

  function trim(): void {
    const time = clock.now();
    for (const [key, { keptAt }] of entries) {
      if (bytes <= maxBytes && time - keptAt < retentionMs) return;
      remove(key);
    }
  }

  return {
    get(owner) {
      trim();
      return entries.get(keyOf(owner))?.fingerprint ?? null;
    },
    put(owner, fingerprint) {
      const key = keyOf(owner);
      remove(key);
      const entry = { fingerprint, keptAt: clock.now() };
      entries.set(key, entry);
      bytes += bytesOf(entry);
      trim();
    },
  };
}

/** Unmistakable, whatever a client sends as an id. */
function keyOf({ workspace, messageId }: FingerprintOwner): string {
  return JSON.stringify([workspace, messageId]);
}

function bytesOf({ fingerprint: { sections } }: Entry): number {
  return ENTRY_BYTES + sections.tools.length + sections.system.length + sections.messages.length;
}
