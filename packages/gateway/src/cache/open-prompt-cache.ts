import { DiskFullError } from "@ml-intern/durable";
import { GatewayError } from "../gateway-error.ts";
import { createPromptCache, type PromptCache } from "./create-prompt-cache.ts";
import type { EntryStore } from "./entries/entry-store.ts";
import { FileEntryStore } from "./entries/file-entry-store.ts";
import { MemoryEntryStore } from "./entries/memory-entry-store.ts";
import { minimumTokens } from "./minimum-tokens.ts";

export interface OpenPromptCacheOptions {
  /** The file in which entries outlive the process. */
  readonly path: string;
  /** By model; see `minimumTokens`. */
  readonly minimumTokens?: Readonly<Record<string, number>>;
  readonly now?: () => number;
  /** Told once for each time that something cannot be kept, with the cause. */
  readonly warn: (message: string) => void;
}

/** Disposing of it writes what waits, and lets another process have the file. */
export interface OpenedPromptCache extends AsyncDisposable {
  readonly promptCache: PromptCache;
}

/** A prompt cache that survives a restart; where its file cannot be had, one that does not, with a line that says so. */
export async function openPromptCache({
  path,
  minimumTokens: minimums = {},
  now = Date.now,
  warn,
}: OpenPromptCacheOptions): Promise<OpenedPromptCache> {
  const cannot = (error: unknown): void =>
    warn(`The prompt cache is not kept on disk. ${reasonOf(error, path)}`);
  const file = await FileEntryStore.open({ path, now, onError: cannot }).catch((error: unknown) => {
    cannot(error);
    return null;
  });
  const store: EntryStore = file ?? new MemoryEntryStore();
  return {
    promptCache: createPromptCache({ now, store, minimumTokens: minimumTokens(minimums) }),
    [Symbol.asyncDispose]: async () => file?.close(),
  };
}

function reasonOf(error: unknown, path: string): string {
  if (error instanceof GatewayError) return `${error.message}. ${error.mend}`;
  if (error instanceof DiskFullError) return `${error.message} ${error.mend}`;
  const cause = error instanceof Error ? error.message : String(error);
  return `${path} cannot be used (${cause}). Make it a file that this user can write to, in such a folder.`;
}
