import type { MessageStreamEvent } from "@ml-intern/messages";
import type { UsageMeter } from "./usage-meter.ts";

/** The same events, seen by the meter before they are passed on. */
export async function* metered(
  events: AsyncIterable<MessageStreamEvent>,
  meter: UsageMeter,
): AsyncGenerator<MessageStreamEvent> {
  for await (const event of events) {
    meter.see(event);
    yield event;
  }
}
