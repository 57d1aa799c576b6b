import { WebError } from "../../http/web-error.ts";
import { globMatcher } from "../glob.ts";
import type { Hub } from "../hub.ts";
import { repoName, repoPage } from "../hub-repo.ts";
import { type Commit, type CommitOptions, commitChanges } from "./commit-changes.ts";
import { listHubFiles } from "./list-hub-files.ts";

/** Deletes the files that fit any of the patterns (`*.bin`, `logs/**`) in one commit, and says which they were. */
export async function deleteHubFiles(
  hub: Hub,
  { patterns, ...options }: CommitOptions & { readonly patterns: readonly string[] },
): Promise<Commit & { readonly deleted: readonly string[] }> {
  const { repo, branch = "main", signal } = options;
  const fits = globMatcher(patterns);
  const files = await listHubFiles(hub, { repo, revision: branch, signal });
  const deleted = files.map(({ path }) => path).filter(fits);
  if (deleted.length === 0) {
    throw new WebError("web/not_found", `${repoName(repo)} has no file like ${patterns.join(", ")}.`, {
      url: repoPage(hub, repo),
      mend: "List its files.",
    });
  }
  const operations = deleted.map((path) => ({ operation: "delete" as const, path }));
  return { ...(await commitChanges(hub, { ...options, operations })), deleted };
}
