import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { LineLog, takeFileLock, writeDurably } from "@ml-intern/durable";
import { GatewayError } from "../../gateway-error.ts";
import { type CacheEntry, renewed } from "./cache-entry.ts";
import { entryLine, goneLine, readEntryLine } from "./entry-line.ts";
import type { EntryStore } from "./entry-store.ts";
import { MemoryEntryStore } from "./memory-entry-store.ts";

/** The file is written anew when it has this many lines more than twice as many as there are entries. */
const SPARE_LINES = 1_000;
/** After a failure, such as a full disk, nothing is written for so long. */
const PAUSE_MS = 30_000;

export interface FileEntryStoreOptions {
  readonly path: string;
  readonly now: () => number;
  readonly maxEntries?: number;
  /**
   * Learns when the file could not be written, and not again before something could; must not throw. Entries then live in
   * memory, and the file catches up.
   */
  readonly onError?: (error: unknown) => void;
}

/**
 * Entries in memory and in a file of lines, so that they survive a restart and a crash. Damaged lines are skipped, and
 * so are those of other versions. Writing is behind `put` by one sync of the disk. One process at a time has the file.
 */
export class FileEntryStore implements EntryStore {
  readonly #path: string;
  readonly #now: () => number;
  readonly #onError: (error: unknown) => void;
  readonly #memory: MemoryEntryStore;
  readonly #release: () => void;
  #log: LineLog | null = null;
  /** Lines in the file. */
  #lines = 0;
  /** Lines that wait to be written. */
  #waiting: string[] = [];
  #writing: Promise<void> | null = null;
  #failedAt = Number.NEGATIVE_INFINITY;
  #hasTold = false;

  private constructor(
    { path, now, maxEntries, onError = () => {} }: FileEntryStoreOptions,
    release: () => void,
  ) {
    this.#path = path;
    this.#now = now;
    this.#onError = onError;
    this.#memory = new MemoryEntryStore(maxEntries === undefined ? {} : { maxEntries });
    this.#release = release;
  }

  /** Throws `cache_in_use` when another process has the file, and what the file system says when it cannot be read. */
  static async open(options: FileEntryStoreOptions): Promise<FileEntryStore> {
    await mkdir(dirname(options.path), { recursive: true, mode: 0o700 });
    const lock = await takeFileLock(`${options.path}.lock`);
    if ("heldBy" in lock) throw inUse(options.path, lock.heldBy);
    const store = new FileEntryStore(options, lock.release);
    try {
      await store.#load();
    } catch (error) {
      lock.release();
      throw error;
    }
    await store.#catchUp();
    return store;
  }

  get size(): number {
    return this.#memory.size;
  }

  find(keys: readonly string[]): Promise<readonly (CacheEntry | null)[]> {
    return this.#memory.find(keys);
  }

  put(entries: readonly CacheEntry[]): void {
    this.#memory.put(entries);
    this.#append(entries.map(entryLine));
  }

  async delete(keys: readonly string[]): Promise<void> {
    this.#memory.drop(keys);
    this.#append(keys.map(goneLine));
    await this.#writing;
  }

  /** Nothing is written: lines say themselves when they end. */
  expire(before: number): void {
    this.#memory.expire(before);
  }

  scan(): AsyncGenerator<CacheEntry, void, undefined> {
    return this.#memory.scan();
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#log?.close();
    this.#log = null;
    this.#release();
  }

  async #load(): Promise<void> {
    const now = this.#now();
    const log = await LineLog.open(this.#path, {
      onLine: (text) => {
        const line = readEntryLine(text);
        if (line?.kind === "gone") this.#memory.drop([line.key]);
        if (line?.kind === "entry") this.#keep(line.entry, now);
      },
    });
    await log.close();
  }

  /** What a clock that was wrong has dated into the future gets its lifetime from now, not more. */
  #keep(entry: CacheEntry, now: number): void {
    const kept = entry.startedAt > now ? renewed(entry, now) : entry;
    if (kept.expiresAt > now) this.#memory.put([kept]);
  }

  #append(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#waiting.push(...lines);
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      const isLong = this.#lines + lines.length > 2 * this.#memory.size + SPARE_LINES;
      if (isLong || this.#log === null) await this.#catchUp();
      else await this.#writeLines(this.#log, lines);
    }
    this.#writing = null;
  }

  async #writeLines(log: LineLog, lines: readonly string[]): Promise<void> {
    try {
      await Promise.all(lines.map((line) => log.append(line)));
      this.#lines += lines.length;
      this.#hasTold = false;
    } catch (error) {
      await this.#fail(error);
    }
  }

  /** Writes the file anew from what is in memory. */
  async #catchUp(): Promise<void> {
    if (Math.abs(this.#now() - this.#failedAt) < PAUSE_MS) return;
    try {
      const lines = [...this.#memory.entries()].map((entry) => `${entryLine(entry)}\n`);
      await writeDurably(this.#path, lines.join(""), { mode: 0o600 });
      await this.#log?.close();
      this.#log = await LineLog.open(this.#path);
      this.#lines = lines.length;
    } catch (error) {
      await this.#fail(error);
    }
  }

  async #fail(error: unknown): Promise<void> {
    this.#failedAt = this.#now();
    // A handle that cannot even be closed is gone as well.
    await this.#log?.close().catch(() => undefined);
    this.#log = null;
    if (!this.#hasTold) this.#onError(error);
    this.#hasTold = true;
  }
}

function inUse(path: string, pid: number): GatewayError {
  return new GatewayError(`The prompt cache in ${path} is used by another server (process ${pid})`, {
    code: "cache_in_use",
    status: 503,
    type: "api_error",
    mend: "Stop that server, or give this one another home (ML_INTERN_HOME).",
  });
}
