import { constants, type FileHandle, readdir } from "node:fs/promises";
import type { SandboxUser } from "./etc-files.ts";
import { entryOf, openBeneath } from "./open-beneath.ts";

/** Links, pipes and what vanished meanwhile: nothing that needs an owner. */
const unopenable = new Set(["ELOOP", "ENOENT", "ENXIO", "EACCES"]);

async function give(file: FileHandle, user: SandboxUser): Promise<void> {
  const status = await file.stat();
  if (status.uid === user.uid || process.getuid?.() !== 0) return;
  // A second name of a file may lie outside of the workspace.
  if (status.isFile() && status.nlink > 1) return;
  await file.chown(user.uid, user.gid);
}

export interface AdoptFileOptions {
  readonly root: string;
  /** Relative to the root, or absolute below it. */
  readonly path: string;
  readonly user: SandboxUser;
}

/** Gives one file or folder below a root to a user. */
export async function adoptFile({ root, path, user }: AdoptFileOptions): Promise<void> {
  const relative = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
  await using file = await openBeneath({ root, path: relative, flags: constants.O_RDONLY });
  await give(file, user);
}

/** Gives a folder and all that lies in it to a user. */
export async function adoptFolder({ root, user }: { root: string; user: SandboxUser }): Promise<void> {
  const visit = async (path: string): Promise<void> => {
    const file = await openBeneath({ root, path, flags: constants.O_RDONLY }).catch((error: unknown) => {
      if (unopenable.has((error as NodeJS.ErrnoException).code ?? "")) return null;
      throw error;
    });
    if (file === null) return;
    try {
      await give(file, user);
      if (!(await file.stat()).isDirectory()) return;
      for (const name of await readdir(entryOf(file, ".")))
        await visit(path === "" ? name : `${path}/${name}`);
    } finally {
      await file.close();
    }
  };
  await visit("");
}
