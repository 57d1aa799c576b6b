import { randomBytes } from "node:crypto";
import { chmod, type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { toDiskFull } from "./disk-full-error.ts";

/**
 * Writes a whole file so that a reader sees the old content or the new, never a part, also after a crash.
 * On failure nothing is left behind; a full disk is `disk/full`.
 */
export async function writeDurably(
  path: string,
  data: string | Uint8Array,
  options: { mode?: number } = {},
): Promise<void> {
  await produceDurably(path, { mode: options.mode ?? 0o644, fill: (handle) => handle.writeFile(data) });
}

/** As `writeDurably`, for content that is written piece by piece into the open file. */
export async function produceDurably(
  path: string,
  { mode, fill }: { mode: number; fill: (handle: FileHandle) => Promise<void> },
): Promise<void> {
  const make = async (draft: string): Promise<void> => {
    const handle = await open(draft, "wx", mode);
    try {
      await fill(handle);
    } finally {
      await handle.close();
    }
  };
  await moveDurably(path, { mode, make });
}

/** As `writeDurably`, for a file that somebody else writes: `make` gets the path of a draft beside it. */
export async function moveDurably(
  path: string,
  { mode, make }: { mode: number; make: (draft: string) => Promise<void> },
): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await make(draft);
    await chmod(draft, mode);
    const handle = await open(draft, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(draft, { force: true });
    throw toDiskFull(error, path);
  }
}

/** Makes the names in a directory durable: a rename is safe only after this. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
