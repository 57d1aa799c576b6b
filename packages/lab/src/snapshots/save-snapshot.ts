import type { Stats } from "node:fs";
import { type FileHandle, readlink } from "node:fs/promises";
import { entryOf } from "../sandbox/open-beneath.ts";
import { entriesOf, type FolderEntry, openFile, openFolder } from "./folder-entries.ts";
import { ObjectIntake } from "./object-intake.ts";
import { openWorkspace } from "./open-workspace.ts";
import {
  DEEPEST,
  type FileEntry,
  type FileStamps,
  type FolderStamps,
  isCache,
  type LeftOut,
  SNAPSHOT_LIMITS,
  type Snapshot,
  type SnapshotEntry,
  type SnapshotLimits,
  type StoredFile,
} from "./snapshot.ts";
import { prepareStore, writeManifest } from "./snapshot-store.ts";
import { someAtOnce } from "./some-at-once.ts";

export interface SaveSnapshotOptions {
  /** A folder that untrusted code may have filled. */
  readonly workspace: string;
  /** A folder out of the sandbox's reach; made when missing. */
  readonly store: string;
  /** The snapshot that this process took last: what has not been touched since is not read again. */
  readonly previous?: Snapshot | null;
  /** Folders whose files are written once: they are looked at again only when one was added or removed. */
  readonly writtenOnce?: readonly string[];
  readonly limits?: Partial<SnapshotLimits>;
  readonly signal: AbortSignal;
}

/** Clocks of file systems tick this coarsely, in milliseconds: a file that changed last so close to a look may change unseen. */
const TICK = 100;

/**
 * Keeps the state of a workspace under its hash. Links are kept as links and never followed; pipes, sockets, files of
 * several names and what goes beyond a limit are left out and named; caches are no part of the state. When it resolves
 * the snapshot is on disk; killed before, it leaves no snapshot. Rejects with ENOENT when there is no workspace, and with
 * ENOTDIR when something else stands in its place.
 *
 * `data/` is kept like everything else: the lab could not make it again, since the training rows lie nowhere but there and
 * the person's file may have changed or gone.
 */
export async function saveSnapshot(options: SaveSnapshotOptions): Promise<Snapshot> {
  const { workspace, store, previous, signal } = options;
  await using root = await openWorkspace(workspace);
  prepareStore(store);
  await using intake = new ObjectIntake(store);
  const scan = new Scan(intake, options);
  await scan.folder(root, "", 0);
  signal.throwIfAborted();
  await intake.commit();
  const { entries, leftOut, stamps, folders, bytes, added } = scan;
  entries.sort(byPath);
  leftOut.sort(byPath);
  const manifest = { version: 1, entries, left_out: leftOut } as const;
  const id = await writeManifest(store, manifest, { known: previous?.id });
  const files = entries.filter(({ kind }) => kind === "file").length;
  return { id, files, bytes, added, skipped: leftOut, stamps, folders };
}

class Scan {
  readonly entries: SnapshotEntry[] = [];
  readonly leftOut: LeftOut[] = [];
  readonly stamps = new Map<string, { readonly look: string; readonly stored: StoredFile }>();
  readonly folders = new Map<string, { look: string; files: readonly FileEntry[] }>();
  bytes = 0;
  added = 0;
  readonly #intake: ObjectIntake;
  readonly #known: FileStamps;
  readonly #knownFolders: FolderStamps;
  readonly #writtenOnce: ReadonlySet<string>;
  readonly #limits: SnapshotLimits;
  readonly #signal: AbortSignal;
  readonly #begun = Date.now();
  #seen = 0;

  constructor(intake: ObjectIntake, { previous, writtenOnce, limits, signal }: SaveSnapshotOptions) {
    this.#intake = intake;
    this.#known = previous?.stamps ?? new Map();
    this.#knownFolders = previous?.folders ?? new Map();
    this.#writtenOnce = new Set(writtenOnce);
    this.#limits = { ...SNAPSHOT_LIMITS, ...limits };
    this.#signal = signal;
  }

  async folder(folder: FileHandle, path: string, depth: number): Promise<void> {
    this.#signal.throwIfAborted();
    const { entries: most } = this.#limits;
    const entries = await entriesOf(folder, most - this.#seen);
    if (entries === null) return this.#leaveOut(path, `more than ${most} files in all`);
    this.#seen += entries.length;
    // The lab's rows come first: nothing that code writes can crowd them out.
    if (path === "") entries.sort((a, b) => Number(b.name === "data") - Number(a.name === "data"));
    const reading: (() => Promise<void>)[] = [];
    for (const { name, isText, status } of entries) {
      const inner = path === "" ? name : `${path}/${name}`;
      if (isCache(inner)) continue;
      const kept = { folder, name, path: inner };
      if (status === null) this.#leaveOut(inner, "gone while it was saved");
      else if (!isText) this.#leaveOut(inner, "its name is no UTF-8");
      else if (status.isSymbolicLink()) await this.#link(kept);
      else if (status.isDirectory()) await this.#inner(kept, status, depth + 1);
      else if (status.isFile()) this.#file(kept, status, reading);
      else this.#leaveOut(inner, "a pipe, a socket or a device");
    }
    await someAtOnce(reading);
  }

  async #inner({ folder, name, path }: Place, status: Stats, depth: number): Promise<void> {
    if (depth > DEEPEST) return this.#leaveOut(path, "too deep a folder");
    const look = lookOf(status);
    const known = this.#knownFolders.get(path);
    if (known?.look === look) return this.#keepFolder(path, status, known.files);
    const opened = await openFolder(folder, name).catch(() => null); // unreadable, or replaced by a link meanwhile
    if (opened === null) return this.#leaveOut(path, "a folder that cannot be read");
    try {
      this.entries.push({ kind: "folder", path, mode: status.mode & 0o777 });
      const [first, left] = [this.entries.length, this.leftOut.length];
      await this.folder(opened, path, depth);
      const files = this.entries.slice(first).filter((entry) => entry.kind === "file");
      const isAll = files.length === this.entries.length - first && left === this.leftOut.length;
      const isSettled = status.ctimeMs < this.#begun - TICK;
      if (isAll && isSettled && this.#writtenOnce.has(path)) this.folders.set(path, { look, files });
    } finally {
      await opened.close();
    }
  }

  #keepFolder(path: string, status: Stats, files: readonly FileEntry[]): undefined {
    this.entries.push({ kind: "folder", path, mode: status.mode & 0o777 }, ...files);
    this.folders.set(path, { look: lookOf(status), files });
    this.#seen += files.length;
    for (const { path: inner, size } of files) {
      this.bytes += size;
      const stamp = this.#known.get(inner);
      if (stamp !== undefined) this.stamps.set(inner, stamp);
    }
  }

  async #link({ folder, name, path }: Place): Promise<void> {
    const target = await readlink(entryOf(folder, name)).catch(() => null); // gone, or no link any more
    if (target === null) this.#leaveOut(path, "gone while it was saved");
    else this.entries.push({ kind: "link", path, target });
  }

  #file(place: Place, status: Stats, reading: (() => Promise<void>)[]): undefined {
    const { path } = place;
    const { fileBytes, totalBytes } = this.#limits;
    const largest = path.startsWith("data/") ? totalBytes : fileBytes;
    // Its other name may lie outside of the workspace.
    if (status.nlink !== 1) return this.#leaveOut(path, "a file with more than one name");
    if (status.size > largest) return this.#leaveOut(path, `larger than ${largest} bytes`);
    if (this.bytes + status.size > totalBytes)
      return this.#leaveOut(path, `more than ${totalBytes} bytes in all`);
    this.bytes += status.size;
    const known = this.#known.get(path);
    if (known?.look === lookOf(status)) this.#keep(path, status, known.stored);
    else reading.push(() => this.#read(place, status.size));
  }

  async #read({ folder, name, path }: Place, room: number): Promise<void> {
    this.#signal.throwIfAborted();
    const file = await openFile(folder, name).catch(() => null); // unreadable, or replaced meanwhile
    if (file === null) {
      this.bytes -= room;
      return this.#leaveOut(path, "a file that cannot be read");
    }
    try {
      const before = await file.stat();
      if (!before.isFile() || before.nlink !== 1) {
        this.bytes -= room;
        return this.#leaveOut(path, "replaced while it was saved");
      }
      const { stored, isNew } = await this.#intake.add(file, room);
      if (isNew) this.added += stored.size;
      this.bytes += stored.size - room;
      const after = await file.stat();
      this.#keep(path, after, stored, lookOf(after) === lookOf(before) && stored.size === after.size);
    } finally {
      await file.close();
    }
  }

  #keep(path: string, status: Stats, stored: StoredFile, isWhole = true): void {
    this.entries.push({ kind: "file", path, mode: status.mode & 0o777, ...stored });
    const isSettled = status.ctimeMs < this.#begun - TICK;
    if (isWhole && isSettled) this.stamps.set(path, { look: lookOf(status), stored });
  }

  #leaveOut(path: string, reason: string): undefined {
    this.leftOut.push({ path, reason });
  }
}

interface Place {
  readonly folder: FileHandle;
  readonly name: FolderEntry["name"];
  readonly path: string;
}

/** Code can set back the time of a change of content, but not that of the last change of anything. */
function lookOf({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1;
}
