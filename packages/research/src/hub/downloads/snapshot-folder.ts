import { mkdir, readFile, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeDurably } from "@ml-intern/durable";
import { z } from "zod";
import { WebError } from "../../http/web-error.ts";
import type { Hub } from "../hub.ts";
import type { HubRepo } from "../hub-repo.ts";
import type { HubFile } from "../repositories/list-hub-files.ts";

const kept = z.array(
  z.object({
    path: z.string(),
    size: z.number(),
    checksum: z.object({ kind: z.enum(["sha256", "git"]), hash: z.string().regex(/^[0-9a-f]{40,64}$/) }),
  }),
);

/** What is known of a repository without a network: where its branches were, and which files a commit has. */
export class SnapshotFolder {
  readonly #folder: string;

  constructor(root: string, { hub, repo }: { readonly hub: Hub; readonly repo: HubRepo }) {
    const host = new URL(hub.url).host.replace(":", "_");
    this.#folder = join(root, "snapshots", host, `${repo.kind}s--${repo.id.replace("/", "--")}`);
  }

  /** Where the files of a commit are shown. Throws for a path that leads elsewhere. */
  placeOf(commit: string, path: string): string {
    const parts = path.split("/");
    if (parts.some((part) => part === "" || part === "." || part === ".." || /[\\\0]/.test(part))) {
      throw new WebError(
        "web/malformed",
        `The hub names a file ${JSON.stringify(path)}, which is no path in a folder.`,
        {
          url: path,
          mend: "Leave it out (exclude), and do not trust this repository.",
        },
      );
    }
    return join(this.folderOf(commit), ...parts);
  }

  folderOf(commit: string): string {
    return join(this.#folder, commit);
  }

  /** The commit that a branch or tag was last seen at; null when it never was. */
  async lastSeen(revision: string): Promise<string | null> {
    const text = await readFile(this.#refOf(revision), "utf8").catch(() => null); // never seen
    return text !== null && /^[0-9a-f]{40}$/.test(text) ? text : null;
  }

  async remember(revision: string, commit: string): Promise<void> {
    if (revision !== commit && (await this.lastSeen(revision)) !== commit)
      await keep(this.#refOf(revision), commit);
  }

  /** The files of a commit; null when they are not known here. */
  async files(commit: string): Promise<readonly HubFile[] | null> {
    try {
      return kept.parse(JSON.parse(await readFile(this.#listOf(commit), "utf8")));
    } catch {
      return null; // absent or damaged: the hub is asked
    }
  }

  async rememberFiles(commit: string, files: readonly HubFile[]): Promise<void> {
    await keep(this.#listOf(commit), JSON.stringify(files));
  }

  #refOf(revision: string): string {
    return join(this.#folder, "refs", encodeURIComponent(revision));
  }

  #listOf(commit: string): string {
    return join(this.#folder, `${commit}.json`);
  }
}

/** A list that cannot be kept only means that the hub is asked again. */
async function keep(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeDurably(path, text);
  } catch {
    // Where files cannot be written either, their download says so.
  }
}

/** Bytes that the disk below `folder` has left; null where that cannot be told. */
export async function spaceLeft(folder: string): Promise<number | null> {
  for (let path = folder; ; path = dirname(path)) {
    const info = await statfs(path).catch(() => null); // not made yet
    if (info !== null) return info.bavail * info.bsize;
    if (path === dirname(path)) return null;
  }
}
