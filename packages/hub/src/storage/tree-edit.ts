import { Refusal } from "../refusal.ts";
import type { ObjectStore } from "./object-store.ts";

/** One change to a snapshot of files. Blobs are stored before; an edit only names them. */
export type TreeEdit =
  | { readonly kind: "put"; readonly path: string; readonly oid: string }
  | { readonly kind: "remove_file"; readonly path: string }
  | { readonly kind: "remove_folder"; readonly path: string };

interface Folder {
  readonly children: Map<string, Child>;
}
/** A folder is read only when an edit goes into it; until then it is known by its oid. */
type Child = { kind: "file"; oid: string } | { kind: "folder"; oid: string; loaded: Folder | null };

/** Applies edits in order to the tree (null = empty) and stores the result; answers the new tree's oid. */
export async function editTree(
  objects: ObjectStore,
  { tree, edits }: { tree: string | null; edits: readonly TreeEdit[] },
): Promise<string> {
  const root = await load(objects, tree);
  for (const edit of edits) await apply(objects, root, edit);
  return (await store(objects, root)) ?? objects.putTree([]);
}

async function load(objects: ObjectStore, oid: string | null): Promise<Folder> {
  const children = new Map<string, Child>();
  for (const entry of oid ? await objects.tree(oid) : []) {
    children.set(
      entry.name,
      entry.kind === "file"
        ? { kind: "file", oid: entry.oid }
        : { kind: "folder", oid: entry.oid, loaded: null },
    );
  }
  return { children };
}

async function enter(objects: ObjectStore, child: Child & { kind: "folder" }): Promise<Folder> {
  child.loaded ??= await load(objects, child.oid);
  return child.loaded;
}

async function apply(objects: ObjectStore, root: Folder, edit: TreeEdit): Promise<void> {
  const parts = edit.path.split("/");
  const last = parts.pop() ?? "";
  let folder = root;
  for (const part of parts) {
    let child = folder.children.get(part);
    if (child?.kind === "file" && edit.kind === "put") {
      throw new Refusal("invalid", `Cannot add "${edit.path}": "${part}" is a file, not a folder`);
    }
    if (child?.kind !== "folder") {
      if (edit.kind !== "put") throw missing(edit.path);
      child = { kind: "folder", oid: "", loaded: { children: new Map() } };
      folder.children.set(part, child);
    }
    folder = await enter(objects, child);
  }
  const existing = folder.children.get(last);
  if (edit.kind === "put") {
    if (existing?.kind === "folder" && !(await isEmpty(objects, existing))) {
      throw new Refusal("invalid", `Cannot add "${edit.path}": a folder has that name`);
    }
    folder.children.set(last, { kind: "file", oid: edit.oid });
    return;
  }
  if (existing?.kind !== (edit.kind === "remove_file" ? "file" : "folder")) throw missing(edit.path);
  folder.children.delete(last);
}

async function isEmpty(objects: ObjectStore, child: Child & { kind: "folder" }): Promise<boolean> {
  for (const inner of (await enter(objects, child)).children.values()) {
    if (inner.kind === "file" || !(await isEmpty(objects, inner))) return false;
  }
  return true;
}

function missing(path: string): Refusal {
  return new Refusal("entry_not_found", `A file with this name doesn't exist: ${path}`);
}

async function store(objects: ObjectStore, folder: Folder): Promise<string | null> {
  const entries = [];
  for (const [name, child] of folder.children) {
    const edited = child.kind === "folder" ? child.loaded : null;
    const oid = edited ? await store(objects, edited) : child.oid;
    // Git has no empty folders.
    if (oid !== null) entries.push({ name, kind: child.kind, oid });
  }
  return entries.length === 0 ? null : objects.putTree(entries);
}
