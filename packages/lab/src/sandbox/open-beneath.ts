import { readlinkSync } from "node:fs";
import { constants, type FileHandle, mkdir, open } from "node:fs/promises";

/**
 * Opening files below a folder that untrusted code can change while we look.
 *
 * Covered: links anywhere on the way (each folder is opened by its parent's descriptor, and no link is followed), links
 * that appear between two looks, `..`, pipes and devices that would block or act when opened.
 * Not covered: hard links; the callers that copy content refuse files with more than one name.
 */

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

export interface OpenBeneathOptions {
  readonly root: string;
  /** Relative to the root. */
  readonly path: string;
  /** Flags of open(2); O_NOFOLLOW and O_NONBLOCK are added. */
  readonly flags: number;
  readonly mode?: number;
  /** Called with each folder that had to be made; without it, no folder is made. */
  readonly onFolder?: (folder: FileHandle) => Promise<void>;
}

/** The path of an entry by its folder's descriptor: what `openat` is elsewhere. */
export function entryOf(folder: FileHandle, name: string): string {
  return `/proc/self/fd/${folder.fd}/${name}`;
}

/** Opens a file or folder below a root; rejects with ELOOP or ENOTDIR where a link stands in the way. */
export async function openBeneath(options: OpenBeneathOptions): Promise<FileHandle> {
  const { path, flags, mode, onFolder } = options;
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..")) throw new RangeError(`a path below the root cannot contain "..": ${path}`);
  // The root itself may be a link of ours; from here on it is what was opened, whatever its name comes to mean.
  let folder = await open(options.root, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const root = placeOf(folder);
    const last = names.pop();
    if (last === undefined) return await open(entryOf(folder, "."), flags | constants.O_NOFOLLOW);
    for (const name of names) {
      const next = await openFolder(folder, name, onFolder);
      await folder.close();
      folder = next;
    }
    if ((flags & constants.O_DIRECTORY) !== 0 && onFolder !== undefined)
      return await openFolder(folder, last, onFolder);
    const file = await open(entryOf(folder, last), flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, mode);
    await assertBelow(file, root);
    return file;
  } finally {
    await folder.close();
  }
}

async function openFolder(
  parent: FileHandle,
  name: string,
  onFolder: OpenBeneathOptions["onFolder"],
): Promise<FileHandle> {
  const path = entryOf(parent, name);
  try {
    return await open(path, folderFlags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || onFolder === undefined) throw error;
  }
  await mkdir(path, 0o755);
  const made = await open(path, folderFlags);
  await onFolder(made);
  return made;
}

/** Synchronous: the kernel answers from memory. */
function placeOf(file: FileHandle): string {
  return readlinkSync(`/proc/self/fd/${file.fd}`);
}

/** A second proof that does not rest on the first: where does the kernel say that this file lies? */
async function assertBelow(file: FileHandle, root: string): Promise<void> {
  const place = placeOf(file);
  if (place.startsWith(`${root}/`)) return;
  await file.close();
  throw new RangeError(`${place} does not lie below ${root}`);
}
