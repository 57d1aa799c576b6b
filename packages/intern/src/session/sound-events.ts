import type { DurableEvent, LoggedEvent } from "./session-event.ts";
import { foldSession, type SessionState } from "./session-state.ts";

/** What can still be used of the lines of a log. */
export interface SoundEvents {
  /** Numbered without gaps: a notice stands in the place of each event that is lost. */
  readonly events: readonly LoggedEvent[];
  readonly state: SessionState | null;
  readonly damage: LineDamage | null;
}

export interface LineDamage {
  /** The first line that is no event of the session, counted from 1. */
  readonly line: number;
  /** The number of the last whole event before the first that is lost: the session goes on from there. */
  readonly last: number;
  /** Whole events behind the first that is lost; 0 where none is known to be lost. */
  readonly behind: number;
}

/** A number that is wrong must not make room for a log that never was. */
const LONGEST_GAP = 100_000;

/** Reads the lines of a log, and finds out where they are damaged. Never throws. */
export function soundEvents(lines: readonly string[]): SoundEvents {
  const parsed = lines.map(parseEvent);
  for (;;) {
    const found = numbered(parsed);
    const state = foldOf(found.events);
    if (state !== undefined) return { ...found, state };
    // A whole line that says what no event says is damage, too.
    const culprit = found.events[firstUnfoldable(found.events)];
    parsed[parsed.indexOf(culprit ?? null)] = null;
  }
}

function numbered(parsed: readonly (LoggedEvent | null)[]): Omit<SoundEvents, "state"> {
  const events: LoggedEvent[] = [];
  let line: number | null = null;
  let lostAfter: number | null = null;
  let kept = 0;
  let bad = 0;
  for (const [index, event] of parsed.entries()) {
    const expected = events.length + 1;
    if (event === null || !isNext(event.seq, { expected, bad, after: parsed[index + 1] })) {
      line ??= index + 1;
      bad++;
      continue;
    }
    if (event.seq > expected) {
      line ??= index + 1;
      lostAfter ??= expected - 1;
    }
    while (events.length + 1 < event.seq) events.push(lostEvent(events.length + 1, event.time));
    events.push(event);
    if (lostAfter !== null) kept++;
    bad = 0;
  }
  const damage = line === null ? null : { line, last: lostAfter ?? events.length, behind: kept };
  return { events, damage };
}

/** The number that was expected, or a later one where the lines between account for it or the next line agrees. */
function isNext(
  seq: number,
  { expected, bad, after }: { expected: number; bad: number; after: LoggedEvent | null | undefined },
): boolean {
  if (seq === expected) return true;
  return (
    seq > expected && seq - expected <= LONGEST_GAP && (seq === expected + bad || after?.seq === seq + 1)
  );
}

function lostEvent(seq: number, time: string): LoggedEvent {
  const text = "An event that stood here is lost: the log was damaged.";
  return { seq, time, type: "notice", level: "warn", text } satisfies DurableEvent & LoggedEvent;
}

function foldOf(events: readonly LoggedEvent[]): SessionState | null | undefined {
  try {
    return foldSession(events);
  } catch {
    return undefined;
  }
}

/** The index of the first event that the fold cannot take; one of them must be there. */
function firstUnfoldable(events: readonly LoggedEvent[]): number {
  let sound = 0;
  let broken = events.length;
  while (broken - sound > 1) {
    const middle = (sound + broken) >> 1;
    if (foldOf(events.slice(0, middle)) === undefined) broken = middle;
    else sound = middle;
  }
  return broken - 1;
}

function parseEvent(line: string): LoggedEvent | null {
  try {
    const value = JSON.parse(line) as Partial<LoggedEvent> | null;
    const isEvent =
      typeof value === "object" &&
      value !== null &&
      Number.isSafeInteger(value.seq) &&
      typeof value.type === "string" &&
      typeof value.time === "string";
    return isEvent ? (value as LoggedEvent) : null;
  } catch {
    return null;
  }
}
