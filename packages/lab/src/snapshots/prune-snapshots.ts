import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { hashesOf, listManifests, manifestPath, readManifest, storePaths } from "./snapshot-store.ts";

/**
 * Forgets every snapshot but those in `keep`, the objects that none of them needs, and what killed processes left half
 * written. Nothing else may write to the store meanwhile. Throws LabError "snapshot/damaged", and removes nothing, when one
 * that is to be kept cannot be read: nobody knows which objects it needs.
 */
export async function pruneSnapshots(options: {
  readonly store: string;
  readonly keep: readonly string[];
}): Promise<{ readonly snapshots: number; readonly objects: number }> {
  const { store } = options;
  const keep = new Set(options.keep);
  const { objects, manifests } = storePaths(store);
  const unwanted = (await listManifests(store)).filter((id) => !keep.has(id));
  // Only killed processes leave something behind. Reading what is to be kept takes long when there is much of it.
  if (unwanted.length === 0 && !(await hasDrafts([objects, manifests]))) return { snapshots: 0, objects: 0 };
  const needed = new Set<string>();
  for (const id of keep) {
    for (const entry of (await readManifest(store, id)).entries)
      for (const hash of hashesOf(entry)) needed.add(hash);
  }
  // The manifests go first: no snapshot is ever there without its objects.
  for (const id of unwanted) await rm(manifestPath(store, id), { force: true });
  for (const name of await namesIn(manifests)) if (!name.endsWith(".json")) await rm(join(manifests, name));
  const unneeded = (await namesIn(objects)).filter((name) => !needed.has(name));
  for (const name of unneeded) await rm(join(objects, name), { force: true });
  return { snapshots: unwanted.length, objects: unneeded.length };
}

async function hasDrafts(folders: readonly string[]): Promise<boolean> {
  const names = (await Promise.all(folders.map(namesIn))).flat();
  return names.some((name) => !/^[0-9a-f]{64}(\.json)?$/.test(name));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []); // nothing saved yet
}
