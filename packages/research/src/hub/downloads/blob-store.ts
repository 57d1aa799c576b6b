import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { chmod, copyFile, link, mkdir, open, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { syncDirectory, takeFileLock, toDiskFull } from "@ml-intern/durable";
import { WebError } from "../../http/web-error.ts";
import type { HubFile } from "../repositories/list-hub-files.ts";
import { sumOf } from "./content-check.ts";

/** The time that whole, checked files bear: one that bears another was touched since, and is checked again. */
const CHECKED = new Date("2000-01-01T00:00:00Z");

/**
 * Files by what they hold: `blobs/<checksum>`, read-only, the same bytes once whatever repositories they belong to. Several
 * processes may share the folder. What is not whole lies beside as `.part` until somebody goes on with it.
 */
export class BlobStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  pathOf({ checksum }: HubFile): string {
    return join(this.folder, "blobs", checksum.hash);
  }

  partOf(file: HubFile): string {
    return `${this.pathOf(file)}.part`;
  }

  /** Whether the file is there and whole. One that is damaged is removed. */
  async has(file: HubFile, signal: AbortSignal): Promise<boolean> {
    const path = this.pathOf(file);
    const info = await stat(path).catch(() => null); // absent, or as good as
    if (info === null) return false;
    if (info.size === file.size && info.mtimeMs === CHECKED.getTime()) return true;
    if (info.size === file.size && (await sumOf(path, file, signal)).digest("hex") === file.checksum.hash) {
      await seal(path).catch(() => undefined); // it is checked again the next time
      return true;
    }
    await this.#keeping(path, () => rm(path, { force: true }));
    return false;
  }

  /** Bytes of it that have arrived already. */
  async begun(file: HubFile): Promise<number> {
    const info = await stat(this.partOf(file)).catch(() => null); // absent
    return Math.min(info?.size ?? 0, file.size);
  }

  /** The right to fill this file's part; waits while another process has it. */
  async claim(file: HubFile, signal: AbortSignal): Promise<Disposable> {
    const path = `${this.pathOf(file)}.lock`;
    for (;;) {
      signal.throwIfAborted();
      const lock = await this.#keeping(path, async () => {
        await mkdir(dirname(path), { recursive: true });
        return await takeFileLock(path);
      });
      if ("release" in lock) return { [Symbol.dispose]: lock.release };
      await sleep(200, undefined, { signal });
    }
  }

  /** Writes what `fill` gives at the end of the part. */
  async append(file: HubFile, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.partOf(file);
    await this.#keeping(path, async () => {
      const handle = await open(path, "a", 0o600);
      try {
        for await (const piece of pieces) await handle.appendFile(piece);
        await handle.sync();
      } finally {
        await handle.close();
      }
    });
  }

  async dropPart(file: HubFile): Promise<void> {
    await this.#keeping(this.partOf(file), () => rm(this.partOf(file), { force: true }));
  }

  /** The part is whole and right: it becomes the file. */
  async finish(file: HubFile): Promise<void> {
    const path = this.partOf(file);
    await this.#keeping(path, async () => {
      await seal(path);
      await rename(path, this.pathOf(file));
      await syncDirectory(dirname(path));
    });
  }

  /** Shows the file at `path`: as another name of the same bytes, or as a copy where a file cannot have so many names. */
  async show(file: HubFile, path: string): Promise<void> {
    const blob = this.pathOf(file);
    const [has, wanted] = await Promise.all([stat(path).catch(() => null), stat(blob)]); // absent: it is made
    if (has?.ino === wanted.ino && has.dev === wanted.dev) return;
    await this.#keeping(path, async () => {
      await mkdir(dirname(path), { recursive: true });
      const draft = `${path}.${randomUUID()}.tmp`;
      try {
        await link(blob, draft).catch(() => copyFile(blob, draft, constants.COPYFILE_FICLONE));
        await rename(draft, path);
      } finally {
        await rm(draft, { force: true });
      }
    });
  }

  /** Does what needs the folder to be writable; says so where it is not. */
  async #keeping<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (!["EACCES", "EPERM", "EROFS", "ENOTDIR", "ENOENT", "EEXIST"].includes(code))
        throw toDiskFull(error, path);
      throw new WebError("web/cannot_keep", `${path} cannot be written: ${(error as Error).message}.`, {
        url: path,
        mend: "Name a folder for downloads that can be written, or make this one writable.",
        cause: error,
      });
    }
  }
}

async function seal(path: string): Promise<void> {
  await utimes(path, CHECKED, CHECKED);
  await chmod(path, 0o444);
}
