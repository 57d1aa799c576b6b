import type { Message, MessageStreamEvent } from "../types.ts";
import { EMPTY_PROGRESS, foldEvent, type MessageProgress } from "./fold-event.ts";
import { MessageStreamError } from "./message-stream-error.ts";

/** The message that a whole stream adds up to. Throws {@link MessageStreamError} when the stream does not reach `message_stop`. */
export function foldMessage(events: Iterable<MessageStreamEvent>): Message {
  let progress = EMPTY_PROGRESS;
  for (const event of events) progress = foldEvent(progress, event);
  return finished(progress);
}

/** {@link foldMessage} for events that are still arriving. */
export async function collectMessage(events: AsyncIterable<MessageStreamEvent>): Promise<Message> {
  let progress = EMPTY_PROGRESS;
  for await (const event of events) progress = foldEvent(progress, event);
  return finished(progress);
}

function finished({ message, stopped }: MessageProgress): Message {
  if (!message || !stopped) throw new MessageStreamError("cut", "The stream ended before message_stop");
  return message;
}
