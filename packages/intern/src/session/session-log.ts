import { readFile } from "node:fs/promises";
import { DiskFullError, LineLog } from "@ml-intern/durable";
import { SessionError } from "./session-error.ts";
import type { DurableEvent, LoggedEvent } from "./session-event.ts";

/**
 * The append-only event log of one session: one JSON object a line. What is acknowledged is on disk (written and synced) and
 * survives kill -9 and power loss. When an event cannot be kept, none that comes after it is, and the log takes no more: it
 * has to be opened again.
 */
export class SessionLog {
  readonly #log: LineLog;
  readonly #now: () => Date;
  #seq: number;
  #failure: { readonly error: unknown } | null = null;

  private constructor(log: LineLog, state: { seq: number; now: () => Date }) {
    this.#log = log;
    this.#seq = state.seq;
    this.#now = state.now;
  }

  /** Opens for appending; cuts off a last line that a crash left unfinished (it was never acknowledged). */
  static async open(
    path: string,
    options: { now?: () => Date } = {},
  ): Promise<{ log: SessionLog; events: LoggedEvent[] }> {
    // Damage is found before the file is opened for writing.
    const { events } = await readLog(path);
    const log = await LineLog.open(path);
    return {
      log: new SessionLog(log, { seq: events.length, now: options.now ?? (() => new Date()) }),
      events,
    };
  }

  /** Gives an event its place at once; `kept` resolves when it is on disk. Throws when an earlier one could not be kept. */
  add(event: DurableEvent): { readonly logged: LoggedEvent; readonly kept: Promise<void> } {
    if (this.#failure) throw this.#failure.error;
    const logged: LoggedEvent = { seq: ++this.#seq, time: this.#now().toISOString(), ...event };
    const kept = this.#log.append(JSON.stringify(logged)).catch((error: unknown) => {
      this.#failure ??= { error: error instanceof DiskFullError ? logCannotBeWritten(error) : error };
      throw this.#failure.error;
    });
    return { logged, kept };
  }

  async append(event: DurableEvent): Promise<LoggedEvent> {
    const { logged, kept } = this.add(event);
    await kept;
    return logged;
  }

  async close(): Promise<void> {
    await this.#log.close();
  }
}

function logCannotBeWritten(cause: unknown): SessionError {
  return new SessionError("session/disk_full", "The disk is full: the session's log cannot be written.", {
    mend: "Free some space, then continue with `ml-intern resume`: everything up to this step is kept.",
    cause,
  });
}

/**
 * The events of a log and the length in bytes of the sound part. Only an unfinished last line is forgiven; any other
 * damage throws `session/damaged` with the line's number.
 */
export async function readLog(path: string): Promise<{ events: LoggedEvent[]; size: number }> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return Buffer.alloc(0);
    throw error;
  });
  const size = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.subarray(0, size).toString("utf8").split("\n").slice(0, -1);
  const events = lines.map((line, index) => {
    const event = parseEvent(line);
    if (event?.seq !== index + 1) throw damaged(path, index + 1);
    return event;
  });
  return { events, size };
}

function parseEvent(line: string): LoggedEvent | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "seq" in value && "type" in value
      ? (value as LoggedEvent)
      : null;
  } catch {
    return null;
  }
}

function damaged(path: string, line: number): SessionError {
  return new SessionError("session/damaged", `The session's log ${path} is damaged at line ${line}.`, {
    mend: `Everything before that line is sound. To continue from there, keep a copy and cut the file: head -n ${line - 1} events.jsonl.`,
  });
}
