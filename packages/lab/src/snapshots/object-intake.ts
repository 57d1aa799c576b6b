import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { toDiskFull } from "../files/disk-full.ts";
import type { StoredFile } from "./snapshot.ts";
import {
  DRAFT,
  hashFile,
  hasObject,
  objectPath,
  storePaths,
  syncObjects,
  writeAll,
} from "./snapshot-store.ts";
import { someAtOnce } from "./some-at-once.ts";
import { syncFileSystem } from "./sync-file-system.ts";

/** From here on one sync of the file system is sooner done than one of each file: that makes the disk flush each time. */
const MANY = 64;

/**
 * New contents on their way into a store. They are written first, and synced together. Disposed of without `commit`, it
 * leaves nothing behind.
 */
export class ObjectIntake implements AsyncDisposable {
  readonly #store: string;
  /** By hash. */
  readonly #drafts = new Map<string, string>();
  #touched = false;

  constructor(store: string) {
    this.#store = store;
  }

  /**
   * Takes up to `room` bytes of an open file. A file that is being written is taken as far as it was read: the hash is
   * always that of the object, which is in the store after {@link commit}.
   */
  async add(
    file: FileHandle,
    room: number,
  ): Promise<{ readonly stored: StoredFile; readonly isNew: boolean }> {
    this.#touched = true;
    const known = await hashFile(file, room);
    if (this.#drafts.has(known.sha256) || (await hasObject(this.#store, known)))
      return { stored: known, isNew: false };
    const draft = join(storePaths(this.#store).objects, `${randomBytes(8).toString("hex")}${DRAFT}`);
    try {
      const stored = await copyInto(draft, file, room);
      // Another file with the same content may have come first, or this one may have changed into it.
      const isNew = !this.#drafts.has(stored.sha256);
      if (isNew) this.#drafts.set(stored.sha256, draft);
      else await rm(draft);
      return { stored, isNew };
    } catch (error) {
      await rm(draft, { force: true });
      throw toDiskFull(error, this.#store);
    }
  }

  /** Gives the objects their names, each after its content is on disk. They are durable when it resolves. */
  async commit(): Promise<void> {
    // What was there already may have been named by a process that was killed before its last sync.
    if (!this.#touched) return;
    try {
      const areSynced = this.#drafts.size >= MANY && (await syncFileSystem(storePaths(this.#store).objects));
      await someAtOnce(
        [...this.#drafts].map(([sha256, draft]) => async () => {
          if (!areSynced) await syncFile(draft);
          await rename(draft, objectPath(this.#store, sha256));
          this.#drafts.delete(sha256);
        }),
      );
      await syncObjects(this.#store);
    } catch (error) {
      throw toDiskFull(error, this.#store);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const draft of this.#drafts.values()) await rm(draft, { force: true });
  }
}

async function syncFile(path: string): Promise<void> {
  await using file = await open(path);
  await file.datasync();
}

async function copyInto(path: string, file: FileHandle, room: number): Promise<StoredFile> {
  await using written = await open(path, "wx", 0o400);
  return await hashFile(file, room, (piece) => writeAll(written, piece));
}
