import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import {
  constants,
  copyFile,
  type FileHandle,
  link,
  readdir,
  readFile,
  rename,
  stat,
} from "node:fs/promises";
import { join } from "node:path";
import { syncDirectory, writeDurably } from "@ml-intern/durable";
import { toDiskFull } from "../files/disk-full.ts";
import { LabError } from "../lab-error.ts";
import type { Manifest, StoredFile } from "./snapshot.ts";

/**
 * A folder of contents by their hash, shared by all snapshots in it: `objects/<sha256>` and `manifests/<sha256>.json`.
 * An object that has its name is whole: it is written beside, synced and renamed. One process at a time writes.
 */
export interface StorePaths {
  readonly objects: string;
  readonly manifests: string;
}

export function storePaths(store: string): StorePaths {
  return { objects: join(store, "objects"), manifests: join(store, "manifests") };
}

export const DRAFT = ".draft";
const PIECE = 256 * 1024;

/** Synchronous, since it is there already but for the first time. */
export function prepareStore(store: string): void {
  const { objects, manifests } = storePaths(store);
  for (const folder of [objects, manifests]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw toDiskFull(error, folder);
    }
  }
}

export function objectPath(store: string, sha256: string): string {
  return join(storePaths(store).objects, sha256);
}

export async function syncObjects(store: string): Promise<void> {
  await syncDirectory(storePaths(store).objects);
}

export async function hasObject(store: string, { sha256, size }: StoredFile): Promise<boolean> {
  const found = await stat(objectPath(store, sha256)).catch(() => null); // absent
  return found?.size === size;
}

/** Hashes an open file from its beginning, up to `room` bytes, giving each piece to `onPiece` first. */
export async function hashFile(
  file: FileHandle,
  room: number,
  onPiece?: (piece: Uint8Array) => Promise<void>,
): Promise<StoredFile> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(Math.min(PIECE, Math.max(room, 1)));
  let size = 0;
  while (size < room) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, room - size), size);
    if (bytesRead === 0) break;
    const piece = buffer.subarray(0, bytesRead);
    hash.update(piece);
    await onPiece?.(piece);
    size += bytesRead;
  }
  return { sha256: hash.digest("hex"), size };
}

export async function writeAll(file: FileHandle, piece: Uint8Array): Promise<void> {
  await file.writeFile(piece); // writes on from where the last piece ended
}

/** Writes a manifest and returns its id. Everything that it names has to be in the store; `known` is there already. */
export async function writeManifest(
  store: string,
  manifest: Manifest,
  { known: written }: { readonly known?: string | undefined } = {},
): Promise<string> {
  const text = JSON.stringify(manifest);
  const id = createHash("sha256").update(text).digest("hex");
  if (id === written) return id;
  const path = manifestPath(store, id);
  const known = await stat(path).catch(() => null); // absent
  if (known === null) await writeDurably(path, text, { mode: 0o400 });
  return id;
}

/** Throws LabError "snapshot/damaged" when there is no such snapshot, or when it is not what its name says. */
export async function readManifest(store: string, id: string): Promise<Manifest> {
  const bytes = await readFile(manifestPath(store, id)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (bytes !== null && createHash("sha256").update(bytes).digest("hex") === id)
    return JSON.parse(bytes.toString("utf8")) as Manifest;
  const what = bytes === null ? "is not there" : "is damaged";
  throw new LabError("snapshot/damaged", `The snapshot ${manifestPath(store, id)} ${what}.`, {
    mend: "Restore the file from a backup, or go back to another step: each has a snapshot of its own.",
  });
}

export async function listManifests(store: string): Promise<readonly string[]> {
  const names = await readdir(storePaths(store).manifests).catch(() => []); // nothing saved yet
  return names.filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -".json".length));
}

export function manifestPath(store: string, id: string): string {
  return join(storePaths(store).manifests, `${id}.json`);
}

/** Gives snapshots to another store. Objects never change, so where the file system can, both names mean one file. */
export async function copySnapshots(options: {
  readonly from: string;
  readonly to: string;
  readonly ids: readonly string[];
}): Promise<void> {
  const { from, to, ids } = options;
  prepareStore(to);
  const manifests = await Promise.all(ids.map((id) => readManifest(from, id)));
  const objects = new Set(manifests.flatMap(({ entries }) => entries.flatMap(hashesOf)));
  for (const sha256 of objects) await share(objectPath(from, sha256), objectPath(to, sha256));
  await syncObjects(to);
  for (const manifest of manifests) await writeManifest(to, manifest);
}

export function hashesOf(entry: Manifest["entries"][number]): readonly string[] {
  return entry.kind === "file" ? [entry.sha256] : [];
}

async function share(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // What is missing here is named when somebody needs it.
    if (code === "EEXIST" || code === "ENOENT") return;
    const draft = `${to}${DRAFT}`;
    await copyFile(from, draft, constants.COPYFILE_FICLONE);
    await rename(draft, to);
  }
}
