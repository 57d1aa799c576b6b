import { fstatSync } from "node:fs";
import { constants, type FileHandle, open } from "node:fs/promises";
import { setImmediate as restOfTheTurn } from "node:timers/promises";
import { toDiskFull } from "./disk-full-error.ts";
import { FileDeletedError } from "./file-deleted-error.ts";
import { readLines } from "./read-lines.ts";

/** A write resolves when it is on disk. */
const SYNCED_APPEND = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_DSYNC;

/**
 * An append-only file of lines. `append` resolves when the line is on disk (written and synced), so an acknowledged
 * line survives kill -9 and power loss. Appends of one turn of the event loop, or that arrive while a sync is under way, share
 * the next one; none is ever written without those before it.
 */
export class LineLog {
  readonly #path: string;
  readonly #file: FileHandle;
  #size: number;
  #pending: { readonly lines: string[]; readonly done: Promise<void> } | null = null;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle, size: number) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
  }

  /**
   * Opens for appending, after giving every line that is there to `onLine`; a missing file is an empty one. A last
   * line without its line feed was never acknowledged: it is cut off. Holds one line at a time in memory. Who has read the
   * file already says how many bytes its whole lines take: then it is not read again, and `onLine` is told nothing.
   */
  static async open(
    path: string,
    {
      mode = 0o600,
      onLine = () => {},
      wholeBytes = null,
    }: {
      readonly mode?: number;
      readonly onLine?: (line: string) => void;
      readonly wholeBytes?: number | null;
    } = {},
  ): Promise<LineLog> {
    const file = await open(path, SYNCED_APPEND, mode);
    try {
      let size = wholeBytes ?? 0;
      if (wholeBytes === null) {
        for await (const line of readLines(path)) {
          size += line.byteLength + 1;
          onLine(line.toString("utf8"));
        }
      }
      await file.truncate(size);
      return new LineLog(path, file, size);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Length in bytes of what is acknowledged. */
  get size(): number {
    return this.#size;
  }

  /**
   * The line must not hold a line feed. Throws `DiskFullError`, and so does every append that waits behind it; the log then
   * stands as it was and can go on.
   */
  append(line: string): Promise<void> {
    this.#pending ??= this.#begin();
    this.#pending.lines.push(`${line}\n`);
    return this.#pending.done;
  }

  #begin(): { readonly lines: string[]; readonly done: Promise<void> } {
    const lines: string[] = [];
    const done = Promise.all([this.#writing, restOfTheTurn()])
      .finally(() => {
        this.#pending = null;
      })
      .then(() => this.#write(lines.join("")));
    this.#writing = done;
    // The failure reaches every caller through `done`, and those behind it through `#writing`.
    done.catch(() => {
      if (this.#writing === done) this.#writing = Promise.resolve();
    });
    return { lines, done };
  }

  async #write(text: string): Promise<void> {
    try {
      await this.#file.appendFile(text);
      if (fstatSync(this.#file.fd).nlink === 0) throw new FileDeletedError(this.#path);
      this.#size += Buffer.byteLength(text);
    } catch (error) {
      // What was written of it must not stay in front of the next line; if this fails too, the next `open` does it.
      await this.#file.truncate(this.#size).catch(() => undefined);
      throw toDiskFull(error, this.#path);
    }
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.#writing.catch(() => undefined); // its callers know
    await this.#file.close();
  }
}
