import type { Hash } from "node:crypto";
import { errorOf } from "../../http/error-of.ts";
import { offline } from "../../http/web-client.ts";
import { WebError } from "../../http/web-error.ts";
import type { Hub } from "../hub.ts";
import { fileUrl, type HubRepo } from "../hub-repo.ts";
import type { HubFile } from "../repositories/list-hub-files.ts";
import type { BlobStore } from "./blob-store.ts";
import { startCheck, sumOf } from "./content-check.ts";

export interface FileDownload {
  readonly store: BlobStore;
  readonly repo: HubRepo;
  readonly commit: string;
  readonly file: HubFile;
  /** Told of bytes that have arrived; negative when they were not right and have been thrown away. */
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Brings one file into the store: goes on where an earlier download stopped, also one whose process was killed, and checks it.
 * What was not right is fetched once more from its beginning. A stop keeps what has arrived. Returns how much the network
 * had to bring.
 */
export async function downloadFile(hub: Hub, download: FileDownload): Promise<number> {
  const { store, file, onBytes, signal } = download;
  using _claim = await store.claim(file, signal);
  // Somebody else may have brought it while this one waited.
  if (await store.has(file, signal)) {
    onBytes(file.size);
    return 0;
  }
  let fetched = 0;
  for (let attempt = 0; ; attempt++) {
    const filled = await fill(hub, download, { isRestarted: false });
    fetched += filled.fetched;
    if (filled.sum.digest("hex") === file.checksum.hash) {
      await store.finish(file);
      return fetched;
    }
    await store.dropPart(file);
    onBytes(-file.size);
    if (attempt > 0) throw wrongChecksum(hub, download);
  }
}

/** Fetches what is missing of the part, and gives the sum of the whole. */
async function fill(
  hub: Hub,
  download: FileDownload,
  { isRestarted }: { readonly isRestarted: boolean },
): Promise<{ readonly sum: Hash; readonly fetched: number }> {
  const { store, file, onBytes, signal } = download;
  const begun = await store.begun(file);
  const sum = begun === 0 ? startCheck(file) : await sumOf(store.partOf(file), file, signal);
  onBytes(begun);
  if (file.size === 0) await store.append(file, none());
  let done = begun;
  const take = (piece: Uint8Array): void => {
    if (done + piece.byteLength > file.size) throw wrongLength(hub, download);
    done += piece.byteLength;
    sum.update(piece);
    onBytes(piece.byteLength);
  };
  for (let broken = 0; done < file.size; ) {
    const before = done;
    try {
      await using rest = await fetchFrom(hub, download, done);
      if (rest === null) {
        if (isRestarted)
          throw brokeOff(hub, download, { done, cause: new Error("the service does not send the rest") });
        await store.dropPart(file);
        onBytes(-done);
        const whole = await fill(hub, download, { isRestarted: true });
        return { ...whole, fetched: whole.fetched + done - begun };
      }
      await store.append(file, taken(rest.pieces, take));
      if (done < file.size) throw new Error("the answer ended");
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof WebError && error.code === "web/wrong_checksum") await store.dropPart(file);
      if (!isBroken(error)) throw error;
      broken = done > before ? 0 : broken + 1;
      if (!(await hub.web.pause(broken, signal))) throw brokeOff(hub, download, { done, cause: error });
    }
  }
  return { sum, fetched: done - begun };
}

/** An answer under way; disposing of it lets the connection go, whether it was read or not. */
interface Rest extends AsyncDisposable {
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** The bytes from `start`; null when the service sends only the whole file and something of it is there already. */
async function fetchFrom(
  hub: Hub,
  { repo, commit, file, signal }: FileDownload,
  start: number,
): Promise<Rest | null> {
  const url = fileUrl(hub, { repo, revision: commit, path: file.path });
  if (hub.web.isOffline) throw offline(url);
  const headers = { "accept-encoding": "identity", ...(start > 0 && { range: `bytes=${start}-` }) };
  const { url: from, response, done } = await hub.web.open({ url, headers, signal });
  const begins = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
  const isWanted =
    start === 0 ? response.status === 200 : response.status === 206 && Number(begins) === start;
  const pieces = response.body;
  if (isWanted && pieces !== null) {
    const close = async (): Promise<void> => {
      await pieces.cancel().catch(() => undefined); // it broke off: that is said where it was read
      done[Symbol.dispose]();
    };
    return { pieces, [Symbol.asyncDispose]: close };
  }
  using _done = done;
  if (!response.ok && response.status !== 416) throw await errorOf(response, { url: from, now: Date.now() });
  await response.body?.cancel();
  return null;
}

async function* taken(
  pieces: AsyncIterable<Uint8Array>,
  take: (piece: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    take(piece);
    yield piece;
  }
}

async function* none(): AsyncGenerator<Uint8Array> {}

/** Whether an answer broke off. Failures of the disk, and what the client has tried again already, have a mend. */
function isBroken(error: unknown): boolean {
  return error instanceof Error && !("mend" in error) && !("syscall" in error && error.syscall === "write");
}

function brokeOff(
  hub: Hub,
  { repo, commit, file }: FileDownload,
  { done, cause }: { readonly done: number; readonly cause: unknown },
): WebError {
  const url = fileUrl(hub, { repo, revision: commit, path: file.path });
  const why = cause instanceof Error ? cause.message : String(cause);
  return new WebError(
    "web/unreachable",
    `${file.path} broke off after ${done} of ${file.size} bytes: ${why}.`,
    {
      url,
      mend: "Download again: it goes on where it stopped.",
      cause,
    },
  );
}

function wrongLength(hub: Hub, { repo, commit, file }: FileDownload): WebError {
  const url = fileUrl(hub, { repo, revision: commit, path: file.path });
  const message = `${file.path} is longer than the hub says (${file.size} bytes). It was not kept.`;
  return new WebError("web/wrong_checksum", message, {
    url,
    mend: "Something between here and the hub changes files. Try again later, or from another network.",
  });
}

function wrongChecksum(hub: Hub, { repo, commit, file }: FileDownload): WebError {
  const url = fileUrl(hub, { repo, revision: commit, path: file.path });
  const message = `${file.path} arrived twice with other bytes than the hub says (${file.checksum.hash.slice(0, 12)}…). It was not kept.`;
  return new WebError("web/wrong_checksum", message, {
    url,
    mend: "Something between here and the hub changes files, or the hub's copy is damaged. Try another revision or another network.",
  });
}
