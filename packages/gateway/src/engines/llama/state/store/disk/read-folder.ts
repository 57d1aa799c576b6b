import { join } from "node:path";
import { ownerLabel } from "../state-owner.ts";
import type { StateFileSystem } from "./file-system.ts";
import { decodeHead, headLength, parseFileName, type StateHead } from "./state-file.ts";

/** A file whose head is whole and whose length is right. Its state has not been read. */
export interface StoredFile extends StateHead {
  readonly key: string;
  readonly modifiedAt: number;
}

/** Files that are read before others get their turn. */
const FILES_AT_ONCE = 250;
/** Most owners' names take less. */
const USUAL_OWNER_BYTES = 128;

/**
 * Reads the heads of all state files in a folder. What a crash left half written, and what is damaged, cut off, or of
 * another version or block length, is removed. Files with other names are not ours and stay.
 */
export async function readFolder(options: {
  readonly files: StateFileSystem;
  readonly folder: string;
  readonly blockTokens: number;
}): Promise<readonly StoredFile[]> {
  const { files, folder } = options;
  const found: StoredFile[] = [];
  let count = 0;
  for (const name of files.list(folder)) {
    if (++count % FILES_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
    const path = join(folder, name);
    const isDraft = name.endsWith(".tmp") && parseFileName(name.slice(0, -".tmp".length)) !== null;
    const named = parseFileName(name);
    if (!isDraft && !named) continue;
    const file = named && readHead(path, options);
    if (file && file.kind === named.kind) found.push({ ...file, key: named.key });
    else tryTo(() => files.removeSync(path));
  }
  return found;
}

function readHead(
  path: string,
  { files, blockTokens }: { files: StateFileSystem; blockTokens: number },
): (StateHead & { modifiedAt: number }) | null {
  const usual = headLength(blockTokens, USUAL_OWNER_BYTES);
  const first = tryTo(() => files.head(path, usual));
  if (!first) return null;
  let head = decodeHead(first.bytes);
  if (head && "needs" in head) {
    const { needs } = head;
    if (needs > first.size) return null;
    const whole = tryTo(() => files.head(path, needs));
    head = whole ? decodeHead(whole.bytes) : null;
  }
  if (!head || "needs" in head || head.blockTokens !== blockTokens) return null;
  const ownLength = headLength(head.tokens.length, ownerLabel(head.owner).length);
  const isWhole = first.size === ownLength + head.size;
  return isWhole && isRightLength(head, blockTokens) ? { ...head, modifiedAt: first.modifiedAt } : null;
}

function isRightLength({ kind, tokens, size }: StateHead, blockTokens: number): boolean {
  return size > 0 && tokens.length > 0 && (kind === "boundary" || tokens.length <= blockTokens);
}

/** A file that cannot be read or removed is as good as none. */
function tryTo<T>(action: () => T): T | null {
  try {
    return action();
  } catch {
    return null;
  }
}
