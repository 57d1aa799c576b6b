import { WebError } from "../../http/web-error.ts";
import type { Hub } from "../hub.ts";
import type { HubRepo } from "../hub-repo.ts";
import { type HubFile, listHubFiles } from "../repositories/list-hub-files.ts";
import { resolveRevision } from "../repositories/resolve-revision.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";

/** The commit that a revision is at, and its files: by the hub or, where it cannot be asked, as they were last seen. */
export async function locateFiles(
  hub: Hub,
  options: {
    readonly repo: HubRepo;
    readonly revision: string;
    readonly snapshot: SnapshotFolder;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly commit: string; readonly files: readonly HubFile[] }> {
  const { repo, revision, snapshot, signal } = options;
  const commit = await resolveRevision(hub, { repo, revision, signal }).catch(async (error: unknown) => {
    const seen = isAway(error) ? await snapshot.lastSeen(revision) : null;
    if (seen === null) throw error;
    return seen;
  });
  await snapshot.remember(revision, commit);
  // A commit never changes.
  const known = await snapshot.files(commit);
  if (known !== null) return { commit, files: known };
  const files = await listHubFiles(hub, { repo, revision: commit, signal });
  await snapshot.rememberFiles(commit, files);
  return { commit, files };
}

function isAway(error: unknown): boolean {
  const away = ["web/offline", "web/unreachable", "web/timeout", "web/server", "web/rate_limited"];
  return error instanceof WebError && away.includes(error.code);
}
