import { join } from "node:path";
import { isDiskFull, takeFileLock } from "@ml-intern/durable";
import type { PrefixTree } from "../tree/prefix-tree.ts";
import { countUse } from "../worth.ts";
import { DiskTier, type DiskTierOptions, JOURNAL } from "./disk-tier.ts";
import type { StateFileSystem } from "./file-system.ts";
import { readFolder } from "./read-folder.ts";
import { restoreTrees } from "./restore-trees.ts";
import { fileName } from "./state-file.ts";
import { applyUse, parseUses } from "./use-journal.ts";

export interface OpenedDisk {
  readonly tier: DiskTier;
  /** What is on disk, by the keys of the roots. */
  readonly trees: ReadonlyMap<string, PrefixTree>;
  /** Lets another process have the folder. */
  readonly release: () => void;
}

/**
 * Opens a folder of state. Null, after a warning, when another process owns it or it cannot be used: its limit holds
 * only if one process counts, so the second one keeps its state in memory.
 */
export async function openDisk(options: DiskTierOptions): Promise<OpenedDisk | null> {
  const { files, folder, warn } = options;
  try {
    files.makeFolder(folder);
    const lock = await takeFileLock(join(folder, "lock"));
    if ("heldBy" in lock) {
      warn(
        `State stays in memory only: process ${lock.heldBy} owns ${folder}. Give each process its own folder to keep both.`,
      );
      return null;
    }
    try {
      return { ...(await read(options)), release: lock.release };
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    const mend = isDiskFull(error)
      ? "Free space there, and start again."
      : "Make it a folder that this user can write to.";
    warn(`State stays in memory only: ${folder} cannot be used (${cause}). ${mend}`);
    return null;
  }
}

async function read(options: DiskTierOptions): Promise<Pick<OpenedDisk, "tier" | "trees">> {
  const { files, folder, blockTokens, now } = options;
  const { trees, pieces, useless } = restoreTrees(await readFolder(options), blockTokens);
  for (const { key, kind } of useless) remove(files, join(folder, `${key}.${kind}`));
  for (const { piece, file } of pieces) countUse(piece, Math.min(file.modifiedAt, now()));
  const journal = readJournal(options);
  const named = new Map(pieces.map(({ piece }) => [fileName(piece), piece]));
  for (const record of parseUses(journal)) {
    const piece = named.get(record.name);
    if (piece) applyUse(piece, record);
  }
  const tier = new DiskTier(options, {
    pieces: pieces.map(({ piece }) => piece),
    journalLength: journal.length,
  });
  return { tier, trees };
}

function readJournal({ files, folder }: { files: StateFileSystem; folder: string }): string {
  try {
    return files.readText(join(folder, JOURNAL));
  } catch {
    return ""; // the first start, or unreadable: every piece then counts as used when its file was written
  }
}

function remove(files: StateFileSystem, path: string): void {
  try {
    files.removeSync(path);
  } catch {
    // It cannot be used and cannot be removed: the next start tries again.
  }
}
