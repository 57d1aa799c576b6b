import { type FileHandle, open } from "node:fs/promises";
import { toDiskFull } from "./disk-full-error.ts";
import { readLines } from "./read-lines.ts";

/**
 * An append-only file of lines. `append` resolves when the line is on disk (written and synced), so an acknowledged
 * line survives kill -9 and power loss. Appends that arrive while a sync is under way share the next one.
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
   * line without its line feed was never acknowledged: it is cut off. Holds one line at a time in memory.
   */
  static async open(
    path: string,
    {
      mode = 0o600,
      onLine = () => {},
    }: { readonly mode?: number; readonly onLine?: (line: string) => void } = {},
  ): Promise<LineLog> {
    const file = await open(path, "a+", mode);
    try {
      let size = 0;
      for await (const line of readLines(path)) {
        size += line.byteLength + 1;
        onLine(line.toString("utf8"));
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

  /** The line must not hold a line feed. Throws `DiskFullError`; the log then stands as it was and can go on. */
  async append(line: string): Promise<void> {
    if (this.#pending === null) {
      const lines: string[] = [];
      const done = this.#writing.then(() => {
        this.#pending = null;
        return this.#write(lines.join(""));
      });
      this.#writing = done.catch(() => undefined); // the failure reaches every caller through `done`
      this.#pending = { lines, done };
    }
    this.#pending.lines.push(`${line}\n`);
    await this.#pending.done;
  }

  async #write(text: string): Promise<void> {
    try {
      await this.#file.appendFile(text);
      await this.#file.datasync();
      this.#size += Buffer.byteLength(text);
    } catch (error) {
      // What was written of it must not stay in front of the next line; if this fails too, the next `open` does it.
      await this.#file.truncate(this.#size).catch(() => undefined);
      throw toDiskFull(error, this.#path);
    }
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }
}
