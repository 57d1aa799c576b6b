import { tellHub } from "../ask-hub.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoApi } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";

/** Deletes a branch; what no other branch or tag holds is lost. */
export async function deleteHubBranch(
  hub: Hub,
  { repo, branch, signal }: { readonly repo: HubRepo; readonly branch: string; readonly signal: AbortSignal },
): Promise<void> {
  const url = `${repoApi(hub, repo)}/branch/${encodeURIComponent(branch)}`;
  await aboutRepo(hub, { repo, about: branch, work: () => tellHub(hub, url, { method: "DELETE", signal }) });
}
