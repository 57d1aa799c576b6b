import { tellHub } from "../ask-hub.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoApi } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";

/** Says something in a discussion or below a pull request. */
export async function commentOnHubDiscussion(
  hub: Hub,
  options: {
    readonly repo: HubRepo;
    readonly number: number;
    readonly comment: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { repo, number, comment, signal } = options;
  const url = `${repoApi(hub, repo)}/discussions/${number}/comment`;
  await aboutRepo(hub, { repo, work: () => tellHub(hub, url, { body: { comment }, signal }) });
}
