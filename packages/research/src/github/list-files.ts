import { z } from "zod";
import type { WebClient } from "../http/web-client.ts";
import { WebError } from "../http/web-error.ts";
import { askGithubJson, repositoryPath } from "./ask-github.ts";

export interface ListedFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

export interface FileList {
  readonly files: readonly ListedFile[];
  /** False when there are more than GitHub lists at once (100,000 entries or 7 MB). */
  readonly isComplete: boolean;
}

const tree = z.object({
  truncated: z.boolean(),
  tree: z.array(z.object({ path: z.string(), type: z.string(), size: z.number().optional() })),
});

export interface Listing {
  readonly repository: string;
  /** Branch, tag or commit; by default the main branch. */
  readonly ref?: string;
  /** Only what lies below. */
  readonly folder?: string;
  readonly signal: AbortSignal;
}

/** All files of a repository, or of a folder of it. One that has no commit yet has none. */
export async function listFiles(web: WebClient, listing: Listing): Promise<FileList> {
  const { repository, ref = "HEAD", folder = "", signal } = listing;
  const path = `${repositoryPath(repository)}/git/trees/${encodeURIComponent(ref)}`;
  try {
    const { tree: entries, truncated } = await askGithubJson(web, path, {
      schema: tree,
      query: { recursive: "1" },
      signal,
    });
    const below = folder.replace(/^\/+|\/+$/g, "");
    const files = entries
      .filter(({ type, path }) => type === "blob" && (below === "" || path.startsWith(`${below}/`)))
      .map(({ path, size = 0 }) => ({ path, size }));
    return { files, isComplete: !truncated };
  } catch (error) {
    // The repository is empty.
    if (error instanceof WebError && error.status === 409) return { files: [], isComplete: true };
    throw error;
  }
}
