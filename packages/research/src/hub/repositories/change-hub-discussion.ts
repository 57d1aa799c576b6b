import { tellHub } from "../ask-hub.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoApi } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";

/** Opens or closes a discussion or a pull request; of a draft, `open` asks for its review. */
export async function changeHubDiscussion(
  hub: Hub,
  options: {
    readonly repo: HubRepo;
    readonly number: number;
    readonly status: "open" | "closed";
    readonly comment?: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { repo, number, status, comment, signal } = options;
  const url = `${repoApi(hub, repo)}/discussions/${number}/status`;
  const body = { status, ...(comment !== undefined && { comment }) };
  await aboutRepo(hub, { repo, work: () => tellHub(hub, url, { body, signal }) });
}
