import type { LoggedEvent } from "./session-event.ts";

/**
 * The events that count, oldest first: all but those that were undone. A `rewound` itself counts unless a later one goes
 * back further; going back to an event that had been undone brings back what counted then.
 */
export function liveEvents(events: readonly LoggedEvent[]): readonly LoggedEvent[] {
  const live: LoggedEvent[] = [];
  let at = events.length;
  while (at > 0) {
    const event = events[--at];
    if (event === undefined) break;
    live.push(event);
    if (event.type !== "rewound") continue;
    const answer = event.answer === null ? undefined : events[event.answer - 1];
    if (answer !== undefined) live.push(answer);
    at = Math.min(at, event.to_seq);
  }
  return live.reverse();
}
