import { randomUUID } from "node:crypto";
import { access, constants, type FileHandle, open, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StateError } from "./state-error.ts";
import { writePieces } from "./vectored.ts";

export interface ScratchFileOptions {
  /** What the largest state takes; where there is less room the next folder is tried. */
  readonly bytes: number;
  /** Default the memory disk, where there is one, and then the folder for temporary files. */
  readonly folders?: readonly string[];
}

/**
 * The file through which states go to and from llama.cpp, which reads and writes states nowhere else. It stays open,
 * since a new file takes twice as long to fill. It holds what people wrote, so it can be read by its owner only, and
 * where the system allows it has no name at all: nothing stays behind, however the process ends.
 */
export class ScratchFile {
  readonly #handle: FileHandle;
  /** What llama.cpp opens. */
  readonly path: string;
  readonly #named: string | null;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(handle: FileHandle, { path, named }: { path: string; named: string | null }) {
    this.#handle = handle;
    this.path = path;
    this.#named = named;
  }

  static async open({ bytes, folders = FOLDERS }: ScratchFileOptions): Promise<ScratchFile> {
    const folder = await roomyFolder(folders, bytes);
    const named = join(folder, `ml-intern-${randomUUID()}.state`);
    const handle = await open(named, "wx+", 0o600).catch((error: unknown) => {
      throw noRoom(`no file can be made in ${folder}`, error);
    });
    const nameless = `/proc/self/fd/${handle.fd}`;
    const hasNameless = await access(nameless).then(
      () => true,
      () => false,
    );
    if (!hasNameless) return new ScratchFile(handle, { path: named, named });
    await rm(named);
    return new ScratchFile(handle, { path: nameless, named: null });
  }

  /**
   * Waits until nobody else uses the file; whoever has left by then does not get it. What the file held before means
   * nothing, and neither does what it holds after.
   */
  async use<T>(action: (file: FileHandle) => Promise<T>, { signal }: { signal: AbortSignal }): Promise<T> {
    const mine = this.#turn.then(async () => {
      signal.throwIfAborted();
      try {
        return await action(this.#handle);
      } finally {
        await this.#shrink();
      }
    });
    this.#turn = mine.catch(() => {});
    return mine;
  }

  /** Waits for the user of the moment. Does nothing the second time. */
  async close(): Promise<void> {
    await this.#turn;
    await this.#handle.close();
    if (this.#named !== null) await rm(this.#named, { force: true });
  }

  /** A memory disk takes memory for what the file holds, so a large state does not stay. */
  async #shrink(): Promise<void> {
    const { size } = await this.#handle.stat();
    if (size > KEPT_BYTES) await this.#handle.truncate(KEPT_BYTES);
  }
}

const FOLDERS: readonly string[] = ["/dev/shm", tmpdir()];
const KEPT_BYTES = 64 * 1024 * 1024;

/** Makes the pieces all that the file holds. Throws a {@link StateError} with the code `no_room` when it cannot. */
export async function writeWhole(handle: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  const written = await writePieces(handle, pieces)
    .then(async (bytes) => {
      await handle.truncate(bytes);
      return bytes;
    })
    .catch((error: unknown) => {
      throw noRoom("the state cannot be written", error);
    });
  const { size } = await handle.stat();
  if (size !== written) throw noRoom(`the file has ${size} of ${written} bytes`);
}

/** The first folder with room for twice the bytes, or the last. */
async function roomyFolder(folders: readonly string[], bytes: number): Promise<string> {
  for (const folder of folders.slice(0, -1)) {
    const isRoomy = await access(folder, constants.W_OK)
      .then(() => statfs(folder))
      .then(
        ({ bavail, bsize }) => bavail * bsize >= 2 * bytes,
        () => false,
      );
    if (isRoomy) return folder;
  }
  return folders.at(-1) ?? tmpdir();
}

function noRoom(message: string, cause?: unknown): StateError {
  return new StateError("no_room", message, { cause });
}
