import { z } from "zod";
import { askHub } from "../ask-hub.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoApi } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";

export interface HubRef {
  readonly name: string;
  readonly commit: string;
}

export interface HubRefs {
  readonly branches: readonly HubRef[];
  readonly tags: readonly HubRef[];
  /** By number; each can be read and written to as `refs/pr/<number>`. */
  readonly pullRequests: readonly HubRef[];
}

const list = z
  .array(
    z
      .object({ name: z.string(), targetCommit: z.string() })
      .transform(({ name, targetCommit }): HubRef => ({ name, commit: targetCommit })),
  )
  .nullish()
  .transform((refs) => refs ?? []);
const schema = z.object({ branches: list, tags: list, pullRequests: list });

/** Branches, tags and pull requests, each with its newest commit. */
export async function listHubRefs(
  hub: Hub,
  { repo, signal }: { readonly repo: HubRepo; readonly signal: AbortSignal },
): Promise<HubRefs> {
  const url = `${repoApi(hub, repo)}/refs`;
  const work = async (): Promise<HubRefs> =>
    (await askHub(hub, url, { schema, query: [["include_prs", "1"]], freshMs: 0, signal })).value;
  return await aboutRepo(hub, { repo, work });
}
