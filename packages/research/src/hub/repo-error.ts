import { WebError } from "../http/web-error.ts";
import type { Hub } from "./hub.ts";
import { type HubRepo, repoName, repoPage } from "./hub-repo.ts";

/** Does something with a repository; what the hub's refusal means is said in words. */
export async function aboutRepo<Value>(
  hub: Hub,
  {
    repo,
    about,
    work,
  }: { readonly repo: HubRepo; readonly about?: string; readonly work: () => Promise<Value> },
): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw explained(error, { hub, repo, ...(about !== undefined && { about }) });
  }
}

function explained(
  error: unknown,
  { hub, repo, about }: { readonly hub: Hub; readonly repo: HubRepo; readonly about?: string },
): unknown {
  if (!(error instanceof WebError)) return error;
  const name = repoName(repo);
  const { host } = new URL(hub.url);
  const facts = { url: error.url, body: error.body, reason: error.reason, cause: error };
  const say = (code: WebError["code"], message: string, mend: string): WebError =>
    new WebError(code, message, { ...facts, mend, ...(error.status !== null && { status: error.status }) });
  switch (error.reason) {
    case "RepoNotFound":
      return say(
        "web/not_found",
        `${host} has no ${name}, or it is private.`,
        "Look at the spelling: search for it. If it is private, it takes a token that may read it (HF_TOKEN).",
      );
    case "GatedRepo":
      return say(
        "web/forbidden",
        `${name} is gated: its owner has to let you in.`,
        `Ask for access at ${repoPage(hub, repo)}, then use a token (HF_TOKEN) of the account that has it; or take another ${repo.kind}.`,
      );
    case "RevisionNotFound":
      return say(
        "web/not_found",
        `${name} has no such revision${about === undefined ? "" : ` (${about})`}.`,
        "List its branches and tags.",
      );
    case "EntryNotFound":
      return say(
        "web/not_found",
        `${name} has no such file${about === undefined ? "" : ` (${about})`}.`,
        "List its files.",
      );
    default:
      return error;
  }
}
