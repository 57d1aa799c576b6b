import { createHash } from "node:crypto";
import { constants, type FileHandle, mkdir, open, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { entryOf, openBeneath } from "./open-beneath.ts";

export interface Artefact {
  /** Relative to the collected folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface CollectLimits {
  readonly files: number;
  readonly fileBytes: number;
  readonly totalBytes: number;
}

export interface CollectResult {
  readonly artefacts: readonly Artefact[];
  /** What was left behind, and why: links, devices, hard links, files over a limit. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

export interface CollectArtefactsOptions {
  /**
   * A folder that untrusted code wrote; one that is missing counts as empty. When that code could also replace the folder
   * itself by a link, name it relative to a `root` that it could not replace.
   */
  readonly from: string;
  readonly root?: string;
  /** A folder out of the sandbox's reach; made when missing. */
  readonly into: string;
  readonly limits?: Partial<CollectLimits>;
  readonly signal?: AbortSignal;
}

const defaults: CollectLimits = { files: 2000, fileBytes: 2 * 1024 ** 3, totalBytes: 4 * 1024 ** 3 };
const deepest = 16;

/** Why an entry could not be opened as a file of this folder, by the kernel's answer. */
const refusals: Readonly<Record<string, string>> = {
  ELOOP: "a symbolic link",
  ENXIO: "a pipe or socket",
  ENOENT: "gone while it was collected",
  EACCES: "not readable",
};

/** Copies the regular files of a folder that untrusted code wrote, following no link out of it, and hashes them. */
export async function collectArtefacts(options: CollectArtefactsOptions): Promise<CollectResult> {
  const { from, root, into, signal } = options;
  const limits: CollectLimits = { ...defaults, ...options.limits };
  const artefacts: Artefact[] = [];
  const skipped: { path: string; reason: string }[] = [];
  let total = 0;
  await mkdir(into, { recursive: true });

  const visit = async (path: string, depth: number): Promise<void> => {
    signal?.throwIfAborted();
    const skip = (reason: string): number => skipped.push({ path, reason });
    let file: FileHandle;
    try {
      const place = root === undefined ? { root: from, path } : { root, path: `${from}/${path}` };
      file = await openBeneath({ ...place, flags: constants.O_RDONLY });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "";
      if (path !== "" || code !== "ENOENT") skip(refusals[code] ?? String(error));
      return;
    }
    try {
      const status = await file.stat();
      if (status.isDirectory()) {
        if (depth >= deepest) return void skip("too deep a folder");
        for (const name of (await readdir(entryOf(file, "."))).sort()) {
          await visit(path === "" ? name : `${path}/${name}`, depth + 1);
        }
        return;
      }
      if (!status.isFile()) return void skip("not a regular file");
      if (status.nlink !== 1) return void skip("a file with more than one name");
      if (artefacts.length >= limits.files) return void skip(`more than ${limits.files} files`);
      if (status.size > limits.fileBytes) return void skip(`larger than ${limits.fileBytes} bytes`);
      const room = Math.min(limits.fileBytes, limits.totalBytes - total);
      const copied = await copy(file, join(into, path), room);
      if (copied === null) return void skip(`more than ${limits.totalBytes} bytes in all`);
      total += copied.bytes;
      artefacts.push({ path, ...copied });
    } finally {
      await file.close();
    }
  };
  await visit("", 0);
  return { artefacts, skipped };
}

/** Copies and hashes what is read, not what is there later: the file may still be growing. Null when it outgrows `room`. */
async function copy(file: FileHandle, target: string, room: number): Promise<Omit<Artefact, "path"> | null> {
  await mkdir(dirname(target), { recursive: true });
  await using copied = await open(target, "w", 0o644);
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(256 * 1024);
  let bytes = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, bytes);
    if (bytesRead === 0) return { bytes, sha256: hash.digest("hex") };
    bytes += bytesRead;
    if (bytes > room) {
      await copied.truncate(0);
      return null;
    }
    hash.update(buffer.subarray(0, bytesRead));
    await copied.writeFile(buffer.subarray(0, bytesRead));
  }
}
