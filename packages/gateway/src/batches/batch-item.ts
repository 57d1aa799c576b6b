import type { ApiErrorBody, Message } from "@ml-intern/messages";

/** One request of a batch. Its parameters are checked when it is processed. */
export interface BatchItem {
  readonly custom_id: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What became of a request, as it stands in the results. */
export type BatchResult =
  | { readonly type: "succeeded"; readonly message: Message }
  | { readonly type: "errored"; readonly error: ApiErrorBody }
  | { readonly type: "canceled" }
  | { readonly type: "expired" };

/** A line of the results. */
export interface BatchResultLine {
  readonly custom_id: string;
  readonly result: BatchResult;
}
