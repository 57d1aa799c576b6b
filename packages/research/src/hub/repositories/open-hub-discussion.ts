import { z } from "zod";
import { jsonOf } from "../../http/contents.ts";
import { tellHub } from "../ask-hub.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoApi, repoPage } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";

/**
 * Opens a discussion, or an empty pull request, to which commits with the branch `refs/pr/<number>` are added. Returns its number
 * and page.
 */
export async function openHubDiscussion(
  hub: Hub,
  options: {
    readonly repo: HubRepo;
    readonly title: string;
    readonly description: string;
    readonly asPullRequest?: boolean;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly number: number; readonly url: string }> {
  const { repo, title, description, asPullRequest = false, signal } = options;
  const body = { title, description, pullRequest: asPullRequest };
  const work = async (): Promise<{ readonly number: number; readonly url: string }> => {
    const answer = await tellHub(hub, `${repoApi(hub, repo)}/discussions`, { body, signal });
    const { num } = jsonOf(answer, z.object({ num: z.number() }));
    return { number: num, url: `${repoPage(hub, repo)}/discussions/${num}` };
  };
  return await aboutRepo(hub, { repo, work });
}
