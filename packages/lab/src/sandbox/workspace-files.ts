import { constants } from "node:fs/promises";
import { openBeneath } from "./open-beneath.ts";
import type { Sandbox } from "./sandbox.ts";

export interface WorkspaceFile {
  readonly sandbox: Pick<Sandbox, "hostWorkspace" | "workspace" | "owner">;
  /** Relative to the workspace, or absolute as the sandbox sees it (/work/…). */
  readonly path: string;
}

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

/** Writes a file into the workspace for the sandbox's user, making folders and following no link. */
export async function writeWorkspaceFile(
  options: WorkspaceFile & { readonly content: string | Uint8Array },
): Promise<void> {
  const { owner, hostWorkspace: root } = options.sandbox;
  const path = relativePath(options);
  const adopt = process.getuid?.() === 0 && owner.uid !== 0;
  const file = await openBeneath({
    root,
    path,
    // Not truncated on opening: a second name of a file could lie elsewhere, and is refused below.
    flags: constants.O_WRONLY | constants.O_CREAT,
    mode: 0o644,
    onFolder: async (folder) => {
      if (adopt) await folder.chown(owner.uid, owner.gid);
    },
  }).catch((error: unknown) => {
    throw refusal(path, error);
  });
  try {
    const status = await file.stat();
    if (!status.isFile() || status.nlink !== 1)
      throw new RangeError(`${path} is not a regular file with one name`);
    if (adopt) await file.chown(owner.uid, owner.gid);
    await file.truncate(0);
    await file.writeFile(options.content);
  } finally {
    await file.close();
  }
}

function refusal(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ELOOP" && code !== "ENOTDIR") return error;
  return new RangeError(
    `${path} leads through a link or a file; links are not followed from outside the sandbox`,
  );
}
