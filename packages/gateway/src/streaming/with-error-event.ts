import type { ApiErrorDetail, MessageStreamEvent } from "@ml-intern/messages";
import { GatewayError } from "../gateway-error.ts";
import { toApiError } from "../to-api-error.ts";

export interface ErrorEventOptions {
  readonly requestId: string;
  readonly onFailure: (error: unknown, detail: ApiErrorDetail) => void;
  /** The client's leaving is not a failure to report: it ends the stream as it came. */
  readonly signal: AbortSignal;
}

/** Ends a stream that fails with one `error` event, where failing otherwise is no longer possible. */
export function withErrorEvent(
  events: AsyncIterable<MessageStreamEvent>,
  { requestId, onFailure, signal }: ErrorEventOptions,
): AsyncIterableIterator<MessageStreamEvent> {
  const iterator = events[Symbol.asyncIterator]();
  let failed = false;

  function told(error: unknown): IteratorResult<MessageStreamEvent> {
    failed = true;
    // A server that shuts down aborts as well, with what the client is to be told.
    if (signal.aborted && !(signal.reason instanceof GatewayError)) throw signal.reason;
    const failure: unknown = signal.aborted ? signal.reason : error;
    const { detail } = toApiError(failure);
    onFailure(failure, detail);
    return { done: false, value: { type: "error", error: detail, request_id: requestId } };
  }

  return {
    next: () => (failed ? Promise.resolve(DONE) : iterator.next().catch(told)),
    return: async () => {
      await iterator.return?.();
      return DONE;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const DONE = { done: true, value: undefined } as const;
