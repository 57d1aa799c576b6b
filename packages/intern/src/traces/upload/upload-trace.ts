import { join } from "node:path";
import { takeFileLock } from "@ml-intern/durable";
import { InternError } from "../../failures/intern-error.ts";
import type { HubTarget } from "../../publishing/hub-target.ts";
import { SessionError } from "../../session/session-error.ts";
import { sessionPaths } from "../../session/session-store.ts";
import type { Redactor } from "../redaction/redactor.ts";
import { type LogPosition, sessionCreated } from "../trace-log.ts";
import { openShareState, type ShareProgress, type ShareState } from "./share-state.ts";
import { coveredBy, newParts, replayTo, type TracePart, traceFolder } from "./trace-parts.ts";
import {
  addFiles,
  findTraceRepo,
  listFolder,
  openTraceRepo,
  presentPaths,
  type TraceRepo,
} from "./trace-repo.ts";

export interface UploadTraceOptions {
  readonly home: string;
  readonly session: string;
  readonly hub: HubTarget;
  /** `namespace/name`, or a name of the person's own; null is `ml-intern-sessions`. */
  readonly repo: string | null;
  readonly redactor: Redactor;
  /** Go on when everybody can read the repository. */
  readonly allowPublic: boolean;
  readonly signal: AbortSignal;
}

export interface UploadedTrace {
  /** `namespace/name`. */
  readonly repo: string;
  /** The session's folder, for a browser. */
  readonly url: string;
  /** What this upload added; nothing when all was there. */
  readonly files: readonly string[];
  readonly lines: number;
  readonly bytes: number;
}

/** Others commit to the same repository; each such commit costs one more try. */
const TRIES = 5;

/**
 * Adds what is new of a session's trace to a repository, in Claude Code's format, as files of their own: the cost is
 * that of the new events. What is not yet known to have arrived is looked up in the repository, and every commit names
 * the commit that was looked at, so that no kill and no second process doubles or loses a line.
 */
export async function uploadTrace(options: UploadTraceOptions): Promise<UploadedTrace> {
  const { home, session, hub, redactor, allowPublic, signal } = options;
  const { time } = await sessionCreated(options);
  const { directory } = sessionPaths(home, session);
  const lock = await takeFileLock(join(directory, "share.lock"));
  if ("heldBy" in lock) throw beingShared(session, lock.heldBy);
  try {
    const repo = await findTraceRepo(hub, options.repo);
    const state = await openShareState(directory, `${hub.url}/datasets/${repo.name}`);
    const folder = traceFolder({ session, created: time });
    const result = (parts: readonly TracePart[]): UploadedTrace => ({
      repo: repo.name,
      url: `${hub.browseUrl}/datasets/${repo.name}/tree/main/${folder}`,
      files: parts.map(({ path }) => path),
      lines: parts.reduce((sum, { lines }) => sum + lines, 0),
      bytes: parts.reduce((sum, { content }) => sum + content.size, 0),
    });
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      signal.throwIfAborted();
      const { revision } = await openTraceRepo(repo, { allowPublic });
      const start = await whereToGoOn({ repo, state, folder, place: { home, session } });
      const { parts, progress } = await newParts({ home, session, folder }, { ...start, redactor });
      if (progress === null) return result([]);
      await state.write({ uploaded: start.uploaded, pending: progress });
      const title = `Add ${session}, up to event ${progress.seq}`;
      if (!(await addFiles(repo, { files: parts, parent: revision, title, signal }))) continue;
      await state.write({ uploaded: progress, pending: null });
      return result(parts);
    }
    throw new InternError(
      "share/failed",
      `${repo.name} changed ${TRIES} times while the trace was on its way.`,
      {
        mend: "Share again: nothing was added.",
      },
    );
  } finally {
    lock.release();
  }
}

interface Start {
  readonly from: LogPosition;
  readonly parent: string | null;
  /** What is known to have arrived. */
  readonly uploaded: ShareProgress | null;
}

/**
 * Where the repository's part of the trace ends. One question for two files when the state is there; a listing of the
 * session's folder when it is lost, or when the repository does not hold what the state says.
 */
async function whereToGoOn({
  repo,
  state,
  folder,
  place,
}: {
  repo: TraceRepo;
  state: ShareState;
  folder: string;
  place: { home: string; session: string };
}): Promise<Start> {
  const known = state.read();
  if (known !== null) {
    const { uploaded, pending } = known;
    const asked = [pending?.path, uploaded?.path].filter((path) => path !== undefined);
    const present = await presentPaths(repo, asked);
    if (pending !== null && present.has(pending.path)) return after(pending);
    if (uploaded !== null && present.has(uploaded.path)) return after(uploaded);
  }
  const covered = coveredBy(await listFolder(repo, folder));
  return { ...(await replayTo(place, covered)), uploaded: null };
}

function after(uploaded: ShareProgress): Start {
  return { from: { seq: uploaded.seq, offset: uploaded.offset }, parent: uploaded.parent, uploaded };
}

function beingShared(session: string, pid: number): SessionError {
  return new SessionError("session/busy", `Another process (pid ${pid}) is sharing session ${session}.`, {
    mend: `Wait for it or stop it (kill ${pid}); then try again.`,
  });
}
