/** How the requests of a batch stand. The sum is the size of the batch. */
export interface BatchCounts {
  readonly processing: number;
  readonly succeeded: number;
  readonly errored: number;
  readonly canceled: number;
  readonly expired: number;
}

/** What is kept of a batch beside its requests and results. Times are RFC 3339. */
export interface BatchRecord {
  /** `msgbatch_…` */
  readonly id: string;
  readonly workspace: string;
  /** The name of the key that created it; absent or null where none was shown. */
  readonly key?: string | null;
  readonly size: number;
  readonly createdAt: string;
  /** Requests that have not begun by then expire. */
  readonly expiresAt: string;
  readonly cancelInitiatedAt: string | null;
  /** With `counts`: set when every request has its result. */
  readonly endedAt: string | null;
  readonly counts: BatchCounts | null;
  /** When the results were deleted because they had become old. */
  readonly archivedAt: string | null;
  /** Headers of the creating request that say how its requests are to be read. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A batch as clients see it. The counts stay in `processing` until the batch has ended, as in the API. */
export interface BatchObject {
  readonly id: string;
  readonly type: "message_batch";
  readonly processing_status: "in_progress" | "canceling" | "ended";
  readonly request_counts: BatchCounts;
  readonly created_at: string;
  readonly expires_at: string;
  readonly ended_at: string | null;
  readonly archived_at: string | null;
  readonly cancel_initiated_at: string | null;
  readonly results_url: string | null;
}

export function batchObject(record: BatchRecord): BatchObject {
  const { id, endedAt, archivedAt, cancelInitiatedAt, counts, size } = record;
  return {
    id,
    type: "message_batch",
    processing_status: endedAt !== null ? "ended" : cancelInitiatedAt !== null ? "canceling" : "in_progress",
    request_counts: counts ?? { processing: size, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
    created_at: record.createdAt,
    expires_at: record.expiresAt,
    ended_at: endedAt,
    archived_at: archivedAt,
    cancel_initiated_at: cancelInitiatedAt,
    // A path, not a URL: clients put it after their base URL, which a proxy may have changed.
    results_url: endedAt !== null && archivedAt === null ? `/v1/messages/batches/${id}/results` : null,
  };
}
