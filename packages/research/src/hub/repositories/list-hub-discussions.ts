import { z } from "zod";
import { askHub } from "../ask-hub.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoApi } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";
import { type Discussion, discussion } from "./discussion.ts";

const schema = z.object({ count: z.number(), discussions: z.array(discussion) });

/** Discussions and pull requests, the newest first, and how many there are in all. */
export async function listHubDiscussions(
  hub: Hub,
  options: {
    readonly repo: HubRepo;
    readonly only?: "discussions" | "pull_requests";
    readonly status?: "open" | "closed";
    readonly limit: number;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly discussions: readonly Discussion[]; readonly total: number }> {
  const { repo, only, status, limit, signal } = options;
  const type = only === "pull_requests" ? "pull_request" : only === "discussions" ? "discussion" : "all";
  const url = `${repoApi(hub, repo)}/discussions`;
  const work = async (): Promise<Awaited<ReturnType<typeof listHubDiscussions>>> => {
    const found: Discussion[] = [];
    for (let page = 0; ; page++) {
      const query = [
        ["p", String(page)],
        ["type", type],
        ["status", status ?? "all"],
      ] as const;
      const { value } = await askHub(hub, url, { schema, query, freshMs: 0, signal });
      found.push(...value.discussions);
      if (found.length >= Math.min(limit, value.count) || value.discussions.length === 0) {
        return { discussions: found.slice(0, limit), total: value.count };
      }
    }
  };
  return await aboutRepo(hub, { repo, work });
}
