import { WebError } from "../../http/web-error.ts";
import { describeBytes } from "../describe-bytes.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoName, repoPage } from "../hub-repo.ts";
import type { HubFile } from "../repositories/list-hub-files.ts";
import type { BlobStore } from "./blob-store.ts";
import { spaceLeft } from "./snapshot-folder.ts";

/** Throws `web/too_large` where the missing files are more than is allowed, or than the disk has room for. */
export async function checkRoom(
  hub: Hub,
  options: {
    readonly repo: HubRepo;
    readonly store: BlobStore;
    readonly missing: readonly HubFile[];
    readonly maxBytes: number;
  },
): Promise<void> {
  const { repo, store, missing, maxBytes } = options;
  const begun = await Promise.all(missing.map((file) => store.begun(file)));
  const bytes = sum(missing.map(({ size }) => size));
  const toFetch = bytes - sum(begun);
  const refuse = (why: string, mend: string): never => {
    const message = `${repoName(repo)}: ${describeBytes(toFetch)} would have to be fetched, and ${why}.`;
    throw new WebError("web/too_large", message, { url: repoPage(hub, repo), mend });
  };
  if (bytes > maxBytes) {
    const largest = [...missing].sort((a, b) => b.size - a.size).slice(0, 3);
    const named = largest.map(({ path, size }) => `${path} (${describeBytes(size)})`).join(", ");
    refuse(
      `the limit is ${describeBytes(maxBytes)}`,
      `Take fewer files with include and exclude, or allow more. The largest are ${named}.`,
    );
  }
  const left = await spaceLeft(store.folder);
  if (left !== null && toFetch > left) {
    refuse(
      `${store.folder} has room for ${describeBytes(left)}`,
      "Free space there, or use a folder on another disk.",
    );
  }
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}
