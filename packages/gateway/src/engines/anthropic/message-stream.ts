import {
  decodeSse,
  type Message,
  type MessageStreamEvent,
  SseError,
  type SseEvent,
} from "@ml-intern/messages";
import { cutError, nonsenseError } from "../upstream/connection-error.ts";
import type { UpstreamResponse } from "../upstream/request-upstream.ts";
import { upstreamError } from "./upstream-error.ts";

/** The events of an answer as they came, unknown ones included. Pings are left out: the gateway sends its own. */
export async function* streamedEvents(
  response: UpstreamResponse,
  baseUrl: string,
): AsyncGenerator<MessageStreamEvent> {
  for await (const { data } of decoded(response, baseUrl)) {
    const event = parseEvent(data, baseUrl);
    if (event.type === "error") throw upstreamError(data, { baseUrl, status: null, headers: new Headers() });
    if (event.type !== "ping") yield event;
    if (event.type === "message_stop") {
      response.finish();
      return;
    }
  }
  throw cutError(baseUrl);
}

async function* decoded(response: UpstreamResponse, baseUrl: string): AsyncGenerator<SseEvent> {
  try {
    yield* decodeSse(response.body);
  } catch (error) {
    if (!(error instanceof SseError)) throw error;
    throw nonsenseError(baseUrl, { received: "an event without end", mend: "Check the base URL." });
  }
}

/** The events that a whole message would have been streamed as. */
export function* wholeEvents(message: Message): Generator<MessageStreamEvent> {
  const { content, stop_reason, stop_sequence, stop_details, container } = message;
  yield {
    type: "message_start",
    message: { ...message, content: [], stop_reason: null, stop_sequence: null },
  };
  for (const [index, block] of content.entries()) {
    yield { type: "content_block_start", index, content_block: block };
    yield { type: "content_block_stop", index };
  }
  yield {
    type: "message_delta",
    delta: { stop_reason, stop_sequence, stop_details, container },
    usage: message.usage,
  };
  yield { type: "message_stop" };
}

function parseEvent(data: string, baseUrl: string): MessageStreamEvent {
  try {
    const event: unknown = JSON.parse(data);
    if (typeof event === "object" && event !== null && "type" in event) return event as MessageStreamEvent;
  } catch {
    // Reported below, together with JSON that is no event.
  }
  throw nonsenseError(baseUrl, {
    received: `what is not an event of the Messages API: ${data.slice(0, 100)}`,
    mend: "Check the base URL.",
  });
}
