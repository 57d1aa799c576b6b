import { nodeFileSystem, type StateFileSystem } from "./disk/file-system.ts";
import { openDisk } from "./disk/open-disk.ts";
import { createPrefixStore, type PrefixStore } from "./prefix-store.ts";
import type { StateOwner } from "./state-owner.ts";
import { type HeldState, StoreCore } from "./store-core.ts";
import type { DiskStats } from "./tiers/backing-tier.ts";
import { rootKey } from "./tree/chain-key.ts";

export interface StateStoreOptions {
  /** Bytes of state in memory. What goes to disk passes through it. */
  readonly memoryLimit: number;
  /** Where state outlives the process; without it there is memory only. */
  readonly disk?: {
    /** One process at a time can have it; a second one then has memory only. */
    readonly folder: string;
    /** Bytes of all files in it. */
    readonly limit: number;
  };
  /** Tokens in a block; default 256. */
  readonly blockTokens?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Told once when state cannot be kept on disk, with the cause. */
  readonly warn?: (message: string) => void;
  /** For tests: a disk that fails. */
  readonly files?: StateFileSystem;
}

export interface StateStoreStats {
  readonly memory: Pick<DiskStats, "used" | "limit" | "pieces" | "evicted">;
  /** Null when there is memory only. */
  readonly disk: DiskStats | null;
}

/**
 * Keeps key-value state of prompts, which it takes for opaque bytes, in memory and on disk, under limits that are never
 * exceeded. Whatever happens to a file, what is read is what was stored, or nothing.
 */
export interface StateStore extends AsyncDisposable {
  /**
   * The states of a model in a workspace. `fingerprint` must name everything that states depend on besides the tokens:
   * weights, adapters, library and its version, types of the cache, context settings.
   */
  open(fingerprint: string, owner: StateOwner): PrefixStore;
  stats(): StateStoreStats;
  held(): readonly HeldState[];
  /** Forgets the states of the owners whom `isMeant` picks, at once; resolves when their files are removed. */
  clear(isMeant: (owner: StateOwner) => boolean): Promise<void>;
  /** Resolves when what waits for the disk has been written, or cannot be. */
  settled(): Promise<void>;
  /** Writes what waits for the disk and lets another process have the folder. Can be called again without harm. */
  close(): Promise<void>;
}

export async function createStateStore({
  memoryLimit,
  disk: place,
  blockTokens = 256,
  now = Date.now,
  warn = () => {},
  files = nodeFileSystem,
}: StateStoreOptions): Promise<StateStore> {
  const core = new StoreCore({ memoryLimit, blockTokens, now });
  const disk = place
    ? await openDisk({
        ...place,
        files,
        blockTokens,
        now,
        warn,
        onEvict: (piece) => core.settle(piece),
        onDamage: (piece) => core.forget(piece),
      })
    : null;
  if (disk) {
    core.attach(disk.tier, disk.trees);
    await disk.tier.trim();
  }
  const close = async (): Promise<void> => {
    await disk?.tier.close();
    disk?.release();
  };
  return {
    open: (fingerprint, owner) =>
      createPrefixStore(core, { key: rootKey({ fingerprint, owner, blockTokens }), owner }),
    held: () => [...core.held()],
    clear: async (isMeant) => {
      core.clear(isMeant);
      await disk?.tier.settled();
    },
    stats: () => {
      const { used, limit, count: pieces, evicted } = core.memory;
      return { memory: { used, limit, pieces, evicted }, disk: disk?.tier.stats ?? null };
    },
    settled: async () => disk?.tier.settled(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
