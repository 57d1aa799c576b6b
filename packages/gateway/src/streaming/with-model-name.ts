import type { MessageStreamEvent } from "@ml-intern/messages";
import { mapped } from "./mapped.ts";

/** The same events, where the message says the model name that the client asked for. */
export function withModelName(
  events: AsyncIterable<MessageStreamEvent>,
  model: string,
): AsyncIterableIterator<MessageStreamEvent> {
  return mapped(events, (event) =>
    event.type === "message_start" ? { ...event, message: { ...event.message, model } } : event,
  );
}
