import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Bytes on disk of all files below a folder. Follows no link; what vanishes while it looks counts nothing. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  let total = 0;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) total += await folderBytes(path);
    else total += ((await lstat(path).catch(() => null))?.blocks ?? 0) * 512;
  }
  return total;
}
