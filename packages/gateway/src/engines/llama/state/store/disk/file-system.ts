import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
} from "node:fs";
import { appendFile, type FileHandle, open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "./error-code.ts";

/**
 * What the disk tier needs of a file system. What happens at start is synchronous: ten thousand heads are read in a
 * tenth of a second so, and in a second otherwise. Errors are those of `node:fs`.
 */
export interface StateFileSystem {
  makeFolder(path: string): void;
  /** Names of the files in a folder. */
  list(path: string): readonly string[];
  /** The first bytes of a file, fewer when it is shorter. */
  head(
    path: string,
    length: number,
  ): { readonly bytes: Buffer; readonly size: number; readonly modifiedAt: number };
  /** The text of a file, a character for each byte. */
  readText(path: string): string;
  removeSync(path: string): void;
  /** Fills the parts, one after the other, from the beginning of a file; says how many bytes there were. */
  read(path: string, parts: readonly Uint8Array[]): Promise<number>;
  /** Writes a file whole, over what may be there. */
  write(path: string, parts: readonly Uint8Array[]): Promise<void>;
  append(path: string, text: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
}

/** Beyond about 2 GB a single read or write fails. */
const LARGEST_TRANSFER = 1 << 30;
const PRIVATE_FILE = 0o600;

export const nodeFileSystem: StateFileSystem = {
  makeFolder,
  list: (path) =>
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name),
  head: (path, length) => {
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { size, mtimeMs } = fstatSync(file);
      const bytes = Buffer.allocUnsafe(Math.min(length, size));
      const read = readSync(file, bytes, 0, bytes.length, 0);
      return { bytes: bytes.subarray(0, read), size, modifiedAt: mtimeMs };
    } finally {
      closeSync(file);
    }
  },
  readText: (path) => readFileSync(path, "latin1"),
  removeSync: (path) => rmSync(path, { force: true }),
  read: async (path, parts) => {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      let total = 0;
      for (const part of parts) {
        const read = await fill(file, part, total);
        total += read;
        if (read < part.length) break;
      }
      return total;
    } finally {
      await file.close();
    }
  },
  write: async (path, parts) => {
    const file = await open(path, "w", PRIVATE_FILE);
    try {
      for (const part of parts) await writeAll(file, part);
    } finally {
      await file.close();
    }
  },
  append: (path, text) => appendFile(path, text, { mode: PRIVATE_FILE }),
  rename,
  remove: unlink,
};

/** One at a time, since `recursive` says that a folder is missing where its file system is read only. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error; // another process was sooner
  }
}

async function fill(file: FileHandle, part: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < part.length) {
    const length = Math.min(part.length - done, LARGEST_TRANSFER);
    const { bytesRead } = await file.read(part, done, length, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

async function writeAll(file: FileHandle, part: Uint8Array): Promise<void> {
  for (let done = 0; done < part.length; ) {
    const { bytesWritten } = await file.write(part, done, Math.min(part.length - done, LARGEST_TRANSFER));
    done += bytesWritten;
  }
}
