import type { MessageStreamEvent, MessagesRequest } from "@ml-intern/messages";

/**
 * The same events; where the client asked for edits of the context, the end says which were made. That is none: they
 * are taken and not carried out.
 */
export async function* withAppliedEdits(
  events: AsyncIterable<MessageStreamEvent>,
  { context_management: wanted }: Pick<MessagesRequest, "context_management">,
): AsyncGenerator<MessageStreamEvent> {
  if (!wanted) {
    yield* events;
    return;
  }
  for await (const event of events) {
    if (event.type !== "message_delta") yield event;
    // An engine whose upstream edits says so itself.
    else yield { ...event, context_management: event.context_management ?? { applied_edits: [] } };
  }
}
