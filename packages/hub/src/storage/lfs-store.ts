import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../refusal.ts";
import { ensureFolder, failedWith, moveDurably } from "./durable-file.ts";
import type { LfsPointer } from "./lfs-pointer.ts";

const abandonedAfterMs = 24 * 3600 * 1000;

/** Large files by the sha256 of their content. Bytes go from the socket to the disk and are never held in memory. */
export interface LfsStore {
  /** Whether the whole file is here. A file of another size counts as absent, so that uploading again mends it. */
  has(pointer: LfsPointer): Promise<boolean>;
  /** Size of the stored file, or null. */
  size(sha256: string): Promise<number | null>;
  pathOf(sha256: string): string;
  /** Stores a whole file; refuses what does not have the promised size and hash. */
  put(pointer: LfsPointer, body: AsyncIterable<Uint8Array>): Promise<void>;
  /** Stores one part of an upload at its place; answers the part's sha256. */
  putPart(part: LfsPart, body: AsyncIterable<Uint8Array>): Promise<string>;
  /** Turns an upload whose parts have all arrived into the file; refuses what is incomplete or has another hash. */
  complete(upload: string, pointer: LfsPointer): Promise<void>;
  /** Removes what uploads left behind that were never finished. */
  sweep(now: Date): Promise<void>;
}

export interface LfsPart {
  /** Identifies the upload: letters, digits and dashes only. */
  readonly upload: string;
  readonly offset: number;
  readonly length: number;
}

export function createLfsStore({ folder, uploads }: { folder: string; uploads: string }): LfsStore {
  const pathOf = (sha256: string): string => join(folder, sha256.slice(0, 2), sha256);
  const uploadPath = (upload: string): string => join(uploads, `${upload}.part`);

  async function size(sha256: string): Promise<number | null> {
    try {
      return (await stat(pathOf(sha256))).size;
    } catch (error) {
      if (failedWith(error, "ENOENT")) return null;
      throw error;
    }
  }

  async function finish(temporary: string, sha256: string): Promise<void> {
    await ensureFolder(join(folder, sha256.slice(0, 2)));
    await moveDurably(temporary, pathOf(sha256));
  }

  async function put({ sha256, size: expected }: LfsPointer, body: AsyncIterable<Uint8Array>): Promise<void> {
    const temporary = uploadPath(randomUUID());
    const handle = await open(temporary, "wx");
    try {
      try {
        const hash = await writeExactly(handle, { body, offset: 0, length: expected });
        if (hash !== sha256) throw mismatch(`the bytes have the sha256 ${hash}, not ${sha256}`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await finish(temporary, sha256);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  return {
    pathOf,
    size,
    has: async (pointer) => (await size(pointer.sha256)) === pointer.size,
    put,
    async putPart({ upload, offset, length }, body) {
      const handle = await openForParts(uploadPath(upload));
      try {
        const hash = await writeExactly(handle, { body, offset, length });
        // Synced part by part, so that the last step does not have to wait for gigabytes.
        await handle.sync();
        return hash;
      } finally {
        await handle.close();
      }
    },
    async complete(upload, pointer) {
      if ((await size(pointer.sha256)) === pointer.size) {
        await rm(uploadPath(upload), { force: true });
        return;
      }
      const temporary = uploadPath(upload);
      const hash = createHash("sha256");
      let bytes = 0;
      try {
        for await (const chunk of createReadStream(temporary, { highWaterMark: 1024 * 1024 })) {
          hash.update(chunk);
          bytes += chunk.length;
        }
      } catch (error) {
        if (failedWith(error, "ENOENT")) throw mismatch("no part of this upload has arrived");
        throw error;
      }
      if (bytes !== pointer.size) throw mismatch(`${bytes} of ${pointer.size} bytes have arrived`);
      const digest = hash.digest("hex");
      if (digest !== pointer.sha256)
        throw mismatch(`the parts have the sha256 ${digest}, not ${pointer.sha256}`);
      await finish(temporary, pointer.sha256);
    },
    async sweep(now) {
      for (const name of await readdir(uploads)) {
        const path = join(uploads, name);
        const facts = await stat(path).catch(() => null); // another process may have just finished it
        if (facts && now.getTime() - facts.mtimeMs > abandonedAfterMs) await rm(path, { force: true });
      }
    },
  };
}

function mismatch(message: string): Refusal {
  return new Refusal("upload_mismatch", `Upload refused: ${message}`);
}

async function openForParts(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r+");
  } catch (error) {
    if (!failedWith(error, "ENOENT")) throw error;
  }
  try {
    return await open(path, "wx+");
  } catch (error) {
    if (failedWith(error, "EEXIST")) return open(path, "r+");
    throw error;
  }
}

async function writeExactly(
  handle: FileHandle,
  { body, offset, length }: { body: AsyncIterable<Uint8Array>; offset: number; length: number },
): Promise<string> {
  const hash = createHash("sha256");
  let written = 0;
  for await (const chunk of body) {
    if (written + chunk.length > length) throw mismatch(`more than the promised ${length} bytes came`);
    hash.update(chunk);
    await writeFully(handle, chunk, offset + written);
    written += chunk.length;
  }
  if (written !== length) throw mismatch(`${written} of the promised ${length} bytes came`);
  return hash.digest("hex");
}

async function writeFully(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  let done = 0;
  // A write to an almost full disk may be short without an error.
  while (done < chunk.length) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}
