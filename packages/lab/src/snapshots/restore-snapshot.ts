import { type FileHandle, mkdir, open, readlink, rename, symlink } from "node:fs/promises";
import { toDiskFull } from "../files/disk-full.ts";
import { LabError } from "../lab-error.ts";
import { entryOf } from "../sandbox/open-beneath.ts";
import { draftName, entriesOf, openFile, openFolder, removeEntry, statusOf } from "./folder-entries.ts";
import { openWorkspace } from "./open-workspace.ts";
import type { FileEntry, SnapshotEntry } from "./snapshot.ts";
import { hashFile, objectPath, readManifest, writeAll } from "./snapshot-store.ts";
import { someAtOnce } from "./some-at-once.ts";

export interface RestoreSnapshotOptions {
  /** Made when missing. */
  readonly workspace: string;
  readonly store: string;
  readonly id: string;
  readonly signal: AbortSignal;
}

export interface RestoreResult {
  readonly written: number;
  readonly removed: number;
}

/**
 * Brings a workspace to exactly the state of a snapshot: what is not in it is removed, files that are equal are not
 * touched, each other file is replaced in one step, and no link is followed. What the snapshot left out stays as it is.
 * Nothing is changed before all that is needed is known to be sound: otherwise LabError "snapshot/damaged" names it.
 * Killed halfway, it can be done again. No code may run in the workspace meanwhile; what it left behind may be hostile.
 * The new files belong to this process: the sandbox that is opened next takes them over.
 */
export async function restoreSnapshot(options: RestoreSnapshotOptions): Promise<RestoreResult> {
  const { workspace, store, signal } = options;
  const { wanted, leftOut, changed } = await planRestore(options);
  // Only now: a folder that is there and empty would hide that the workspace was lost.
  await mkdir(workspace, { recursive: true, mode: 0o700 });
  await using root = await openWorkspace(workspace);
  const restore = new Restore({ root, store, wanted, leftOut, changed: new Set(changed), signal });
  try {
    await restore.folder(root, "");
  } catch (error) {
    throw toDiskFull(error, workspace);
  }
  return restore.result;
}

/** Throws LabError "snapshot/damaged" when a restore would; changes nothing. */
export async function checkRestore(options: RestoreSnapshotOptions): Promise<void> {
  await planRestore(options);
}

interface RestorePlan {
  readonly wanted: Tree;
  readonly leftOut: ReadonlySet<string>;
  readonly changed: readonly FileEntry[];
}

async function planRestore({ workspace, store, id, signal }: RestoreSnapshotOptions): Promise<RestorePlan> {
  const root = await openWorkspace(workspace).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null; // everything is needed
    throw error;
  });
  try {
    const manifest = await readManifest(store, id);
    const wanted = new Tree(manifest.entries);
    const leftOut = new Set(manifest.left_out.map(({ path }) => path));
    const changed = await changedFiles(root, wanted, signal);
    await checkObjects(store, changed, signal);
    return { wanted, leftOut, changed };
  } finally {
    await root?.close();
  }
}

/** The entries of a manifest by the folder that they lie in. */
class Tree {
  readonly #folders = new Map<string, Map<string, SnapshotEntry>>();

  constructor(entries: readonly SnapshotEntry[]) {
    for (const entry of entries) {
      const slash = entry.path.lastIndexOf("/");
      const folder = entry.path.slice(0, Math.max(slash, 0));
      const siblings = this.#folders.get(folder) ?? new Map<string, SnapshotEntry>();
      this.#folders.set(folder, siblings.set(entry.path.slice(slash + 1), entry));
    }
  }

  in(folder: string): ReadonlyMap<string, SnapshotEntry> {
    return this.#folders.get(folder) ?? new Map();
  }
}

/** The files that the workspace does not have as they should be. */
async function changedFiles(
  root: FileHandle | null,
  wanted: Tree,
  signal: AbortSignal,
): Promise<FileEntry[]> {
  const changed: FileEntry[] = [];
  const visit = async (folder: FileHandle | null, path: string): Promise<void> => {
    signal.throwIfAborted();
    for (const [name, entry] of wanted.in(path)) {
      if (entry.kind === "file") {
        if (folder === null || !(await isEqual(folder, name, entry))) changed.push(entry);
      } else if (entry.kind === "folder") {
        const inner = folder && (await openFolder(folder, name).catch(() => null)); // absent, or something else
        try {
          await visit(inner, entry.path);
        } finally {
          await inner?.close();
        }
      }
    }
  };
  await visit(root, "");
  return changed;
}

async function isEqual(folder: FileHandle, name: string, entry: FileEntry): Promise<boolean> {
  if (statusOf(folder, name)?.isFile() !== true) return false;
  const file = await openFile(folder, name).catch(() => null); // unreadable: it is replaced
  if (file === null) return false;
  try {
    const status = await file.stat();
    // A file of several names could be changed by one of the others.
    if (!status.isFile() || status.nlink !== 1 || status.size !== entry.size) return false;
    return (await hashFile(file, entry.size)).sha256 === entry.sha256;
  } finally {
    await file.close();
  }
}

async function checkObjects(store: string, files: readonly FileEntry[], signal: AbortSignal): Promise<void> {
  const damaged: string[] = [];
  const seen = new Set<string>();
  for (const entry of files) {
    signal.throwIfAborted();
    if (seen.has(entry.sha256)) continue;
    seen.add(entry.sha256);
    const object = await open(objectPath(store, entry.sha256)).catch(() => null); // absent
    const found = object && (await hashFile(object, entry.size + 1));
    await object?.close();
    if (found?.sha256 !== entry.sha256) damaged.push(`${entry.path} (${objectPath(store, entry.sha256)})`);
  }
  if (damaged.length === 0) return;
  const more = damaged.length > 5 ? ` and ${damaged.length - 5} more` : "";
  throw new LabError(
    "snapshot/damaged",
    `Missing or damaged in the store of snapshots: ${damaged.slice(0, 5).join(", ")}${more}. The workspace was not changed.`,
    { mend: "Restore these objects from a backup, or go back to a step that does not need them." },
  );
}

interface RestoreContext {
  readonly root: FileHandle;
  readonly store: string;
  readonly wanted: Tree;
  readonly leftOut: ReadonlySet<string>;
  readonly changed: ReadonlySet<FileEntry>;
  readonly signal: AbortSignal;
}

class Restore {
  readonly #context: RestoreContext;
  #written = 0;
  #removed = 0;

  constructor(context: RestoreContext) {
    this.#context = context;
  }

  get result(): RestoreResult {
    return { written: this.#written, removed: this.#removed };
  }

  async folder(folder: FileHandle, path: string): Promise<void> {
    const { root, wanted, leftOut, signal } = this.#context;
    if (leftOut.has(path)) return;
    const before = this.#written + this.#removed;
    const entries = wanted.in(path);
    for (const { name, raw, status } of (await entriesOf(folder)) ?? []) {
      signal.throwIfAborted();
      const inner = path === "" ? name : `${path}/${name}`;
      const entry = entries.get(name);
      if (leftOut.has(inner) || status === null) continue;
      // A file gives way to its successor by a rename; only a folder in its place has to go first.
      const isInTheWay = entry?.kind === "folder" ? !status.isDirectory() : status.isDirectory();
      if (entry !== undefined && !isInTheWay) continue;
      await removeEntry(root, folder, raw);
      if (entry === undefined) this.#removed++;
    }
    const files: (() => Promise<void>)[] = [];
    for (const [name, entry] of entries) {
      if (entry.kind === "folder") await this.#inner(folder, name, entry);
      else if (entry.kind === "link") await this.#link(folder, name, entry);
      else files.push(() => this.#file(folder, name, entry));
    }
    await someAtOnce(files);
    if (this.#written + this.#removed > before) await folder.sync();
  }

  async #inner(
    folder: FileHandle,
    name: string,
    entry: Extract<SnapshotEntry, { kind: "folder" }>,
  ): Promise<void> {
    if (statusOf(folder, name) === null) await mkdir(entryOf(folder, name), 0o700);
    await using inner = await openFolder(folder, name);
    const isAsItWas = ((await inner.stat()).mode & 0o777) === entry.mode;
    // The mode that it gets in the end may forbid to write.
    if (!isAsItWas) await inner.chmod(0o700);
    await this.folder(inner, entry.path);
    if (!isAsItWas) await inner.chmod(entry.mode);
  }

  async #link(
    folder: FileHandle,
    name: string,
    { target }: Extract<SnapshotEntry, { kind: "link" }>,
  ): Promise<void> {
    if ((await readlink(entryOf(folder, name)).catch(() => null)) === target) return; // absent, or no link
    const draft = entryOf(folder, draftName());
    await symlink(target, draft);
    await rename(draft, entryOf(folder, name));
    this.#written++;
  }

  async #file(folder: FileHandle, name: string, entry: FileEntry): Promise<void> {
    const { changed, store, signal } = this.#context;
    signal.throwIfAborted();
    if (!changed.has(entry)) {
      await using file = await openFile(folder, name);
      if (((await file.stat()).mode & 0o777) !== entry.mode) await file.chmod(entry.mode);
      return;
    }
    const draft = entryOf(folder, draftName());
    await using object = await open(objectPath(store, entry.sha256));
    const file = await open(draft, "wx", 0o600);
    try {
      await hashFile(object, entry.size, (piece) => writeAll(file, piece));
      await file.chmod(entry.mode);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(draft, entryOf(folder, name));
    this.#written++;
  }
}
