import { randomBytes } from "node:crypto";
import { constants, type FileHandle, open, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { toDiskFull } from "../files/disk-full.ts";
import { entryOf, openBeneath } from "./open-beneath.ts";
import type { Sandbox } from "./sandbox.ts";

export interface WorkspaceFile {
  readonly sandbox: Pick<Sandbox, "hostWorkspace" | "workspace" | "owner">;
  /** Relative to the workspace, or absolute as the sandbox sees it (/workspace/…). */
  readonly path: string;
}

/** A stream is written piece by piece, however long. */
export type FileContent = string | Uint8Array | AsyncIterable<Uint8Array>;

function relativePath({ sandbox, path }: WorkspaceFile): string {
  for (const root of [sandbox.workspace, sandbox.hostWorkspace]) {
    if (path === root) return "";
    if (path.startsWith(`${root}/`)) return path.slice(root.length + 1);
  }
  if (path.startsWith("/"))
    throw new RangeError(`${path} does not lie in the workspace (${sandbox.workspace})`);
  return path;
}

/**
 * Reads a regular file of the workspace on the host's side, following no link. Null when there is none; rejects with
 * RangeError when the path leads out of the workspace or the file is larger than `maxBytes`.
 */
export async function readWorkspaceFile(
  options: WorkspaceFile & { readonly maxBytes?: number },
): Promise<Uint8Array | null> {
  const path = relativePath(options);
  const root = options.sandbox.hostWorkspace;
  const file = await openBeneath({ root, path, flags: constants.O_RDONLY }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw refusal(path, error);
  });
  if (file === null) return null;
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new RangeError(`${path} is not a regular file`);
    const maxBytes = options.maxBytes ?? 64 * 1024 ** 2;
    if (status.size > maxBytes)
      throw new RangeError(`${path} has ${status.size} bytes; at most ${maxBytes} are read`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/**
 * Writes a file into the workspace for the sandbox's user, making folders and following no link. What stood under the
 * name is replaced in one step: a crash or a full disk leaves the old file or the new one.
 */
export async function writeWorkspaceFile(
  options: WorkspaceFile & { readonly content: FileContent },
): Promise<void> {
  const path = relativePath(options);
  const name = basename(path);
  if (name === "" || name === "." || name === "..") throw new RangeError(`${path} does not name a file`);
  const folder = await openFolderFor(options).catch((error: unknown) => {
    throw refusal(path, error);
  });
  const draft = entryOf(folder, `.${randomBytes(6).toString("hex")}.part`);
  try {
    await writeNew(draft, options);
    await rename(draft, entryOf(folder, name));
  } catch (error) {
    await rm(draft, { force: true });
    throw toDiskFull(error, path);
  } finally {
    await folder.close();
  }
}

/** The folder that a file goes into, made where it is missing. */
function openFolderFor(options: WorkspaceFile): Promise<FileHandle> {
  return openBeneath({
    root: options.sandbox.hostWorkspace,
    path: dirname(relativePath(options)),
    flags: constants.O_RDONLY | constants.O_DIRECTORY,
    onFolder: (folder) => give(folder, options),
  });
}

async function writeNew(
  path: string,
  options: WorkspaceFile & { readonly content: FileContent },
): Promise<void> {
  const file = await open(path, "wx", 0o644);
  try {
    await writeFile(file, options.content);
    await give(file, options);
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function give(file: FileHandle, { sandbox: { owner } }: WorkspaceFile): Promise<void> {
  if (process.getuid?.() === 0 && owner.uid !== 0) await file.chown(owner.uid, owner.gid);
}

function refusal(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ELOOP" && code !== "ENOTDIR") return error;
  return new RangeError(
    `${path} leads through a link or a file; links are not followed from outside the sandbox`,
  );
}
