import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../refusal.ts";
import { syncFolder } from "./durable-file.ts";
import { createKeyedLock, type KeyedLock } from "./keyed-lock.ts";
import { createLfsStore, type LfsStore } from "./lfs-store.ts";
import type { RepoName } from "./names.ts";
import { createObjectCache, createObjectStore, type ObjectCache, type ObjectStore } from "./object-store.ts";
import { type RepoState, repoStateSchema } from "./repo-state.ts";
import { readNewest, writeVersion } from "./versioned-document.ts";

/** One repository's folder, opened. Its state is read anew by each request, since another process may change it. */
export interface Repository extends RepoName {
  readonly folder: string;
  readonly objects: ObjectStore;
  readonly lfs: LfsStore;
  /** null when there is no such repository (any more). */
  state(): Promise<RepoState | null>;
  /**
   * Computes the next state from the newest and writes it, again from the start if another writer was first: no update
   * is ever lost. `change` may run several times; what it throws ends the update and changes nothing.
   */
  update<T>(change: (state: RepoState) => Promise<{ state: RepoState; result: T }>): Promise<T>;
}

/** What repositories of one hub share. */
export interface Shared {
  readonly cache: ObjectCache;
  readonly lock: KeyedLock;
}

export function createShared(): Shared {
  return { cache: createObjectCache(), lock: createKeyedLock() };
}

const folders = ["objects", "lfs", "uploads", "state", "discussions"] as const;

/** Makes the folders of a repository that does not exist yet. */
export async function layOut(folder: string): Promise<void> {
  for (const name of folders) await mkdir(join(folder, name), { recursive: true });
  await syncFolder(folder);
}

/** Opens a folder as a repository without looking whether anything is in it. */
export function openFolder(folder: string, name: RepoName, { cache, lock }: Shared): Repository {
  const uploads = join(folder, "uploads");
  const stateFolder = join(folder, "state");

  async function newest(): Promise<{ version: number; state: RepoState } | null> {
    const document = await readNewest(stateFolder);
    return document && { version: document.version, state: repoStateSchema.parse(document.value) };
  }

  return {
    ...name,
    folder,
    objects: createObjectStore({ folder: join(folder, "objects"), temporary: uploads, cache }),
    lfs: createLfsStore({ folder: join(folder, "lfs"), uploads }),
    state: async () => (await newest())?.state ?? null,
    update: (change) =>
      lock(folder, async () => {
        for (;;) {
          const current = await newest();
          if (!current) throw new Refusal("repo_not_found", "Repository not found");
          const { state, result } = await change(current.state);
          if (state === current.state) return result;
          const next = { version: current.version + 1, value: state, temporary: uploads };
          if (await writeVersion(stateFolder, next)) return result;
        }
      }),
  };
}

/** Writes the first state of a repository that was just laid out. */
export async function writeFirstState(folder: string, state: RepoState): Promise<void> {
  await writeVersion(join(folder, "state"), { version: 1, value: state, temporary: join(folder, "uploads") });
}
