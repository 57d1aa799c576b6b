import { z } from "zod";
import { pathInUrl } from "../../http/path-in-url.ts";
import { pagesOf } from "../ask-hub.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoApi } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";

export interface HubFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** What its bytes have to be: SHA-256 of a large file, git's SHA-1 of any other. */
  readonly checksum: { readonly kind: "sha256" | "git"; readonly hash: string };
}

const entry = z.object({
  type: z.string(),
  path: z.string(),
  size: z.number().int().nonnegative(),
  oid: z.string().regex(/^[0-9a-f]{40}$/),
  lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.number().int().nonnegative() }).nullish(),
});

/** All files of a repository at a revision, or those below a folder. */
export async function listHubFiles(
  hub: Hub,
  options: {
    readonly repo: HubRepo;
    /** Branch, tag or commit; by default `main`. */
    readonly revision?: string;
    readonly folder?: string;
    readonly signal: AbortSignal;
  },
): Promise<readonly HubFile[]> {
  const { repo, revision = "main", folder = "", signal } = options;
  const below = folder.replace(/^\/+|\/+$/g, "");
  const path = below === "" ? "" : `/${pathInUrl(below)}`;
  const url = `${repoApi(hub, repo)}/tree/${encodeURIComponent(revision)}${path}`;
  const work = async (): Promise<readonly HubFile[]> => {
    const files: HubFile[] = [];
    const asking = { schema: entry, query: [["recursive", "true"]] as const, freshMs: 0, signal };
    for await (const page of pagesOf(hub, url, asking)) {
      for (const { type, path, size, oid, lfs } of page) {
        if (type !== "file") continue;
        const checksum = lfs
          ? { kind: "sha256" as const, hash: lfs.oid }
          : { kind: "git" as const, hash: oid };
        files.push({ path, size: lfs?.size ?? size, checksum });
      }
    }
    return files;
  };
  return await aboutRepo(hub, { repo, about: below === "" ? revision : `${below} at ${revision}`, work });
}
