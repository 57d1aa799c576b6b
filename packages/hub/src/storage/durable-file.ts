import { randomUUID } from "node:crypto";
import { link, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Whether a file system call failed with this errno name. */
export function failedWith(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && "code" in error && names.includes(String(error.code));
}

/** Makes the names inside a folder durable: a rename or link has only happened for sure after this. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes one folder level, durably; a missing parent is an error, so that a deleted repository never comes back as a
 * shell.
 */
export async function ensureFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (failedWith(error, "EEXIST")) return;
    throw error;
  }
  await syncFolder(dirname(folder));
}

async function writeTemporary(folder: string, content: Uint8Array): Promise<string> {
  const temporary = join(folder, `${randomUUID()}.tmp`);
  try {
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return temporary;
}

export interface DurableWrite {
  readonly target: string;
  readonly content: Uint8Array;
  /** A folder on the same file system, for the file while it is half written. */
  readonly temporary: string;
}

/** Writes a file so that a reader, or a crash at any moment, sees the whole new content or none of it. */
export async function writeDurably({ target, content, temporary }: DurableWrite): Promise<void> {
  const written = await writeTemporary(temporary, content);
  await moveDurably(written, target);
}

/** Gives a finished, synced file its name, and makes the name durable. */
export async function moveDurably(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    await rm(from, { force: true });
    throw error;
  }
  await syncFolder(dirname(to));
}

/**
 * Like `writeDurably`, but only if nobody has taken the name: answers false when the target exists.
 * Of several processes that try at once exactly one gets true, and no lock is left behind by a crash.
 */
export async function writeExclusively({ target, content, temporary }: DurableWrite): Promise<boolean> {
  const written = await writeTemporary(temporary, content);
  try {
    await link(written, target);
  } catch (error) {
    if (failedWith(error, "EEXIST")) return false;
    throw error;
  } finally {
    await rm(written, { force: true });
  }
  await syncFolder(dirname(target));
  return true;
}
