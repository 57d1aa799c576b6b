import { constants, type FileHandle, open } from "node:fs/promises";

/**
 * Opens the folder of a workspace. Rejects with ENOENT where there is none, and with ENOTDIR where a link or a file stands in
 * its place: what a link leads to is somebody else's, and must not be kept or restored.
 */
export function openWorkspace(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}
