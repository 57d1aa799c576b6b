import { commit, createRepo, HubApiError, listFiles, repoExists, whoAmI } from "@huggingface/hub";
import { InternError } from "../failures/intern-error.ts";
import type { HubTarget } from "./hub-target.ts";

export interface ReleaseFile {
  readonly path: string;
  readonly content: Blob;
}

/** Says which session a repository's release came from, so that another session never overwrites it. */
export const RELEASE_MARKER = "release.json";

/**
 * The repository for a session's release: `<user>/<name>`, or `<user>/<name>-<suffix>` when that name holds something
 * that this session did not publish.
 */
export async function chooseRepo(options: {
  readonly hub: HubTarget;
  readonly name: string;
  readonly session: string;
  readonly isOurs: (repo: string) => Promise<boolean>;
}): Promise<string> {
  const { hub, name, session, isOurs } = options;
  const user = await asking(hub, () => whoAmI({ accessToken: hub.token, hubUrl: hub.url, fetch: hub.fetch }));
  const plain = `${user.name}/${name}`;
  if (!(await exists(hub, plain)) || (await isOurs(plain))) return plain;
  return `${plain}-${session.slice(-6)}`;
}

function exists(hub: HubTarget, repo: string): Promise<boolean> {
  return asking(hub, () => repoExists({ repo, accessToken: hub.token, hubUrl: hub.url, fetch: hub.fetch }));
}

/**
 * Makes the repository hold exactly these files, in one commit, and returns its revision. A new repository on
 * huggingface.co is private: making it public is the person's act.
 */
export async function uploadRelease(options: {
  readonly hub: HubTarget;
  readonly repo: string;
  readonly files: readonly ReleaseFile[];
  readonly title: string;
  readonly signal: AbortSignal;
}): Promise<{ revision: string }> {
  const { hub, repo, files, title, signal } = options;
  const access = { repo, accessToken: hub.token, hubUrl: hub.url, fetch: hub.fetch };
  return asking(hub, async () => {
    if (!(await exists(hub, repo)))
      await createRepo({ ...access, visibility: hub.kind === "hf" ? "private" : "public" });
    const kept = new Set(files.map(({ path }) => path));
    const stale: string[] = [];
    for await (const entry of listFiles({ ...access, recursive: true })) {
      if (entry.type === "file" && !kept.has(entry.path) && entry.path !== ".gitattributes")
        stale.push(entry.path);
    }
    const output = await commit({
      ...access,
      title,
      useXet: false,
      operations: [
        ...files.map(({ path, content }) => ({ operation: "addOrUpdate" as const, path, content })),
        ...stale.map((path) => ({ operation: "delete" as const, path })),
      ],
      abortSignal: signal,
    });
    if (output === undefined) throw new TypeError("the hub answered the commit without a revision");
    return { revision: output.commit.oid };
  });
}

async function asking<Value>(hub: HubTarget, request: () => Promise<Value>): Promise<Value> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof InternError) throw error;
    const status = error instanceof HubApiError ? error.statusCode : null;
    const message = error instanceof Error ? error.message : String(error);
    throw new InternError("publish/failed", `${hub.url} did not take the release: ${message}`, {
      mend:
        status === 401 || status === 403
          ? "Check that HF_TOKEN has write access, then publish again: nothing else needs repeating."
          : "Publish again when the hub can be reached: the release lies ready and nothing else needs repeating.",
      cause: error,
    });
  }
}
