import {
  constants,
  type FileHandle,
  mkdir,
  open,
  readlink,
  realpath,
  rename,
  unlink,
} from "node:fs/promises";
import { basename, dirname, isAbsolute, join, normalize, relative } from "node:path";
import { ToolFailure } from "../failures/tool-failure.ts";

/**
 * Files of the workspace, opened by the host. Code in the sandbox can plant symbolic links there, so every file is
 * opened without following links and its true path is checked through the open descriptor.
 */

interface Target {
  readonly workspace: string;
  /** Relative to the workspace, or absolute below `/work` as the sandbox sees it. */
  readonly path: string;
}

/** Reads a text file. Throws a {@link ToolFailure} when it is absent, outside, not a regular file, or over `limit` bytes. */
export async function readWorkspaceFile(target: Target, limit: number = 8 * 1024 * 1024): Promise<string> {
  await using file = await openInside(target, constants.O_RDONLY | constants.O_NONBLOCK);
  const stat = await file.stat();
  if (!stat.isFile())
    throw new ToolFailure(
      "file/not_a_file",
      `${target.path} is not a regular file.`,
      "List the folder with bash.",
    );
  if (stat.size > limit) {
    throw new ToolFailure(
      "file/too_large",
      `${target.path} has ${stat.size} bytes.`,
      "Look at a part of it with bash (head, tail, sed -n).",
    );
  }
  return file.readFile("utf8");
}

/** Writes a whole file, through a temporary name, so that a crash leaves the old one or the new one. */
export async function writeWorkspaceFile(
  options: Target & { readonly content: string; readonly own: (path: string) => Promise<void> },
): Promise<void> {
  const { root, inside } = await locate(options);
  await using folder = await makeFolder(root, dirname(inside), options.own);
  const handle = `/proc/self/fd/${folder.fd}`;
  const name = basename(inside);
  const temporary = `${handle}/.${name}.${process.pid}.part`;
  await unlink(temporary).catch(() => undefined); // left by a crash
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  try {
    const file = await open(temporary, flags, 0o644);
    try {
      await file.writeFile(options.content);
      await file.datasync();
    } finally {
      await file.close();
    }
    await options.own(temporary);
    await rename(temporary, `${handle}/${name}`);
  } catch (error) {
    await unlink(temporary).catch(() => undefined); // the first error is the one to report
    if ((error as NodeJS.ErrnoException).code === "EISDIR") {
      throw new ToolFailure(
        "file/is_a_folder",
        `${options.path} is a folder.`,
        "Choose a file name inside it.",
      );
    }
    throw error;
  }
}

async function locate(target: Target): Promise<{ root: string; inside: string }> {
  const root = await realpath(target.workspace);
  const path = isAbsolute(target.path) ? relative("/work", normalize(target.path)) : normalize(target.path);
  if (path === "" || path === "." || path === ".." || path.startsWith("../")) {
    throw new ToolFailure(
      "file/outside",
      `${target.path} is not inside the workspace.`,
      "Use a path relative to the workspace.",
    );
  }
  return { root, inside: path };
}

async function openInside(target: Target, flags: number): Promise<FileHandle> {
  const { root, inside } = await locate(target);
  const file = await open(join(root, inside), flags | constants.O_NOFOLLOW).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") {
        throw new ToolFailure(
          "file/missing",
          `There is no ${target.path} in the workspace.`,
          "List the files with bash.",
        );
      }
      if (error.code === "ELOOP") throw outside(target.path);
      throw error;
    },
  );
  if (!(await isInside(root, file))) {
    await file.close();
    throw outside(target.path);
  }
  return file;
}

async function isInside(root: string, file: FileHandle): Promise<boolean> {
  const real = await readlink(`/proc/self/fd/${file.fd}`);
  return real === root || real.startsWith(`${root}/`);
}

function outside(path: string): ToolFailure {
  return new ToolFailure(
    "file/outside",
    `${path} is a link or leads out of the workspace.`,
    "Use a plain file inside the workspace.",
  );
}

/** Opens the folder, creating what is missing one level at a time below an already checked descriptor. */
async function makeFolder(
  root: string,
  inside: string,
  own: (path: string) => Promise<void>,
): Promise<FileHandle> {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  let folder = await open(root, constants.O_RDONLY | constants.O_DIRECTORY);
  for (const part of inside.split("/").filter((name) => name !== "" && name !== ".")) {
    const path = `/proc/self/fd/${folder.fd}/${part}`;
    try {
      const created = await mkdir(path, { mode: 0o755 }).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === "EEXIST") return false;
          throw error;
        },
      );
      if (created) await own(path);
      const next = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
        throw error.code === "ENOTDIR" || error.code === "ELOOP" ? outside(inside) : error;
      });
      await folder.close();
      folder = next;
    } catch (error) {
      await folder.close();
      throw error;
    }
  }
  return folder;
}
