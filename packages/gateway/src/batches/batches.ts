import { createId } from "../create-id.ts";
import { GatewayError, invalidRequest } from "../gateway-error.ts";
import type { BatchItem } from "./batch-item.ts";
import { type BatchObject, type BatchRecord, batchObject } from "./batch-record.ts";
import { BatchStore } from "./batch-store.ts";
import { runBatch } from "./run-batch.ts";
import type { AnswerItem } from "./run-item.ts";
import { Slots } from "./slots.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const RESULTS_KEPT_MS = 29 * DAY_MS;
const SWEEP_MS = 60 * 60 * 1000;

export interface BatchesOptions {
  /** Where batches are kept; made when it is missing. */
  readonly folder: string;
  /** Requests of all batches that are processed at once; default 4. */
  readonly concurrency?: number;
  /** Hears why a batch cannot go on, such as a full disk. It is tried again within the hour. */
  readonly onFailure?: (id: string, error: unknown) => void;
  readonly now?: () => number;
}

export interface CreateBatchOptions {
  readonly workspace: string;
  /** The name of the key that was shown; default null. */
  readonly key?: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

interface Run {
  readonly cancel: AbortController;
  readonly finished: Promise<void>;
}

/**
 * The batches of a server: kept in a folder, processed in the background, taken up again after a restart. A request
 * that was under way when the process ended is asked again; a result that was written stays.
 */
export class Batches implements AsyncDisposable {
  readonly #store: BatchStore;
  readonly #slots: Slots;
  readonly #concurrency: number;
  readonly #onFailure: (id: string, error: unknown) => void;
  readonly #now: () => number;
  readonly #runs = new Map<string, Run>();
  readonly #stop = new AbortController();
  #answer: AnswerItem | null = null;
  #sweeper: NodeJS.Timeout | null = null;

  private constructor(store: BatchStore, options: BatchesOptions) {
    this.#store = store;
    this.#concurrency = options.concurrency ?? 4;
    this.#slots = new Slots(this.#concurrency);
    this.#onFailure = options.onFailure ?? (() => {});
    this.#now = options.now ?? Date.now;
  }

  /** Throws a `GatewayError` (`batches_in_use`) when another process works in the folder. */
  static async open(options: BatchesOptions): Promise<Batches> {
    return new Batches(await BatchStore.open(options.folder), options);
  }

  /** Begins to process, with whatever an earlier process left undone. Called once, by the gateway. */
  start(answer: AnswerItem): void {
    this.#answer = answer;
    const sweep = (): void => {
      this.#sweep().catch((error: unknown) => this.#onFailure("all", error));
    };
    sweep();
    this.#sweeper = setInterval(sweep, SWEEP_MS).unref();
  }

  async create(
    items: readonly BatchItem[],
    { workspace, key = null, headers }: CreateBatchOptions,
  ): Promise<BatchObject> {
    const created = this.#now();
    const record: BatchRecord = {
      id: createId("msgbatch"),
      workspace,
      key,
      size: items.length,
      createdAt: new Date(created).toISOString(),
      expiresAt: new Date(created + DAY_MS).toISOString(),
      cancelInitiatedAt: null,
      endedAt: null,
      counts: null,
      archivedAt: null,
      headers,
    };
    await this.#store.create(record, items);
    this.#run(record);
    return batchObject(record);
  }

  get(id: string, workspace: string): BatchObject {
    return batchObject(this.#find(id, workspace));
  }

  /** Newest first. */
  list(workspace: string): readonly BatchObject[] {
    return this.#store
      .list()
      .filter((record) => record.workspace === workspace)
      .map(batchObject);
  }

  /** No further request begins; those under way are finished. Cancelling again changes nothing. */
  async cancel(id: string, workspace: string): Promise<BatchObject> {
    this.#find(id, workspace);
    const cancelInitiatedAt = this.#time();
    const record = await this.#store.update(id, (latest) =>
      latest.endedAt === null && latest.cancelInitiatedAt === null
        ? { ...latest, cancelInitiatedAt }
        : latest,
    );
    this.#runs.get(id)?.cancel.abort();
    return batchObject(record);
  }

  /** JSON lines. Throws `invalid_request` while there are none. */
  results(id: string, workspace: string): ReadableStream<Uint8Array> {
    const { endedAt, archivedAt } = this.#find(id, workspace);
    if (endedAt === null) {
      throw invalidRequest(`The batch ${id} has no results yet: it is still being processed.`);
    }
    if (archivedAt !== null)
      throw invalidRequest(`The results of the batch ${id} were deleted on ${archivedAt}.`);
    return this.#store.readResults(id);
  }

  async delete(id: string, workspace: string): Promise<void> {
    if (this.#find(id, workspace).endedAt === null) {
      throw invalidRequest(
        `The batch ${id} is still being processed and cannot be deleted; cancel it first.`,
      );
    }
    await this.#store.remove(id);
  }

  /** Stops at once; what is under way is done again by the next process. */
  async close(): Promise<void> {
    this.#stop.abort(new DOMException("The server stops", "AbortError"));
    if (this.#sweeper) clearInterval(this.#sweeper);
    await Promise.all([...this.#runs.values()].map(({ finished }) => finished));
    this.#store.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #find(id: string, workspace: string): BatchRecord {
    const record = this.#store.find(id);
    if (record?.workspace === workspace) return record;
    throw new GatewayError(`Batch not found: ${id}`, {
      code: "batch_not_found",
      status: 404,
      type: "not_found_error",
    });
  }

  #run(record: BatchRecord): void {
    const answer = this.#answer;
    if (!answer) return;
    const cancel = new AbortController();
    if (record.cancelInitiatedAt !== null) cancel.abort();
    const finished = this.#work(record, answer, cancel.signal)
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.#onFailure(record.id, error);
      })
      .finally(() => this.#runs.delete(record.id));
    this.#runs.set(record.id, { cancel, finished });
  }

  async #work(record: BatchRecord, answer: AnswerItem, cancelled: AbortSignal): Promise<void> {
    const expire = new AbortController();
    const left = Date.parse(record.expiresAt) - this.#now();
    const timer = setTimeout(() => expire.abort(), Math.max(left, 0)).unref();
    if (left <= 0) expire.abort();
    try {
      const counts = await runBatch(record, {
        store: this.#store,
        answer,
        slots: this.#slots,
        concurrency: this.#concurrency,
        signal: this.#stop.signal,
        cancelled,
        expired: expire.signal,
      });
      const endedAt = this.#time();
      await this.#store.update(record.id, (latest) => ({ ...latest, counts, endedAt }));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Takes up what is not finished and not under way, and deletes results that have become old. */
  async #sweep(): Promise<void> {
    const records = [...this.#store.list()].reverse();
    for (const record of records) {
      if (record.endedAt === null && !this.#runs.has(record.id)) this.#run(record);
    }
    for (const { id, createdAt, endedAt, archivedAt } of records) {
      const isOld = Date.parse(createdAt) + RESULTS_KEPT_MS <= this.#now();
      if (endedAt !== null && archivedAt === null && isOld) await this.#store.archive(id, this.#time());
    }
  }

  #time(): string {
    return new Date(this.#now()).toISOString();
  }
}
