import { WebError } from "../../http/web-error.ts";
import { describeBytes } from "../describe-bytes.ts";
import { globMatcher } from "../glob.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoName, repoPage } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";
import { type HubFile, listHubFiles } from "../repositories/list-hub-files.ts";
import { resolveRevision } from "../repositories/resolve-revision.ts";
import { BlobStore } from "./blob-store.ts";
import { downloadFile } from "./download-file.ts";
import { SnapshotFolder, spaceLeft } from "./snapshot-folder.ts";

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
  const { repo, revision = "main", folder, maxBytes, atOnce = 4, onProgress, signal } = options;
  const store = new BlobStore(folder);
  const snapshot = new SnapshotFolder(folder, repo);
  const commit = await findCommit(hub, { repo, revision, snapshot, signal });
  const files = wanted(await findFiles(hub, { repo, commit, snapshot, signal }), options, hub);
  // The same bytes may lie at several paths.
  const missing = new Map<string, HubFile>();
  const places = files.map((file) => ({ file, place: snapshot.placeOf(commit, file.path) }));
  for (const file of files) if (!(await store.has(file, signal))) missing.set(file.checksum.hash, file);
  await checkSize(hub, { repo, store, missing: [...missing.values()], maxBytes });

  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const duplicates = files.filter(
    (file) => missing.has(file.checksum.hash) && missing.get(file.checksum.hash) !== file,
  );
  let bytesDone = files.reduce((sum, file) => sum + (missing.has(file.checksum.hash) ? 0 : file.size), 0);
  bytesDone += duplicates.reduce((sum, { size }) => sum + size, 0);
  let filesDone = files.length - missing.size;
  const tell = (): void => onProgress?.({ files: files.length, filesDone, bytes, bytesDone });
  tell();

  let bytesFetched = 0;
  const queue = [...missing.values()];
  // One that fails ends the others; what they have got so far stays.
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const work = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const onBytes = (count: number): void => {
        bytesDone += count;
        tell();
      };
      const fetched = await downloadFile(hub, { store, repo, commit, file, onBytes, signal: either });
      bytesFetched += fetched;
      filesDone++;
      tell();
    }
  };
  const workers = Array.from({ length: atOnce }, () =>
    work().catch((error: unknown) => {
      if (!failed.signal.aborted) failed.abort(error);
    }),
  );
  await Promise.all(workers);
  signal.throwIfAborted();
  if (failed.signal.aborted) {
    const error: unknown = failed.signal.reason;
    await aboutRepo(hub, { repo, work: () => Promise.reject(error) });
  }
  for (const { file, place } of places) await store.show(file, place);
  return { commit, folder: snapshot.folderOf(commit), files, bytesFetched };
}

interface Finding {
  readonly repo: HubRepo;
  readonly snapshot: SnapshotFolder;
  readonly signal: AbortSignal;
}

async function findCommit(
  hub: Hub,
  { repo, revision, snapshot, signal }: Finding & { readonly revision: string },
): Promise<string> {
  try {
    const commit = await resolveRevision(hub, { repo, revision, signal });
    await snapshot.remember(revision, commit);
    return commit;
  } catch (error) {
    const seen = isAway(error) ? await snapshot.lastSeen(revision) : null;
    if (seen === null) throw error;
    return seen;
  }
}

async function findFiles(
  hub: Hub,
  { repo, commit, snapshot, signal }: Finding & { readonly commit: string },
): Promise<readonly HubFile[]> {
  const known = await snapshot.files(commit);
  if (known !== null) return known;
  const files = await listHubFiles(hub, { repo, revision: commit, signal });
  await snapshot.rememberFiles(commit, files);
  return files;
}

function wanted(
  files: readonly HubFile[],
  { repo, include, exclude = [] }: DownloadOptions,
  hub: Hub,
): HubFile[] {
  const isIn = include === undefined || include.length === 0 ? () => true : globMatcher(include);
  const isOut = globMatcher(exclude);
  const found = files.filter(({ path }) => isIn(path) && !isOut(path));
  if (found.length > 0 || files.length === 0) return found;
  const some = files.slice(0, 10).map(({ path }) => path);
  const more = files.length > some.length ? ` and ${files.length - some.length} more` : "";
  throw new WebError("web/not_found", `No file of ${repoName(repo)} fits ${include?.join(", ") ?? "this"}.`, {
    url: repoPage(hub, repo),
    mend: `It has ${some.join(", ")}${more}.`,
  });
}

async function checkSize(
  hub: Hub,
  options: {
    readonly repo: HubRepo;
    readonly store: BlobStore;
    readonly missing: readonly HubFile[];
    readonly maxBytes: number;
  },
): Promise<void> {
  const { repo, store, missing, maxBytes } = options;
  const wholes = missing.reduce((sum, { size }) => sum + size, 0);
  const begun = await Promise.all(missing.map((file) => store.begun(file)));
  const toFetch = wholes - begun.reduce((sum, size) => sum + size, 0);
  const say = (why: string, mend: string): WebError =>
    new WebError(
      "web/too_large",
      `${repoName(repo)}: ${describeBytes(toFetch)} would have to be fetched, ${why}.`,
      {
        url: repoPage(hub, repo),
        mend,
      },
    );
  if (wholes > maxBytes) {
    const largest = [...missing].sort((a, b) => b.size - a.size).slice(0, 3);
    const named = largest.map(({ path, size }) => `${path} (${describeBytes(size)})`).join(", ");
    throw say(
      `and the limit is ${describeBytes(maxBytes)}`,
      `Take fewer files with include and exclude, or allow more. The largest are ${named}.`,
    );
  }
  const left = await spaceLeft(store.folder);
  if (left !== null && toFetch > left) {
    throw say(
      `and ${store.folder} has room for ${describeBytes(left)}`,
      "Free space there, or use a folder on another disk.",
    );
  }
}

function isAway(error: unknown): boolean {
  const away = ["web/offline", "web/unreachable", "web/timeout", "web/server", "web/rate_limited"];
  return error instanceof WebError && away.includes(error.code);
}
