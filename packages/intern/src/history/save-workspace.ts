import { type LeftOut, type Snapshot, saveSnapshot } from "@ml-intern/lab";
import { RESULTS } from "../session/conversation.ts";
import { SessionError } from "../session/session-error.ts";
import type { TransientEvent } from "../session/session-event.ts";
import type { Session } from "../session/session-store.ts";

/** What each open session's workspace looked like, so that only what has been touched since is read. */
const looks = new WeakMap<Session, Snapshot>();

const NAMED = 5;

const SLOW_MS = 3_000;
const SLOW: TransientEvent = {
  type: "progress",
  text: "Keeping the state of the workspace; many files are new",
  elapsed_ms: 0,
  remaining_ms: null,
};

/**
 * Keeps the state of the workspace, and records it when it is another than the last: to be called after everything that
 * can have changed it, and before that is recorded as done. `after` is the call that did it. Throws
 * `session/workspace_lost` when somebody has deleted or replaced it. Resolves with the bytes that were not kept before.
 */
export async function saveWorkspace(options: {
  readonly session: Session;
  readonly after: string | null;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { session, after, signal } = options;
  const { workspace, snapshots: store } = session.paths;
  const previous = looks.get(session) ?? null;
  const writtenOnce = [RESULTS];
  const slow = setTimeout(() => session.show(SLOW), SLOW_MS);
  const snapshot = await saveSnapshot({ workspace, store, previous, writtenOnce, signal })
    .catch((error: unknown) => {
      throw isGone(error) ? workspaceLost(session) : error;
    })
    .finally(() => clearTimeout(slow));
  looks.set(session, snapshot);
  if (snapshot.id === session.state.workspace.saved) return snapshot.added;
  session.add({ type: "workspace_saved", snapshot: snapshot.id, after });
  const known = new Set(previous?.skipped.map(({ path }) => path));
  const news = snapshot.skipped.filter(({ path }) => !known.has(path));
  if (news.length > 0) session.add({ type: "notice", level: "warn", text: leftOutText(news) });
  return snapshot.added;
}

function leftOutText(leftOut: readonly LeftOut[]): string {
  const names = leftOut.slice(0, NAMED).map(({ path, reason }) => `${path} (${reason})`);
  const more = leftOut.length > NAMED ? ` and ${leftOut.length - NAMED} more` : "";
  return `Not kept with the workspace, so an undo leaves it as it is: ${names.join(", ")}${more}.`;
}

/** Deleted, or another thing stands in its place. */
function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

function workspaceLost(session: Session): SessionError {
  return new SessionError(
    "session/workspace_lost",
    `The workspace ${session.paths.workspace} was deleted or replaced while ml-intern worked in it.`,
    {
      mend:
        session.state.workspace.saved === null
          ? "Put it back if you have a copy; otherwise start a new session."
          : `It comes back as it was last kept with \`ml-intern resume ${session.state.id}\`.`,
    },
  );
}
