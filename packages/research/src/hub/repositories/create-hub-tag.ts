import { tellHub } from "../ask-hub.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoApi } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";

/** Tags a revision, by default `main`. A tag of that name is refused. */
export async function createHubTag(
  hub: Hub,
  options: {
    readonly repo: HubRepo;
    readonly tag: string;
    readonly revision?: string;
    readonly message?: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { repo, tag, revision = "main", message, signal } = options;
  const url = `${repoApi(hub, repo)}/tag/${encodeURIComponent(revision)}`;
  const body = { tag, ...(message !== undefined && { message }) };
  await aboutRepo(hub, { repo, about: revision, work: () => tellHub(hub, url, { body, signal }) });
}
