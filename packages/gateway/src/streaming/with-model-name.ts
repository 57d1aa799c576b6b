import type { MessageStreamEvent } from "@ml-intern/messages";

/** The same events, where the message says the model name that the client asked for. */
export async function* withModelName(
  events: AsyncIterable<MessageStreamEvent>,
  model: string,
): AsyncGenerator<MessageStreamEvent> {
  for await (const event of events) {
    yield event.type === "message_start" ? { ...event, message: { ...event.message, model } } : event;
  }
}
