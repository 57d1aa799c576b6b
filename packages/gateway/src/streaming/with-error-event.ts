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
export async function* withErrorEvent(
  events: AsyncIterable<MessageStreamEvent>,
  { requestId, onFailure, signal }: ErrorEventOptions,
): AsyncGenerator<MessageStreamEvent> {
  try {
    yield* events;
  } catch (error) {
    // A server that shuts down aborts as well, with what the client is to be told.
    if (signal.aborted && !(signal.reason instanceof GatewayError)) throw signal.reason;
    const failure: unknown = signal.aborted ? signal.reason : error;
    const { detail } = toApiError(failure);
    onFailure(failure, detail);
    yield { type: "error", error: detail, request_id: requestId };
  }
}
