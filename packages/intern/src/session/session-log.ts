import { type FileHandle, open, readFile, truncate } from "node:fs/promises";
import { SessionError } from "./session-error.ts";
import type { DurableEvent, LoggedEvent } from "./session-event.ts";

/**
 * The append-only event log of one session: one JSON object a line. `append` resolves when the event is on disk
 * (written and synced), so an acknowledged event survives kill -9 and power loss. Appends that arrive while a sync
 * is under way share the next one.
 */
export class SessionLog {
  readonly #file: FileHandle;
  readonly #now: () => Date;
  #seq: number;
  #pending: { readonly lines: string[]; readonly done: Promise<void> } | null = null;
  #writing: Promise<void> = Promise.resolve();
  #size: number;

  private constructor(file: FileHandle, state: { seq: number; size: number; now: () => Date }) {
    this.#file = file;
    this.#seq = state.seq;
    this.#size = state.size;
    this.#now = state.now;
  }

  /** Opens for appending; cuts off a last line that a crash left unfinished (it was never acknowledged). */
  static async open(
    path: string,
    options: { now?: () => Date } = {},
  ): Promise<{ log: SessionLog; events: LoggedEvent[] }> {
    const { events, size } = await readLog(path);
    const file = await open(path, "a", 0o600);
    await truncate(path, size);
    const log = new SessionLog(file, { seq: events.length, size, now: options.now ?? (() => new Date()) });
    return { log, events };
  }

  async append(event: DurableEvent): Promise<LoggedEvent> {
    const logged: LoggedEvent = { seq: ++this.#seq, time: this.#now().toISOString(), ...event };
    const line = `${JSON.stringify(logged)}\n`;
    if (this.#pending === null) {
      const lines: string[] = [];
      const done = this.#writing.then(() => {
        this.#pending = null;
        return this.#write(lines.join(""));
      });
      this.#writing = done.catch(() => undefined); // the failure reaches every caller through `done`
      this.#pending = { lines, done };
    }
    this.#pending.lines.push(line);
    await this.#pending.done;
    return logged;
  }

  async #write(text: string): Promise<void> {
    try {
      await this.#file.appendFile(text);
      await this.#file.datasync();
      this.#size += Buffer.byteLength(text);
    } catch (error) {
      await this.#file.truncate(this.#size).catch(() => undefined); // a torn line is cut off again on the next open
      if ((error as NodeJS.ErrnoException).code === "ENOSPC") {
        throw new SessionError(
          "session/disk_full",
          "The disk is full: the session's log cannot be written.",
          {
            mend: "Free some space, then continue with `ml-intern resume`: everything up to this step is kept.",
            cause: error,
          },
        );
      }
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }
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
