import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createStateStore, type StateStore } from "../engines/llama/state/store/state-store.ts";
import { GatewayError } from "../gateway-error.ts";
import { createPromptCache } from "./create-prompt-cache.ts";
import { FileEntryStore } from "./entries/file-entry-store.ts";
import { allPrompts, isInScope, type PromptHolder } from "./held-prompts.ts";

/** Disposing of it lets a server have the folder. */
export interface KeptPrompts extends AsyncDisposable {
  readonly prompts: PromptHolder;
}

/**
 * What a server that is not running has left in its cache folder: entries, and the states of its embedded engines, each
 * in a folder of its name. Throws `cache_in_use` while a process has any of it.
 */
export async function openKeptPrompts(folder: string): Promise<KeptPrompts> {
  const entries = await FileEntryStore.open({ path: join(folder, "entries.log"), now: Date.now });
  const stores: Record<string, StateStore> = {};
  const close = async (): Promise<void> => {
    for (const store of Object.values(stores)) await store.close();
    await entries.close();
  };
  try {
    const states = join(folder, "states");
    for (const name of await foldersIn(states)) stores[name] = await openStates(join(states, name));
  } catch (error) {
    await close();
    throw error;
  }
  const promptCache = createPromptCache({ now: Date.now, store: entries, minimumTokens: () => 0 });
  const engines = Object.entries(stores).map(
    ([name, store]) => [name, { prompts: promptsIn(store) }] as const,
  );
  return { prompts: allPrompts(promptCache, Object.fromEntries(engines)), [Symbol.asyncDispose]: close };
}

function promptsIn(store: StateStore): PromptHolder {
  return {
    held: async () => store.held().map((states) => ({ ...states, entries: 0, tokens: 0 })),
    clear: (scope) => store.clear((owner) => isInScope(owner, scope)),
  };
}

async function openStates(folder: string): Promise<StateStore> {
  let reason = "";
  const store = await createStateStore({
    memoryLimit: 0,
    // Looking at it must not make it smaller.
    disk: { folder, limit: Number.MAX_SAFE_INTEGER },
    warn: (message) => {
      reason = message;
    },
  });
  if (store.stats().disk) return store;
  await store.close();
  throw new GatewayError(`The states in ${folder} cannot be opened. ${reason}`, {
    code: "cache_in_use",
    status: 503,
    type: "api_error",
    mend: "Wait until nobody uses them, and ask as the user who owns them.",
  });
}

async function foldersIn(path: string): Promise<readonly string[]> {
  try {
    const found = await readdir(path, { withFileTypes: true });
    return found.filter((each) => each.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
