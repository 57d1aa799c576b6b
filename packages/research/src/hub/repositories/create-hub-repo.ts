import { z } from "zod";
import { jsonOf } from "../../http/contents.ts";
import { WebError } from "../../http/web-error.ts";
import { tellHub } from "../ask-hub.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoName, repoPage } from "../hub-repo.ts";

/** Makes a repository, private unless it is said otherwise, and returns its page. One that is there is refused. */
export async function createHubRepo(
  hub: Hub,
  {
    repo,
    isPublic = false,
    signal,
  }: { readonly repo: HubRepo; readonly isPublic?: boolean; readonly signal: AbortSignal },
): Promise<string> {
  const [organization = "", name] = repo.id.split("/");
  const owner = name === undefined ? { name: organization } : { name, organization };
  const space = repo.kind === "space" ? { sdk: "static" } : {};
  try {
    const body = { ...owner, type: repo.kind, private: !isPublic, ...space };
    const answer = await tellHub(hub, `${hub.url}/api/repos/create`, { body, signal });
    return jsonOf(answer, z.object({ url: z.string() })).url;
  } catch (error) {
    if (!(error instanceof WebError && error.status === 409)) throw error;
    throw new WebError("web/refused", `There is a ${repoName(repo)} already.`, {
      url: repoPage(hub, repo),
      status: 409,
      mend: "Use it, or take another name.",
      cause: error,
    });
  }
}
