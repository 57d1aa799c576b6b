import { mkdir, realpath, rename, rm, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { writeDurably } from "@ml-intern/durable";
import { copySnapshots, readContract, restoreSnapshot } from "@ml-intern/lab";
import type { DurableEvent, LoggedEvent } from "../session/session-event.ts";
import { newSessionId, type Session, sessionPaths } from "../session/session-store.ts";
import { snapshotsOf } from "./prepare-workspace.ts";
import { keepPresent, snapshotFor, stateAt } from "./rewind.ts";
import type { Step } from "./steps.ts";

/**
 * Makes a new session that goes on from a step of another, which stays as it is: the events up to there are its own, and
 * so is a copy of the workspace as it was. Resolves to its id; killed before, it leaves no session.
 *
 * Once the contract is fixed, both share one lab: contract, sealed rows, runs and ledger. A copy would give the fork test
 * queries of its own, and whoever forks often enough could choose the model that does best on the test. So a query that
 * one has spent is spent for the other, and only one of them can use the evaluator at a time. Before that there is nothing
 * to share, and each fixes a contract of its own.
 */
export async function forkSession(options: {
  readonly session: Session;
  /** Null for where the session stands. */
  readonly step: Step | null;
  readonly home: string;
  readonly signal: AbortSignal;
  readonly now?: () => Date;
}): Promise<string> {
  const { session, step, home, signal } = options;
  const now = (options.now ?? (() => new Date()))();
  await keepPresent(session, signal);
  const events = await session.past();
  const point = step ?? here(events);
  const target = stateAt(events, point);
  const snapshot = await snapshotFor({ session, target, store: session.paths.snapshots });
  const id = newSessionId(now);
  const { directory } = sessionPaths(home, id);
  // No session has such a name: what a killed fork leaves is not taken for one.
  const draft = join(dirname(directory), `.${id}`);
  try {
    await mkdir(join(draft, "workspace"), { recursive: true, mode: 0o700 });
    if ((await readContract(session.paths.directory)) === null)
      await mkdir(join(draft, "lab"), { mode: 0o700 });
    else await symlink(await pathFrom(draft, session.paths.lab), join(draft, "lab"));
    const log = forkedLog({ events, point, id, time: now.toISOString(), snapshot });
    const store = join(draft, "snapshots");
    await copySnapshots({ from: session.paths.snapshots, to: store, ids: snapshotsOf(log) });
    if (snapshot !== null)
      await restoreSnapshot({ workspace: join(draft, "workspace"), store, id: snapshot, signal });
    const lines = log.map((event) => `${JSON.stringify(event)}\n`);
    await writeDurably(join(draft, "events.jsonl"), lines.join(""), { mode: 0o600 });
    await rename(draft, directory);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
  return id;
}

/** Relative, so that the home can be moved; a fork of a fork names the first lab. */
async function pathFrom(folder: string, path: string): Promise<string> {
  return relative(await realpath(folder), await realpath(path));
}

function here(events: readonly LoggedEvent[]): Pick<Step, "seq" | "answer"> {
  return { seq: events.length, answer: null };
}

function forkedLog(options: {
  readonly events: readonly LoggedEvent[];
  readonly point: Pick<Step, "seq" | "answer">;
  readonly id: string;
  readonly time: string;
  readonly snapshot: string | null;
}): readonly LoggedEvent[] {
  const { events, point, id, time, snapshot } = options;
  const [created, ...rest] = events.slice(0, Math.max(point.seq, point.answer ?? 0));
  if (created?.type !== "session_created") throw new Error("a session's log begins with its creation");
  const log: LoggedEvent[] = [
    { ...created, id, time, forked_from: { session: created.id, seq: point.seq } },
    ...rest,
  ];
  const add = (event: DurableEvent): void => void log.push({ seq: log.length + 1, time, ...event });
  if (log.length > point.seq) {
    const text = "[ml-intern] You go on from here in a session of its own.";
    add({ type: "rewound", to_seq: point.seq, answer: point.answer, snapshot, text });
  }
  if (snapshot !== null) add({ type: "workspace_restored", snapshot, because: "forked" });
  return log;
}
