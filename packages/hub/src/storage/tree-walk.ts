import type { TreeEntry } from "./git-object.ts";
import type { ObjectStore } from "./object-store.ts";

export interface PathEntry {
  readonly path: string;
  readonly kind: "file" | "folder";
  readonly oid: string;
}

/** The file or folder at a path, or null. The empty path is the root. */
export async function entryAt(objects: ObjectStore, tree: string, path: string): Promise<PathEntry | null> {
  let found: PathEntry = { path: "", kind: "folder", oid: tree };
  for (const part of path === "" ? [] : path.split("/")) {
    if (found.kind !== "folder") return null;
    const child: TreeEntry | undefined = (await objects.tree(found.oid)).find((entry) => entry.name === part);
    if (!child) return null;
    found = { path: found.path === "" ? part : `${found.path}/${part}`, kind: child.kind, oid: child.oid };
  }
  return found;
}

/** What lies in a folder, folders before what is in them; `recursive` goes all the way down. */
export async function* walkTree(
  objects: ObjectStore,
  { tree, path = "", recursive }: { tree: string; path?: string; recursive: boolean },
): AsyncGenerator<PathEntry> {
  for (const { name, kind, oid } of await objects.tree(tree)) {
    const entry: PathEntry = { path: path === "" ? name : `${path}/${name}`, kind, oid };
    yield entry;
    if (recursive && kind === "folder") yield* walkTree(objects, { tree: oid, path: entry.path, recursive });
  }
}

/** All files of a snapshot, by path. */
export async function listFiles(objects: ObjectStore, tree: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const entry of walkTree(objects, { tree, recursive: true })) {
    if (entry.kind === "file") files.set(entry.path, entry.oid);
  }
  return files;
}

export interface FileChange {
  readonly path: string;
  /** null when the file was added. */
  readonly before: string | null;
  /** null when the file was removed. */
  readonly after: string | null;
}

/** The files that differ between two snapshots, in order of path. */
export async function compareTrees(
  objects: ObjectStore,
  before: string,
  after: string,
): Promise<FileChange[]> {
  if (before === after) return [];
  const [old, fresh] = [await listFiles(objects, before), await listFiles(objects, after)];
  const paths = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  return paths
    .map((path) => ({ path, before: old.get(path) ?? null, after: fresh.get(path) ?? null }))
    .filter((change) => change.before !== change.after);
}
