import type { MessageStreamEvent } from "@ml-intern/messages";
import { mapped } from "../streaming/mapped.ts";
import type { UsageMeter } from "./usage-meter.ts";

/** The same events, seen by the meter before they are passed on. */
export function metered(
  events: AsyncIterable<MessageStreamEvent>,
  meter: UsageMeter,
): AsyncIterableIterator<MessageStreamEvent> {
  return mapped(events, (event) => {
    meter.see(event);
    return event;
  });
}
