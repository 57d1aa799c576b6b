import type { Hub } from "../hub.ts";
import { type Commit, type CommitOptions, commitChanges } from "./commit-changes.ts";

/**
 * Adds or replaces files in one commit. A file on disk is `await openAsBlob(path)`, which is read piece by piece; what the hub
 * already has is not sent again.
 */
export async function uploadHubFiles(
  hub: Hub,
  {
    files,
    ...options
  }: CommitOptions & { readonly files: readonly { readonly path: string; readonly content: Blob }[] },
): Promise<Commit> {
  const operations = files.map((file) => ({ operation: "addOrUpdate" as const, ...file }));
  return await commitChanges(hub, { ...options, operations });
}
