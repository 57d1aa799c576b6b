import { execFile } from "node:child_process";

/**
 * Puts all that waits of one file system on disk in one step, through the command of coreutils, since Node has no syncfs(2).
 * False where it cannot be done: then each file has to be synced.
 */
export function syncFileSystem(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile("sync", ["-f", path], (error) => resolve(error === null));
  });
}
