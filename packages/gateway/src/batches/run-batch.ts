import type { BatchItem, BatchResult } from "./batch-item.ts";
import type { BatchCounts, BatchRecord } from "./batch-record.ts";
import type { BatchStore } from "./batch-store.ts";
import { type AnswerItem, runItem } from "./run-item.ts";
import type { Slots } from "./slots.ts";

export interface RunBatchOptions {
  readonly store: BatchStore;
  readonly answer: AnswerItem;
  /** Shared by all batches of the process. */
  readonly slots: Slots;
  /** How many requests of this batch may be asking for a slot at once. */
  readonly concurrency: number;
  /** The process stops: what is under way is given up and done again next time. */
  readonly signal: AbortSignal;
  readonly cancelled: AbortSignal;
  readonly expired: AbortSignal;
}

/**
 * Works through the requests of a batch that have no result yet, and returns how all of them ended. Each result is on
 * disk before it counts. Once the batch is cancelled or has expired no request begins; those under way are finished.
 */
export async function runBatch(record: BatchRecord, options: RunBatchOptions): Promise<BatchCounts> {
  const { store, slots, concurrency, cancelled, expired, answer } = options;
  const { id, workspace, key = null } = record;
  const headers = new Headers(record.headers);
  const counts = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 };
  const done = new Set<string>();
  const results = await store.openResults(id, ({ custom_id, result }) => {
    done.add(custom_id);
    counts[result.type]++;
  });
  const hurry = AbortSignal.any([cancelled, expired]);
  // A result that cannot be written ends the work of all.
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);

  async function resultOf(item: BatchItem): Promise<BatchResult> {
    const free = hurry.aborted ? null : await slots.take(AbortSignal.any([signal, hurry])).catch(() => null);
    signal.throwIfAborted();
    try {
      const result = free && (await runItem(item, { answer, workspace, key, headers, signal, hurry }));
      return result ?? { type: cancelled.aborted ? "canceled" : "expired" };
    } finally {
      free?.();
    }
  }

  try {
    const items = store.items(id);
    const work = async (): Promise<void> => {
      for (let next = await items.next(); !next.done; next = await items.next()) {
        const item = next.value;
        if (done.has(item.custom_id)) continue;
        const result = await resultOf(item);
        await results.append(JSON.stringify({ custom_id: item.custom_id, result }));
        counts[result.type]++;
      }
    };
    const workers = Array.from({ length: concurrency }, () => work().catch((error) => broken.abort(error)));
    await Promise.all(workers);
    signal.throwIfAborted();
    return counts;
  } finally {
    await results.close();
  }
}
