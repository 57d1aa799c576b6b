/** One thing of a workspace. Paths are relative to it, with forward slashes; modes are the nine permission bits. */
export type SnapshotEntry =
  | { readonly kind: "folder"; readonly path: string; readonly mode: number }
  | FileEntry
  | { readonly kind: "link"; readonly path: string; readonly target: string };

export interface FileEntry extends StoredFile {
  readonly kind: "file";
  readonly path: string;
  readonly mode: number;
}

/** A content, as the store names it. */
export interface StoredFile {
  readonly sha256: string;
  readonly size: number;
}

/** What a snapshot does not hold, and why: a restore leaves it as it finds it. A folder stands for all that is in it. */
export interface LeftOut {
  readonly path: string;
  readonly reason: string;
}

/** A whole state of a workspace. Its hash is its name. */
export interface Manifest {
  readonly version: 1;
  /** A folder comes before what is in it. */
  readonly entries: readonly SnapshotEntry[];
  readonly left_out: readonly LeftOut[];
}

export interface Snapshot {
  /** SHA-256 of the manifest: equal states have equal ids. */
  readonly id: string;
  readonly files: number;
  readonly bytes: number;
  /** Of these, what the store did not hold yet. */
  readonly added: number;
  readonly skipped: readonly LeftOut[];
  /** Lets the next snapshot pass over files that have not been touched since; it means nothing outside this process. */
  readonly stamps: FileStamps;
  readonly folders: FolderStamps;
}

/** By path: how the file looked, and what was in it then. */
export type FileStamps = ReadonlyMap<string, { readonly look: string; readonly stored: StoredFile }>;

/** By path: how a folder of files that never change looked, and what was in it then. */
export type FolderStamps = ReadonlyMap<
  string,
  { readonly look: string; readonly files: readonly FileEntry[] }
>;

export interface SnapshotLimits {
  /** Files, folders and links. A folder that would go beyond is left out whole. */
  readonly entries: number;
  /** Of one file; the lab's own `data/` is measured by `totalBytes` alone. */
  readonly fileBytes: number;
  readonly totalBytes: number;
}

export const SNAPSHOT_LIMITS: SnapshotLimits = {
  entries: 50_000,
  fileBytes: 256 * 1024 ** 2,
  totalBytes: 4 * 1024 ** 3,
};

/** A deeper folder is left out. Each level holds a descriptor open. */
export const DEEPEST = 64;

/** What programs keep for themselves and make again: part of no state, so that a restore removes it. */
export function isCache(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name === "__pycache__" || name === ".cache" || path === ".home/tmp";
}
