import { HubError } from "../hub-error.ts";
import type { Commit } from "./git-object.ts";
import type { ObjectStore } from "./object-store.ts";
import { entryAt } from "./tree-walk.ts";

export interface CommitWithId extends Commit {
  readonly oid: string;
}

/** The commit with this id; its absence is damage, since a reference names it. */
export async function requireCommit(objects: ObjectStore, oid: string): Promise<CommitWithId> {
  const commit = await objects.commit(oid);
  if (commit) return { ...commit, oid };
  throw new HubError("hub/damaged", `commit ${oid} is missing`, {
    mend: "restore the objects folder from a backup",
  });
}

/** A commit and everything before it, newest first. */
export async function* walkHistory(objects: ObjectStore, from: string): AsyncGenerator<CommitWithId> {
  let next: string | null = from;
  while (next) {
    const commit = await requireCommit(objects, next);
    yield commit;
    next = commit.parent;
  }
}

/** For each path the newest commit that changed it. */
export async function lastCommits(
  objects: ObjectStore,
  { from, paths }: { from: string; paths: readonly string[] },
): Promise<Map<string, CommitWithId>> {
  const found = new Map<string, CommitWithId>();
  const open = new Set(paths);
  const oidIn = async (tree: string, path: string) => (await entryAt(objects, tree, path))?.oid;
  for await (const commit of walkHistory(objects, from)) {
    if (open.size === 0) break;
    const parent = commit.parent ? await requireCommit(objects, commit.parent) : null;
    if (parent?.tree === commit.tree) continue;
    for (const path of [...open]) {
      const before = parent ? await oidIn(parent.tree, path) : undefined;
      if (before === (await oidIn(commit.tree, path))) continue;
      found.set(path, commit);
      open.delete(path);
    }
  }
  return found;
}
