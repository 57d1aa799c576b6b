import { randomBytes } from "node:crypto";
import { access, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { SessionError } from "./session-error.ts";
import type {
  DurableEvent,
  LoggedEvent,
  SessionEvent,
  SessionOptions,
  TransientEvent,
} from "./session-event.ts";
import { type SessionLock, takeSessionLock } from "./session-lock.ts";
import { damageText, readEvents, readLog, SessionLog } from "./session-log.ts";
import { applyEvent, foldSession, type SessionState } from "./session-state.ts";

export interface SessionPaths {
  readonly directory: string;
  readonly events: string;
  readonly lock: string;
  /** The only folder that the sandbox can write. */
  readonly workspace: string;
  /** Contract, ledger, sealed rows, runs: out of the sandbox's reach. */
  readonly lab: string;
  /** Tool output too long for the conversation. */
  readonly spill: string;
  /** States of the workspace, by content. */
  readonly snapshots: string;
}

export function sessionPaths(home: string, id: string): SessionPaths {
  return pathsIn(join(home, "sessions", id));
}

/** Of the session of a sub-agent: it lies in the folder of the session that sent it, and works where that one works. */
export function agentPaths({ directory, workspace, lab }: SessionPaths, callId: string): SessionPaths {
  return { ...pathsIn(join(directory, "agents", callId)), workspace, lab };
}

function pathsIn(directory: string): SessionPaths {
  return {
    directory,
    events: join(directory, "events.jsonl"),
    lock: join(directory, "lock"),
    workspace: join(directory, "workspace"),
    lab: join(directory, "lab"),
    spill: join(directory, "spill"),
    snapshots: join(directory, "snapshots"),
  };
}

/**
 * An open session: its log, its state and its lock. One process at a time. The state is ahead of the disk by a few
 * milliseconds: whoever acts on it outside of this process waits for `kept` first.
 */
export class Session implements AsyncDisposable {
  readonly paths: SessionPaths;
  /** The one that the person has: this one, or for a sub-agent's the one that sent it. */
  readonly main: Session;
  readonly #lock: SessionLock;
  readonly #listeners = new Set<(event: SessionEvent) => void>();
  readonly #followers = new Set<(event: LoggedEvent) => void>();
  #log: SessionLog;
  #state: SessionState;
  /** What has happened and is not shown yet: it waits for the disk, or behind what does. */
  #unshown = 0;
  #shown: Promise<void> = Promise.resolve();
  #mended: string | null;
  /** What was read at the opening, until the first model call: several look at it before that, and reading takes long. */
  #past: LoggedEvent[] | null;
  #closed = false;

  private constructor(parts: {
    readonly paths: SessionPaths;
    readonly log: SessionLog;
    readonly lock: SessionLock;
    readonly state: SessionState;
    readonly past: readonly LoggedEvent[];
    readonly mended: string | null;
    readonly sender?: Session;
  }) {
    this.paths = parts.paths;
    this.main = parts.sender?.main ?? this;
    this.#log = parts.log;
    this.#lock = parts.lock;
    this.#state = parts.state;
    this.#past = [...parts.past];
    this.#mended = parts.mended;
  }

  static async create(
    home: string,
    options: SessionOptions,
    now: () => Date = () => new Date(),
  ): Promise<Session> {
    const id = newSessionId(now());
    const paths = sessionPaths(home, id);
    for (const folder of [paths.workspace, paths.lab]) await mkdir(folder, { recursive: true, mode: 0o700 });
    const lock = await takeSessionLock(paths.lock);
    const { log } = await SessionLog.open(paths.events, { now });
    const created = await log.append({ type: "session_created", version: 1, id, options });
    const state = foldSession([created]);
    if (state === null) throw new Error("a new session folds to no state");
    return new Session({ paths, log, lock, state, past: [created], mended: null });
  }

  /** Opens for work. Throws a {@link SessionError} when it is unknown, damaged beyond use, or open elsewhere. */
  static async open(home: string, id: string, now: () => Date = () => new Date()): Promise<Session> {
    if (!isSessionId(id)) throw unknownSession(id);
    const paths = sessionPaths(home, id);
    if (!(await isThere(paths.events))) throw unknownSession(id);
    const lock = await takeSessionLock(paths.lock);
    try {
      const found = await readLog(paths.events);
      if (found.state === null) throw unusableLog(paths.events, found.bytes ?? new Uint8Array());
      const { log, state, events: past, mended } = await SessionLog.open(paths.events, { now, found });
      if (state === null) throw unknownSession(id);
      return new Session({ paths, log, lock, state, past, mended });
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /**
   * The session of a sub-agent, begun by a call or taken up again. It belongs to whoever has the session that sent it, so it
   * has no lock of its own: a process must not open it twice at a time.
   */
  static async openAgent(sender: Session, callId: string, options: SessionOptions): Promise<Session> {
    const paths = agentPaths(sender.paths, callId);
    await mkdir(paths.directory, { recursive: true, mode: 0o700 });
    const { log, state: known, events, mended } = await SessionLog.open(paths.events);
    const begin = { type: "session_created", version: 1, id: callId, options } as const;
    const past = known === null ? [await log.append(begin)] : events;
    const state = known ?? foldSession(past);
    if (state === null) throw new Error("a new session folds to no state");
    return new Session({ paths, log, lock: { release: () => undefined }, state, past, mended, sender });
  }

  get state(): SessionState {
    return this.#state;
  }

  /** All kept events so far, oldest first. */
  async past(): Promise<readonly LoggedEvent[]> {
    await this.#shown.catch(() => undefined); // whoever waits for it is told
    return this.#past === null ? await readEvents(this.paths.events) : [...this.#past];
  }

  /** Records, once, that the log was damaged when it was opened, and what became of that: to be called when somebody looks. */
  async tellDamage(): Promise<void> {
    const text = this.#mended;
    this.#mended = null;
    if (text !== null) await this.append({ type: "notice", level: "warn", text });
  }

  /**
   * Takes an event in: the state has it at once, the disk soon, and then it is shown. Throws when an earlier one could not be
   * kept, as `kept` does.
   */
  add(event: Exclude<DurableEvent, { readonly type: "rewound" }>): LoggedEvent {
    const { logged, kept } = this.#log.add(event);
    this.#state = applyEvent(this.#state, logged);
    if (event.type === "iteration_started") this.#past = null;
    this.#past?.push(logged);
    for (const follower of this.#followers) follower(logged);
    this.#showAfter(kept, logged);
    return logged;
  }

  /** Resolves when everything so far is on disk and shown; rejects when it could not be kept. */
  kept(): Promise<void> {
    return this.#shown;
  }

  /**
   * Keeps an event, then shows it: whoever sees it can rely on its being on disk. Nothing else may happen in the session while
   * a `rewound` is kept.
   */
  async append(event: DurableEvent): Promise<LoggedEvent> {
    if (event.type === "rewound") return await this.#rewind(event);
    const logged = this.add(event);
    await this.kept();
    return logged;
  }

  async #rewind(event: DurableEvent): Promise<LoggedEvent> {
    const logged = await this.#log.append(event);
    this.#past?.push(logged);
    this.#state = stateOf(await this.past(), this.#state.id);
    this.#show(logged);
    return logged;
  }

  /**
   * After an event could not be kept: goes back to what is on disk, so that the session can go on when there is room again. Does
   * nothing otherwise. To be called at rest.
   */
  async recover(): Promise<void> {
    const isSound = await this.#shown.then(
      () => true,
      () => false,
    );
    if (isSound) return;
    await this.#log.close();
    const { log, state, mended } = await SessionLog.open(this.paths.events);
    this.#log = log;
    this.#past = null;
    this.#mended = mended;
    if (state === null) throw unknownSession(this.#state.id);
    this.#state = state;
    this.#shown = Promise.resolve();
  }

  /** What is not kept keeps its place among what is. */
  show(event: TransientEvent): void {
    if (this.#unshown === 0) this.#show(event);
    else this.#showAfter(Promise.resolve(), event);
  }

  #showAfter(kept: Promise<void>, event: SessionEvent): void {
    this.#unshown++;
    this.#shown = Promise.all([this.#shown, kept])
      .finally(() => this.#unshown--)
      .then(() => this.#show(event));
    this.#shown.catch(() => undefined); // `kept` tells
  }

  #show(event: SessionEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /**
   * Tells of each kept event as soon as the state has it, before it is on disk: for what decides with the session, not for
   * what shows it. The listener must not throw. Returns the function that ends it.
   */
  follow(listener: (event: LoggedEvent) => void): () => void {
    this.#followers.add(listener);
    return () => this.#followers.delete(listener);
  }

  /** The listener must not throw. Returns the function that ends the subscription. */
  subscribe(listener: (event: SessionEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** May be called twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#log.close();
    this.#lock.release();
  }
}

/**
 * Reads a session without taking it: for lists and for watching one that works elsewhere. Null when unknown. `damage` says
 * what a resume will mend; a session that cannot be used at all throws `session/damaged`.
 */
export async function readSession(
  home: string,
  id: string,
): Promise<{
  readonly state: SessionState;
  readonly events: readonly LoggedEvent[];
  readonly damage: string | null;
} | null> {
  if (!isSessionId(id)) return null;
  const { events: path } = sessionPaths(home, id);
  const { state, events, damage, bytes } = await readLog(path);
  if (state !== null) return { state, events, damage: damage && damageText(damage) };
  if (bytes !== null) throw unusableLog(path, bytes);
  return null;
}

function isSessionId(id: string): boolean {
  return /^[\w-]+$/.test(id);
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

export type SessionListing =
  | { readonly id: string; readonly state: SessionState; readonly damage: string | null }
  | { readonly id: string; readonly state: null; readonly damage: string };

/** Newest first. A damaged session is listed with its damage instead of being left out. */
export async function listSessions(home: string): Promise<SessionListing[]> {
  const names = await readdir(join(home, "sessions")).catch(() => []); // no sessions yet
  const listings = await Promise.all(
    names
      .sort()
      .reverse()
      .map(async (id): Promise<SessionListing | null> => {
        try {
          const session = await readSession(home, id);
          return session === null ? null : { id, state: session.state, damage: session.damage };
        } catch (error) {
          return { id, state: null, damage: error instanceof Error ? error.message : String(error) };
        }
      }),
  );
  return listings.filter((listing) => listing !== null);
}

export function newSessionId(now: Date): string {
  const stamp = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  return `${stamp}-${randomBytes(3).toString("hex")}`;
}

function stateOf(events: readonly LoggedEvent[], id: string): SessionState {
  const state = foldSession(events);
  if (state === null) throw unknownSession(id);
  return state;
}

function unknownSession(id: string): SessionError {
  return new SessionError("session/not_found", `There is no session ${id}.`, {
    mend: "`ml-intern sessions` lists those there are.",
  });
}

function unusableLog(path: string, bytes: Uint8Array): SessionError {
  const what =
    bytes.indexOf(0x0a) === -1
      ? "holds no whole event"
      : "is damaged at line 1, which says what the session is";
  return new SessionError("session/damaged", `The session's log ${path} ${what}: the session cannot go on.`, {
    mend: "Restore the file from a backup if you have one. What the session made lies beside it; otherwise start a new session.",
  });
}
