import { randomBytes } from "node:crypto";
import { lstatSync, readdirSync, type Stats } from "node:fs";
import { constants, type FileHandle, open, readdir, rename, rmdir, unlink } from "node:fs/promises";
import { setImmediate as breathe } from "node:timers/promises";
import { entryOf } from "../sandbox/open-beneath.ts";
import { DEEPEST } from "./snapshot.ts";

/**
 * Looking at and clearing a folder that untrusted code filled, through its descriptor: no link is followed, and nothing
 * is opened before it is known to be a file or a folder.
 */

export interface FolderEntry {
  readonly name: string;
  /** The name as the file system has it: any bytes. */
  readonly raw: Buffer;
  readonly isText: boolean;
  /** Null when it is gone. */
  readonly status: Stats | null;
}

const EVERY = 500;

/**
 * The entries of an open folder, by name; null when there are more than `most`. Synchronous where it can be, since that is ten
 * times as fast.
 */
export async function entriesOf(folder: FileHandle, most: number = Infinity): Promise<FolderEntry[] | null> {
  const names = readdirSync(entryOf(folder, "."), { encoding: "buffer" });
  if (names.length > most) return null;
  const entries: FolderEntry[] = [];
  for (const [index, raw] of names.sort(Buffer.compare).entries()) {
    // Others get their turn in between.
    if (index % EVERY === EVERY - 1) await breathe();
    const name = raw.toString("utf8");
    entries.push({ name, raw, isText: Buffer.from(name).equals(raw), status: statusOf(folder, raw) });
  }
  return entries;
}

export function statusOf(folder: FileHandle, name: string | Buffer): Stats | null {
  try {
    return lstatSync(pathOf(folder, name), { throwIfNoEntry: false }) ?? null;
  } catch {
    return null; // the folder itself went away, or may not be entered
  }
}

function pathOf(folder: FileHandle, name: string | Buffer): string | Buffer {
  if (typeof name === "string") return entryOf(folder, name);
  return Buffer.concat([Buffer.from(entryOf(folder, "")), name]);
}

export function openFolder(parent: FileHandle, name: string | Buffer): Promise<FileHandle> {
  return open(pathOf(parent, name), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

/** Never waits, also when a pipe took the file's place. */
export function openFile(folder: FileHandle, name: string): Promise<FileHandle> {
  return open(entryOf(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}

/** A name for what is not finished: no snapshot is taken meanwhile, and a restore that is done again removes it. */
export function draftName(): string {
  return `.${randomBytes(6).toString("hex")}.part`;
}

/** Removes an entry of a folder below `root`, with all that is in it. */
export async function removeEntry(root: FileHandle, parent: FileHandle, name: Buffer): Promise<void> {
  const queue: [FileHandle, Buffer][] = [[parent, name]];
  const remove = async (folder: FileHandle, entry: Buffer, depth: number): Promise<void> => {
    const path = pathOf(folder, entry);
    if (statusOf(folder, entry)?.isDirectory() !== true) return unlink(path);
    if (depth === DEEPEST) {
      // So deep that descriptors could run out: it is moved up, and removed from there.
      const up = Buffer.from(draftName());
      await rename(path, pathOf(root, up));
      queue.push([root, up]);
      return;
    }
    const opened = await openFolder(folder, entry);
    try {
      for (const inner of await readdir(entryOf(opened, "."), { encoding: "buffer" }))
        await remove(opened, inner, depth + 1);
    } finally {
      await opened.close();
    }
    await rmdir(path);
  };
  for (const [folder, entry] of queue) await remove(folder, entry, 0);
}
