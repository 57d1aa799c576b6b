import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  LineLog,
  readLines,
  syncDirectory,
  takeFileLock,
  toDiskFull,
  writeDurably,
} from "@ml-intern/durable";
import { GatewayError } from "../gateway-error.ts";
import type { BatchItem, BatchResultLine } from "./batch-item.ts";
import type { BatchRecord } from "./batch-record.ts";

const RECORD = "batch.json";
const REQUESTS = "requests.jsonl";
const RESULTS = "results.jsonl";
/** The name of a batch's folder until all of it is on disk. */
const DRAFT = ".draft";

/**
 * Batches as files: a folder each, with its record, its requests and its results, one JSON object a line. What a
 * method has resolved for survives kill -9. One process at a time holds a store.
 */
export class BatchStore {
  readonly #folder: string;
  readonly #records: Map<string, BatchRecord>;
  readonly #release: () => void;
  #updating: Promise<unknown> = Promise.resolve();

  private constructor(folder: string, records: Map<string, BatchRecord>, release: () => void) {
    this.#folder = folder;
    this.#records = records;
    this.#release = release;
  }

  /** Throws `batches_in_use` when another process has the folder. */
  static async open(folder: string): Promise<BatchStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const lock = await takeFileLock(join(folder, "lock"));
    if ("heldBy" in lock) throw inUse(folder, lock.heldBy);
    try {
      const records = new Map<string, BatchRecord>();
      for (const name of await readdir(folder)) {
        if (name.endsWith(DRAFT)) await rm(join(folder, name), { recursive: true });
        if (!name.startsWith("msgbatch_") || name.endsWith(DRAFT)) continue;
        records.set(name, JSON.parse(await readFile(join(folder, name, RECORD), "utf8")) as BatchRecord);
      }
      return new BatchStore(folder, records, lock.release);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Keeps a new batch, all of it or nothing. Throws `DiskFullError`. */
  async create(record: BatchRecord, items: Iterable<BatchItem>): Promise<void> {
    const draft = join(this.#folder, `${record.id}${DRAFT}`);
    try {
      await mkdir(draft, { mode: 0o700 });
      await writeItems(join(draft, REQUESTS), items);
      await writeDurably(join(draft, RECORD), JSON.stringify(record), { mode: 0o600 });
      await rename(draft, join(this.#folder, record.id));
      await syncDirectory(this.#folder);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      throw toDiskFull(error, draft);
    }
    this.#records.set(record.id, record);
  }

  /** Changes what is kept of a batch, one change after the other, and returns what it has become. */
  async update(id: string, change: (record: BatchRecord) => BatchRecord): Promise<BatchRecord> {
    const updated = this.#updating.then(async () => {
      const record = this.#records.get(id);
      if (!record) throw new Error(`There is no batch ${id}`);
      const next = change(record);
      await writeDurably(this.#path(id, RECORD), JSON.stringify(next), { mode: 0o600 });
      this.#records.set(id, next);
      return next;
    });
    this.#updating = updated.catch(() => {}); // the failure reaches the caller through `updated`
    return updated;
  }

  find(id: string): BatchRecord | null {
    return this.#records.get(id) ?? null;
  }

  /** Newest first. */
  list(): readonly BatchRecord[] {
    return [...this.#records.values()].sort(
      (a, b) => b.createdAt.localeCompare(a.createdAt) || b.id.localeCompare(a.id),
    );
  }

  async *items(id: string): AsyncGenerator<BatchItem, void, undefined> {
    for await (const line of readLines(this.#path(id, REQUESTS))) {
      yield JSON.parse(line.toString("utf8")) as BatchItem;
    }
  }

  /** The results for appending, after giving those that are there to `onResult`. */
  async openResults(id: string, onResult: (line: BatchResultLine) => void): Promise<LineLog> {
    return LineLog.open(this.#path(id, RESULTS), {
      onLine: (line) => onResult(JSON.parse(line) as BatchResultLine),
    });
  }

  /** The file of results as it stands. */
  readResults(id: string): ReadableStream<Uint8Array> {
    return Readable.toWeb(createReadStream(this.#path(id, RESULTS))) as ReadableStream<Uint8Array>;
  }

  /** Deletes requests and results; the record stays, and says when. */
  async archive(id: string, archivedAt: string): Promise<void> {
    await this.update(id, (record) => ({ ...record, archivedAt }));
    await rm(this.#path(id, REQUESTS), { force: true });
    await rm(this.#path(id, RESULTS), { force: true });
  }

  async remove(id: string): Promise<void> {
    const gone = join(this.#folder, `${id}${DRAFT}`);
    await rename(join(this.#folder, id), gone);
    this.#records.delete(id);
    await rm(gone, { recursive: true });
  }

  close(): void {
    this.#release();
  }

  #path(id: string, name: string): string {
    return join(this.#folder, id, name);
  }
}

async function writeItems(path: string, items: Iterable<BatchItem>): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    let text = "";
    for (const item of items) {
      text += `${JSON.stringify(item)}\n`;
      if (text.length < 1 << 20) continue;
      await file.appendFile(text);
      text = "";
    }
    await file.appendFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function inUse(folder: string, pid: number): GatewayError {
  return new GatewayError(`The batches in ${folder} are being processed by another server (process ${pid})`, {
    code: "batches_in_use",
    status: 503,
    type: "api_error",
    mend: "Stop that server, or give this one another home (ML_INTERN_HOME).",
  });
}
