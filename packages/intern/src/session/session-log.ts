import { readFile, stat } from "node:fs/promises";
import { DiskFullError, FileDeletedError, LineLog, writeDurably } from "@ml-intern/durable";
import { noAccess } from "./no-access.ts";
import { SessionError } from "./session-error.ts";
import type { DurableEvent, LoggedEvent } from "./session-event.ts";
import { foldSession, type SessionState } from "./session-state.ts";
import { type LineDamage, soundEvents } from "./sound-events.ts";

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

  /**
   * Opens for appending. A damaged log is mended first: it goes on from the last whole event, what was damaged is kept in
   * a file beside it, and `mended` says so in words for the person. `found` is what {@link readLog} has just found.
   */
  static async open(
    path: string,
    options: { readonly now?: () => Date; readonly found?: FoundLog } = {},
  ): Promise<{
    readonly log: SessionLog;
    readonly events: readonly LoggedEvent[];
    readonly state: SessionState | null;
    readonly mended: string | null;
  }> {
    const now = options.now ?? (() => new Date());
    const found = options.found ?? (await readLog(path));
    const mended = found.rest.length > 0 || found.damage !== null ? await mendLog(path, found) : null;
    const { events, state, bytes, rest } = mended === null ? found : await readLog(path);
    const wholeBytes = (bytes?.byteLength ?? 0) - rest.byteLength;
    const log = await LineLog.open(path, { wholeBytes }).catch((error: unknown) => {
      throw notKept(noAccess(path, error));
    });
    return { log: new SessionLog(log, { seq: events.length, now }), events, state, mended };
  }

  /** Gives an event its place at once; `kept` resolves when it is on disk. Throws when an earlier one could not be kept. */
  add(event: DurableEvent): { readonly logged: LoggedEvent; readonly kept: Promise<void> } {
    if (this.#failure) throw this.#failure.error;
    const logged: LoggedEvent = { seq: ++this.#seq, time: this.#now().toISOString(), ...event };
    const kept = this.#log.append(JSON.stringify(logged)).catch((error: unknown) => {
      this.#failure ??= { error: notKept(error) };
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

interface FoundLog {
  /** All that counts, and what was undone. Where events are lost in the middle, those behind them are undone. */
  readonly events: readonly LoggedEvent[];
  /** Null when the log does not begin with a `session_created` that can be read. */
  readonly state: SessionState | null;
  readonly damage: LineDamage | null;
  /** What follows the last finished line: an event that is being written, or that a crash left unfinished. */
  readonly rest: Uint8Array;
  /** Null when there is no file. */
  readonly bytes: Uint8Array | null;
}

/** Reads a log, also a damaged one and one that is being written; an absent one is empty. */
export async function readLog(path: string): Promise<FoundLog> {
  const file = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw noAccess(path, error);
  });
  const bytes = file ?? Buffer.alloc(0);
  const size = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.subarray(0, size).toString("utf8").split("\n").slice(0, -1);
  const { events, state, damage } = soundEvents(lines);
  const found = { events, state, damage, bytes: file, rest: bytes.subarray(size) };
  if (damage === null) return found;
  const mended = [...events, ...mendingEvents(events, damage)];
  return { ...found, events: mended, state: foldSession(mended) };
}

/** The events of a log that is open, and therefore sound. */
export async function readEvents(path: string): Promise<LoggedEvent[]> {
  const bytes = await readFile(path);
  const lines = bytes
    .subarray(0, bytes.lastIndexOf(0x0a) + 1)
    .toString("utf8")
    .split("\n")
    .slice(0, -1);
  return lines.map((line) => JSON.parse(line) as LoggedEvent);
}

/** What has to be said in the log so that it can go on behind the damage. */
function mendingEvents(events: readonly LoggedEvent[], { last, behind }: LineDamage): readonly LoggedEvent[] {
  const time = events.at(-1)?.time ?? "";
  const added: DurableEvent[] = [];
  if (behind > 0) added.push({ type: "rewound", to_seq: last, answer: null, snapshot: null, text: LOST });
  // A call whose beginning may be among what is lost must not be made again unseen.
  for (const { id, name, input, started } of foldSession(events.slice(0, last))?.pending ?? [])
    if (!started) added.push({ type: "tool_started", id, name, input });
  return added.map((event, index) => ({ seq: events.length + 1 + index, time, ...event }));
}

const LOST =
  "[ml-intern] The log of this session was damaged: you do not remember what you did after this point, but it was not undone. The workspace is as it was left; contract, runs, verified scores and releases stand. Look at what is there before you go on.";

/** Makes the file what {@link readLog} made of it, and says what was wrong. Killed halfway, it can be done again. */
async function mendLog(path: string, { events, damage, bytes, rest }: FoundLog): Promise<string> {
  const all = bytes ?? new Uint8Array();
  try {
    if (damage === null) {
      const aside = await keepAside(path, rest);
      // The log itself is cut when it is opened.
      return `The log of this session ended in the middle of an event, as a crash leaves it. All that was confirmed is there; the unfinished event is kept in ${aside}.`;
    }
    const aside = await keepAside(path, all.subarray(startOfLine(all, damage.line)));
    await writeDurably(path, events.map((event) => `${JSON.stringify(event)}\n`).join(""), { mode: 0o600 });
    return `${damageText(damage)} All that stood there is kept in ${aside}.`;
  } catch (error) {
    throw notKept(noAccess(path, error));
  }
}

/** What is damaged, and from where the session goes on. */
export function damageText({ line, last, behind }: LineDamage): string {
  const where = `The log of this session is damaged at line ${line};`;
  if (behind === 0) return `${where} no event is known to be missing, and it goes on after number ${last}.`;
  const undone = behind === 1 ? "1 event behind it is" : `${behind} events behind it are`;
  return `${where} it goes on from the last whole event before that, number ${last}. ${undone} undone, except for what was spent, measured and published.`;
}

function startOfLine(bytes: Uint8Array, line: number): number {
  let start = 0;
  for (let number = 1; number < line; number++) start = bytes.indexOf(0x0a, start) + 1;
  return start;
}

/** Keeps bytes in a new file beside the log, and returns its path. */
async function keepAside(path: string, bytes: Uint8Array): Promise<string> {
  for (let number = 1; ; number++) {
    const aside = path.replace(/\.jsonl$/, `.damaged-${number}.jsonl`);
    const known = await stat(aside).catch(() => null); // free
    if (known !== null) continue;
    await writeDurably(aside, bytes, { mode: 0o600 });
    return aside;
  }
}

/** Why the session cannot be kept; what is no such cause comes back as it was. */
function notKept(cause: unknown): unknown {
  if (cause instanceof DiskFullError) {
    return new SessionError("session/disk_full", "The disk is full: the session's log cannot be written.", {
      mend: "Free some space, then continue with `ml-intern resume`: everything up to this step is kept.",
      cause,
    });
  }
  if (cause instanceof FileDeletedError)
    return new SessionError("session/log_lost", cause.message, { mend: cause.mend, cause });
  return cause;
}
