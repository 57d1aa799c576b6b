import { WebError } from "../../http/web-error.ts";
import { globMatcher } from "../glob.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoName, repoPage } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";
import type { HubFile } from "../repositories/list-hub-files.ts";
import { BlobStore } from "./blob-store.ts";
import { checkRoom } from "./check-room.ts";
import { downloadFile } from "./download-file.ts";
import { locateFiles } from "./locate-files.ts";
import { SnapshotFolder } from "./snapshot-folder.ts";

export interface DownloadProgress {
  readonly files: number;
  readonly filesDone: number;
  readonly bytes: number;
  /** With what was there before. */
  readonly bytesDone: number;
}

export interface Download {
  readonly commit: string;
  /** The files by their paths; read-only, the same for everybody who downloads this commit. */
  readonly folder: string;
  readonly files: readonly HubFile[];
  /** What the network had to bring. */
  readonly bytesFetched: number;
}

export interface DownloadOptions {
  readonly repo: HubRepo;
  /** Branch, tag or commit; by default `main`. It is resolved to a commit first. */
  readonly revision?: string;
  /** Patterns of paths; by default everything. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** The content-addressed cache, shared by all downloads. */
  readonly folder: string;
  /** More than this is not begun. */
  readonly maxBytes: number;
  /** Files at a time; by default 4. */
  readonly atOnce?: number;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal: AbortSignal;
}

/**
 * Downloads files of a repository at one commit into the cache, each checked. What is there is not fetched again; a download that
 * was stopped or killed is gone on with. Without a network it gives what is there, or says what is missing.
 */
export async function downloadHubRepo(hub: Hub, options: DownloadOptions): Promise<Download> {
  const { repo, revision = "main", folder, maxBytes, signal } = options;
  const store = new BlobStore(folder);
  const snapshot = new SnapshotFolder(folder, { hub, repo });
  const { commit, files: all } = await locateFiles(hub, { repo, revision, snapshot, signal });
  const files = wanted(all, options, hub);
  const places = files.map((file) => ({ file, place: snapshot.placeOf(commit, file.path) }));
  // The same bytes may lie at several paths.
  const missing = new Map<string, HubFile>();
  for (const file of files) if (!(await store.has(file, signal))) missing.set(file.checksum.hash, file);
  await checkRoom(hub, { repo, store, missing: [...missing.values()], maxBytes });
  const work = (): Promise<number> => fetchAll(hub, { ...options, store, commit, files, missing });
  const bytesFetched = await aboutRepo(hub, { repo, work });
  for (const { file, place } of places) await store.show(file, place);
  return { commit, folder: snapshot.folderOf(commit), files, bytesFetched };
}

interface Fetching extends DownloadOptions {
  readonly store: BlobStore;
  readonly commit: string;
  readonly files: readonly HubFile[];
  /** By checksum. */
  readonly missing: ReadonlyMap<string, HubFile>;
}

/** Fetches what is missing, several files at a time. One that fails ends the others; what they have got so far stays. */
async function fetchAll(hub: Hub, fetching: Fetching): Promise<number> {
  const { repo, commit, store, files, missing, atOnce = 4, onProgress, signal } = fetching;
  const there = files.filter(({ checksum }) => !missing.has(checksum.hash));
  let filesDone = there.length;
  let bytesDone = sizeOf(there);
  let bytesFetched = 0;
  const [count, bytes] = [files.length, sizeOf(files)];
  const tell = (): void => onProgress?.({ files: count, filesDone, bytes, bytesDone });
  tell();

  const queue = [...missing.values()];
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const work = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const { hash } = file.checksum;
      const copies = files.filter(({ checksum }) => checksum.hash === hash).length;
      const onBytes = (arrived: number): void => {
        bytesDone += arrived * copies;
        tell();
      };
      const fetched = await downloadFile(hub, { store, repo, commit, file, onBytes, signal: either });
      bytesFetched += fetched;
      filesDone += copies;
      tell();
    }
  };
  const workers = Array.from({ length: atOnce }, () => work().catch((error: unknown) => failed.abort(error)));
  await Promise.all(workers);
  signal.throwIfAborted();
  failed.signal.throwIfAborted();
  return bytesFetched;
}

function wanted(
  files: readonly HubFile[],
  { repo, include = [], exclude = [] }: DownloadOptions,
  hub: Hub,
): readonly HubFile[] {
  const isIn = include.length === 0 ? () => true : globMatcher(include);
  const isOut = globMatcher(exclude);
  const found = files.filter(({ path }) => isIn(path) && !isOut(path));
  if (found.length > 0 || files.length === 0) return found;
  const some = files.slice(0, 10).map(({ path }) => path);
  const more = files.length > some.length ? ` and ${files.length - some.length} more` : "";
  const patterns = [...include, ...exclude.map((pattern) => `not ${pattern}`)].join(", ");
  throw new WebError("web/not_found", `No file of ${repoName(repo)} fits ${patterns}.`, {
    url: repoPage(hub, repo),
    mend: `It has ${some.join(", ")}${more}.`,
  });
}

function sizeOf(files: readonly HubFile[]): number {
  return files.reduce((total, { size }) => total + size, 0);
}
