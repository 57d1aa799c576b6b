import { z } from "zod";
import { askHub } from "../ask-hub.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoApi } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";

const COMMIT = /^[0-9a-f]{40}$/;

/** The commit that a branch, tag or commit is at now. */
export async function resolveRevision(
  hub: Hub,
  {
    repo,
    revision,
    signal,
  }: { readonly repo: HubRepo; readonly revision: string; readonly signal: AbortSignal },
): Promise<string> {
  if (COMMIT.test(revision)) return revision;
  const schema = z.object({ sha: z.string().regex(COMMIT) });
  const url = `${repoApi(hub, repo)}/revision/${encodeURIComponent(revision)}`;
  const work = async (): Promise<string> =>
    (await askHub(hub, url, { schema, query: [["expand[]", "sha"]], freshMs: 0, signal })).value.sha;
  return await aboutRepo(hub, { repo, about: revision, work });
}
