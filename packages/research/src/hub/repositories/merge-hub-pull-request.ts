import { tellHub } from "../ask-hub.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoApi } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";

/** Merges a pull request into the branch that it is for; one with conflicts is refused. */
export async function mergeHubPullRequest(
  hub: Hub,
  options: {
    readonly repo: HubRepo;
    readonly number: number;
    readonly comment?: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { repo, number, comment, signal } = options;
  const url = `${repoApi(hub, repo)}/discussions/${number}/merge`;
  const body = comment === undefined ? {} : { comment };
  await aboutRepo(hub, { repo, work: () => tellHub(hub, url, { body, signal }) });
}
