import { copyFile, mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Random } from "@ml-intern/testkit";

/** Damages some files of a folder of states, each in another way, and puts foreign ones beside them; says how many. */
export async function damageStates(folder: string, random: Random): Promise<number> {
  const files = await stateFiles(folder);
  if (files.length === 0) return 0;
  const count = 1 + random.below(Math.ceil(files.length / 2));
  for (let each = 0; each < count; each++) {
    await damage(join(folder, random.pick(files)), { folder, files, random });
  }
  return count;
}

/**
 * Copies a folder that is being written to, file by file: what a process that was killed would leave, and worse, since
 * files that belong together are of different moments. The lock stays behind: that of a dead process is no lock.
 */
export async function copyAsKilled(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  for (const name of await stateFiles(from)) {
    // A file may go while the folder is being copied.
    await copyFile(join(from, name), join(to, name)).catch(() => {});
  }
}

export async function stateFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile() && entry.name !== "lock").map(({ name }) => name);
}

async function damage(
  path: string,
  {
    folder,
    files,
    random,
  }: { readonly folder: string; readonly files: readonly string[]; readonly random: Random },
): Promise<void> {
  const bytes = await readFile(path).catch(() => null);
  if (bytes === null || bytes.length === 0) return; // an earlier damage took it
  switch (random.below(7)) {
    case 0: {
      const at = random.below(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
      return writeFile(path, bytes);
    }
    case 1: {
      // So much that the answer would be another one, if it were taken for what was stored.
      const at = random.below(bytes.length);
      bytes.subarray(at).forEach((byte, index) => {
        bytes[at + index] = byte ^ 0x55;
      });
      return writeFile(path, bytes);
    }
    case 2:
      return truncate(path, random.below(bytes.length));
    case 3:
      return rm(path);
    case 4:
      // A whole file, under another's name.
      return copyFile(path, join(folder, random.pick(files)));
    case 5: {
      const key = random.below(2 ** 31).toString(16);
      return writeFile(join(folder, `${key.padStart(64, "0")}.block`), bytes);
    }
    default:
      return writeFile(path, Buffer.alloc(random.below(4000), random.below(256)));
  }
}
