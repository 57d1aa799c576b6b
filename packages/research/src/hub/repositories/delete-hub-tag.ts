import { tellHub } from "../ask-hub.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoApi } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";

/** Deletes a tag; the commit stays where a branch holds it. */
export async function deleteHubTag(
  hub: Hub,
  { repo, tag, signal }: { readonly repo: HubRepo; readonly tag: string; readonly signal: AbortSignal },
): Promise<void> {
  const url = `${repoApi(hub, repo)}/tag/${encodeURIComponent(tag)}`;
  await aboutRepo(hub, { repo, about: tag, work: () => tellHub(hub, url, { method: "DELETE", signal }) });
}
