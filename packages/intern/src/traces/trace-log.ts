import { access } from "node:fs/promises";
import { readLines } from "@ml-intern/durable";
import { SessionError } from "../session/session-error.ts";
import type { LoggedEvent } from "../session/session-event.ts";
import { agentPaths, sessionPaths } from "../session/session-store.ts";

/** A place between two events of a log: how many are before it, and how many bytes. */
export interface LogPosition {
  readonly seq: number;
  readonly offset: number;
}

/** A log: of a session, or of the agent that one of its calls has sent. */
export interface LogPlace {
  readonly home: string;
  readonly session: string;
  readonly agent?: string;
}

export const LOG_START: LogPosition = { seq: 0, offset: 0 };

/**
 * The events of a session's log from a position on, each with the position after it; a session that works elsewhere may
 * be read. Holds one event at a time. Throws a {@link SessionError} when the session is unknown or the log damaged.
 */
export async function* readTraceLog(
  place: LogPlace,
  from: LogPosition = LOG_START,
): AsyncGenerator<{ readonly event: LoggedEvent; readonly after: LogPosition }> {
  const { session } = place;
  let { seq, offset } = from;
  try {
    for await (const line of readLines(pathOf(place), { start: offset })) {
      offset += line.byteLength + 1;
      yield { event: parseEvent(line, { session, seq: ++seq }), after: { seq, offset } };
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    throw unknownSession(session);
  }
  if (seq === 0) throw unknownSession(session);
}

/** Throws a {@link SessionError} when there is no such session. */
export async function sessionCreated(place: { home: string; session: string }): Promise<LoggedEvent> {
  for await (const { event } of readTraceLog(place)) return event;
  throw unknownSession(place.session);
}

function pathOf({ home, session, agent }: LogPlace): string {
  if (!/^[\w-]+$/.test(session)) throw unknownSession(session);
  const paths = sessionPaths(home, session);
  return (agent === undefined ? paths : agentPaths(paths, agent)).events;
}

/** Whether a call has sent an agent, whose log is there. */
export async function hasAgent(place: LogPlace & { readonly agent: string }): Promise<boolean> {
  if (!/^[\w-]+$/.test(place.agent)) return false;
  return access(pathOf(place)).then(
    () => true,
    () => false,
  );
}

function parseEvent(line: Buffer, { session, seq }: { session: string; seq: number }): LoggedEvent {
  try {
    const event = JSON.parse(line.toString("utf8")) as LoggedEvent;
    if (event.seq === seq) return event;
  } catch {
    // Said below, as is a line that is missing or out of its place.
  }
  throw new SessionError("session/damaged", `The log of session ${session} is damaged at line ${seq}.`, {
    mend: "`ml-intern sessions` says what can be done about it.",
  });
}

function unknownSession(session: string): SessionError {
  return new SessionError("session/not_found", `There is no session ${session}.`, {
    mend: "`ml-intern sessions` lists those there are.",
  });
}
