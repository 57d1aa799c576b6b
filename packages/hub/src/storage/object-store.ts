import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { constants, deflate, inflate } from "node:zlib";
import { HubError } from "../hub-error.ts";
import { ensureFolder, failedWith, writeDurably } from "./durable-file.ts";
import {
  type Commit,
  decodeCommit,
  decodeTree,
  encodeCommit,
  encodeTree,
  frameObject,
  type GitObjectKind,
  objectId,
  parseHeader,
  type TreeEntry,
} from "./git-object.ts";
import { createLeastRecentlyUsed, type LeastRecentlyUsed } from "./least-recently-used.ts";
import { decodePointer, type LfsPointer, longestPointer } from "./lfs-pointer.ts";

const compress = promisify(deflate);
const decompress = promisify(inflate);

/** What a listing says about a file without reading all of it. */
export interface BlobFacts {
  readonly size: number;
  readonly lfs: LfsPointer | null;
}

/**
 * Git objects as loose files, in git's own format, so that `git cat-file` reads them too. Every read is checked against
 * the hash that is the object's name: damage is reported as HubError `hub/damaged` and never served.
 */
export interface ObjectStore {
  putBlob(content: Uint8Array): Promise<string>;
  putTree(entries: readonly TreeEntry[]): Promise<string>;
  putCommit(commit: Commit): Promise<string>;
  blob(oid: string): Promise<Buffer>;
  blobFacts(oid: string): Promise<BlobFacts>;
  tree(oid: string): Promise<readonly TreeEntry[]>;
  /** null when no commit has this id. */
  commit(oid: string): Promise<Commit | null>;
}

/** What is true of an object for ever, since its name is its hash: shared between requests. */
export interface ObjectCache {
  readonly trees: LeastRecentlyUsed<readonly TreeEntry[]>;
  readonly facts: LeastRecentlyUsed<BlobFacts>;
}

export function createObjectCache(): ObjectCache {
  return { trees: createLeastRecentlyUsed(1000), facts: createLeastRecentlyUsed(50_000) };
}

export interface ObjectStoreOptions {
  /** Must exist. */
  readonly folder: string;
  readonly temporary: string;
  readonly cache: ObjectCache;
}

export function createObjectStore({ folder, temporary, cache }: ObjectStoreOptions): ObjectStore {
  const pathOf = (oid: string): string => join(folder, oid.slice(0, 2), oid.slice(2));

  function damaged(oid: string, cause?: unknown): HubError {
    return new HubError("hub/damaged", `object ${oid} in ${folder} is damaged`, {
      mend: "restore this file from a backup, or upload the file that it belongs to again",
      cause,
    });
  }

  async function read(oid: string): Promise<{ kind: GitObjectKind; content: Buffer }> {
    let framed: Buffer;
    const stored = await readFile(pathOf(oid));
    try {
      framed = await decompress(stored);
    } catch (cause) {
      throw damaged(oid, cause);
    }
    const header = parseHeader(framed);
    if (!header || objectId(framed) !== oid) throw damaged(oid);
    return { kind: header.kind, content: framed.subarray(header.start) };
  }

  async function readKind(oid: string, kind: GitObjectKind): Promise<Buffer> {
    try {
      const object = await read(oid);
      if (object.kind === kind) return object.content;
    } catch (error) {
      if (!failedWith(error, "ENOENT")) throw error;
    }
    throw damaged(oid);
  }

  async function isStored(oid: string): Promise<boolean> {
    try {
      await read(oid);
      return true;
    } catch {
      // Absent, or damaged: both are mended by writing it again.
      return false;
    }
  }

  async function put(kind: GitObjectKind, content: Uint8Array): Promise<string> {
    const framed = frameObject(kind, content);
    const oid = objectId(framed);
    if (await isStored(oid)) return oid;
    await ensureFolder(join(folder, oid.slice(0, 2)));
    await writeDurably({ target: pathOf(oid), content: await compress(framed), temporary });
    return oid;
  }

  async function size(oid: string): Promise<number> {
    const handle = await open(pathOf(oid), "r");
    try {
      const start = Buffer.alloc(256);
      const { bytesRead } = await handle.read(start, 0, start.length, 0);
      const header = parseHeader(
        await decompress(start.subarray(0, bytesRead), { finishFlush: constants.Z_SYNC_FLUSH }),
      );
      if (header?.kind !== "blob") throw damaged(oid);
      return header.size;
    } finally {
      await handle.close();
    }
  }

  const blob = (oid: string): Promise<Buffer> => readKind(oid, "blob");

  return {
    putBlob: (content) => put("blob", content),
    putTree: (entries) => put("tree", encodeTree(entries)),
    putCommit: (commit) => put("commit", encodeCommit(commit)),
    blob,
    async blobFacts(oid) {
      const known = cache.facts.get(oid);
      if (known) return known;
      const bytes = await size(oid);
      const lfs = bytes <= longestPointer ? decodePointer(await blob(oid)) : null;
      const facts = { size: bytes, lfs };
      cache.facts.set(oid, facts);
      return facts;
    },
    async tree(oid) {
      const known = cache.trees.get(oid);
      if (known) return known;
      const entries = decodeTree(await readKind(oid, "tree"));
      cache.trees.set(oid, entries);
      return entries;
    },
    async commit(oid) {
      try {
        const object = await read(oid);
        return object.kind === "commit" ? decodeCommit(object.content) : null;
      } catch (error) {
        if (failedWith(error, "ENOENT")) return null;
        throw error;
      }
    },
  };
}
