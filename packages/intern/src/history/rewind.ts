import { stat } from "node:fs/promises";
import { checkRestore, composeSnapshot, readContract, readJob } from "@ml-intern/lab";
import { openRuns } from "../runs/started-run.ts";
import { SessionError } from "../session/session-error.ts";
import type { LoggedEvent, RecordKind } from "../session/session-event.ts";
import { foldSession, type SessionState } from "../session/session-state.ts";
import type { Session } from "../session/session-store.ts";
import { prepareWorkspace } from "./prepare-workspace.ts";
import { saveWorkspace } from "./save-workspace.ts";
import type { Step } from "./steps.ts";

/**
 * Takes a session at rest back to just before a step: conversation, plan and workspace are as they were then. What was
 * spent stays spent; contract, runs, scores and releases stand, since the ledger is append-only, and the model is told so.
 * The log keeps what is undone: it can be gone back to, too. Killed halfway, the next resume brings it to its end. Throws
 * `session/run_open` while a run goes on, which the undone conversation would not know of and whose workspace would go.
 */
export async function rewind(options: {
  readonly session: Session;
  readonly step: Step;
  readonly home: string;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { session, step, home, signal } = options;
  await refuseOpenRuns(session, home);
  const { workspace, snapshots: store } = session.paths;
  // Halfway to some other state, there is nothing to be kept.
  if (session.state.workspace.due === null) await keepPresent(session, signal);
  const events = await session.past();
  const target = stateAt(events, step);
  const snapshot = await snapshotFor({ session, target, store });
  // Known before it is recorded: a session must not wait for a state that cannot come back.
  if (snapshot !== null) await checkRestore({ workspace, store, id: snapshot, signal });
  const text = rewoundText(target, session.state);
  await session.append({ type: "rewound", to_seq: step.seq, answer: step.answer, snapshot, text });
  await prepareWorkspace(session, signal);
}

/** Runs that have ended do not stand in the way, also where the model has not heard of it. */
async function refuseOpenRuns({ state, paths }: Session, home: string): Promise<void> {
  for (const { run, name } of openRuns(state)) {
    const job = await readJob({ home, labDirectory: paths.lab, id: run });
    if (job === null || job.state === "ended") continue;
    const still = job.state === "queued" ? "is still in the queue" : "still goes on";
    throw new SessionError("session/run_open", `${run} (${name}) ${still}.`, {
      mend: `Go on with the session (ml-intern resume ${state.id}) until it has ended, or tell the intern to stop it; then undo.`,
    });
  }
}

/** Keeps what is there now, so that this too can be gone back to. */
export async function keepPresent(session: Session, signal: AbortSignal): Promise<void> {
  const there = await stat(session.paths.workspace).catch(() => null); // deleted: there is nothing to keep
  if (there !== null) await saveWorkspace({ session, after: null, signal });
}

export function stateAt(events: readonly LoggedEvent[], step: Pick<Step, "seq">): SessionState {
  const state = foldSession(events.slice(0, step.seq));
  if (state === null) throw new Error(`event ${step.seq} lies before the session began`);
  return state;
}

/**
 * The workspace of an earlier state. A contract that was fixed since cannot be undone, so its rows come along: `data/` is
 * as it is now.
 */
export async function snapshotFor(options: {
  readonly session: Session;
  readonly target: SessionState;
  readonly store: string;
}): Promise<string | null> {
  const { session, target, store } = options;
  const { saved } = target.workspace;
  const now = session.state.workspace.saved;
  const wasFixed = (target.records.contract ?? []).length > 0;
  if (saved === null || now === null || wasFixed) return saved;
  if ((await readContract(session.paths.directory)) === null) return saved;
  return composeSnapshot({ store, base: saved, other: now, folder: "data" });
}

const STANDING: readonly (readonly [RecordKind, string])[] = [
  ["contract", "the contract (data/task.json)"],
  ["run", "runs"],
  ["evaluation", "verified scores and the queries that they took"],
  ["release", "releases"],
];

function rewoundText(target: SessionState, now: SessionState): string {
  const standing = STANDING.filter(
    ([kind]) => (now.records[kind]?.length ?? 0) > (target.records[kind]?.length ?? 0),
  ).map(([, words]) => words);
  const stands =
    standing.length === 0 ? "" : ` What cannot be undone stands, and was made since: ${standing.join(", ")}.`;
  return `[ml-intern] The person has taken you back to this point: what you did after it is undone, and the workspace is as it was.${stands}`;
}
