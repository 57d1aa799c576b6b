import { tellHub } from "../ask-hub.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoApi } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";

/** Makes a branch at a revision, by default at `main`. One of that name is refused. */
export async function createHubBranch(
  hub: Hub,
  options: {
    readonly repo: HubRepo;
    readonly branch: string;
    readonly from?: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { repo, branch, from, signal } = options;
  const url = `${repoApi(hub, repo)}/branch/${encodeURIComponent(branch)}`;
  const body = from === undefined ? {} : { startingPoint: from };
  await aboutRepo(hub, { repo, about: from ?? "main", work: () => tellHub(hub, url, { body, signal }) });
}
