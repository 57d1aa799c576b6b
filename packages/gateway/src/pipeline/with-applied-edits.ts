import type { MessageStreamEvent } from "@ml-intern/messages";
import { mapped } from "../streaming/mapped.ts";

/** For a client that asked for edits of its context: the end says that none were made, unless an upstream made some. */
export function withAppliedEdits(
  events: AsyncIterable<MessageStreamEvent>,
): AsyncIterableIterator<MessageStreamEvent> {
  return mapped(events, (event) =>
    event.type === "message_delta"
      ? { ...event, context_management: event.context_management ?? { applied_edits: [] } }
      : event,
  );
}
