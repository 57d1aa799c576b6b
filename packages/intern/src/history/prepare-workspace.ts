import { lstat, mkdir, stat } from "node:fs/promises";
import { LabError, pruneSnapshots, restoreSnapshot } from "@ml-intern/lab";
import { SessionError } from "../session/session-error.ts";
import type { LoggedEvent } from "../session/session-event.ts";
import type { Session } from "../session/session-store.ts";

/**
 * Makes sure that the workspace is what the session's log says, before anything works in it: one that was deleted comes
 * back from the newest snapshot, and an undo that was killed halfway is brought to its end. Throws
 * `session/workspace_lost` when it is gone and there is no snapshot, or when something else stands in its place, and `session/lab_lost` when contract and ledger are.
 */
export async function prepareWorkspace(session: Session, signal: AbortSignal): Promise<void> {
  const { workspace, snapshots: store } = session.paths;
  await session.tellDamage();
  const { saved, due } = session.state.workspace;
  if (!(await isFolder(session.paths.lab))) throw labLost(session);
  const place = await lstat(workspace).catch(() => null); // deleted
  if (place?.isDirectory() === false) throw workspaceReplaced(session);
  const isThere = place !== null;
  const snapshot = due ?? (isThere ? null : saved);
  if (snapshot !== null) {
    await restoreSnapshot({ workspace, store, id: snapshot, signal });
    const because = due === null ? "missing" : "rewound";
    await session.append({ type: "workspace_restored", snapshot, because });
    if (because === "missing") await session.append({ type: "notice", level: "warn", text: CAME_BACK });
  } else if (!isThere) {
    if (session.state.iterations > 0) throw workspaceLost(session);
    await mkdir(workspace, { recursive: true, mode: 0o700 });
  }
  await prune(store, snapshotsOf(await session.past()));
}

/** Damage to a state that nobody asks for now keeps nobody from working: whoever goes back to it is told. */
async function prune(store: string, keep: readonly string[]): Promise<void> {
  await pruneSnapshots({ store, keep }).catch((error: unknown) => {
    if (!(error instanceof LabError) || error.code !== "snapshot/damaged") throw error;
  });
}

const CAME_BACK =
  "The workspace had been deleted. It is back as it was after the last step that was kept; what was too large to be kept is missing.";

/** Every state that some event names: an undone one can still be gone back to. */
export function snapshotsOf(events: readonly LoggedEvent[]): readonly string[] {
  const ids = events.map((event) => ("snapshot" in event ? event.snapshot : null));
  return [...new Set(ids.filter((id) => id !== null))];
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function workspaceLost({ paths, state }: Session): SessionError {
  return new SessionError(
    "session/workspace_lost",
    `The workspace of session ${state.id} is gone (${paths.workspace}), and no state of it was kept.`,
    { mend: "Put it back if you have a copy; otherwise start a new session." },
  );
}

function workspaceReplaced({ paths, state }: Session): SessionError {
  return new SessionError(
    "session/workspace_lost",
    `In place of the workspace of session ${state.id} stands a link or a file (${paths.workspace}). Links are not followed: what they lead to could be changed or removed.`,
    { mend: "Move it away: `ml-intern resume` then brings the workspace back as it was last kept." },
  );
}

function labLost({ paths, state }: Session): SessionError {
  return new SessionError(
    "session/lab_lost",
    `The contract and the ledger of session ${state.id} are gone (${paths.lab}).`,
    {
      mend: "A fork shares those of the session that it was made from: put that one back, or start a new session.",
    },
  );
}
