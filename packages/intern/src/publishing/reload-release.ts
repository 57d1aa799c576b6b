import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { downloadFile } from "@huggingface/hub";
import { InternError } from "../failures/intern-error.ts";
import type { HubTarget } from "./hub-target.ts";
import { RELEASE_MARKER } from "./upload-release.ts";

/** Downloads files of a published revision from the hub into a folder, as a stranger would. */
export async function downloadRelease(options: {
  readonly hub: HubTarget;
  readonly repo: string;
  readonly revision: string;
  readonly paths: readonly string[];
  readonly into: string;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { hub, repo, revision, paths, into, signal } = options;
  for (const path of paths) {
    signal.throwIfAborted();
    const blob = await downloadFile({
      repo,
      path,
      revision,
      accessToken: hub.token,
      hubUrl: hub.url,
      fetch: hub.fetch,
    });
    if (blob === null) {
      throw new InternError("publish/failed", `${path} is missing from the published revision ${revision}.`, {
        mend: "Publish again.",
      });
    }
    const file = join(into, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, Buffer.from(await blob.arrayBuffer()));
  }
}

/** Reads which session a repository's release came from; null when it holds no release of ours. */
export async function readReleaseMarker(options: {
  readonly hub: HubTarget;
  readonly repo: string;
}): Promise<{ readonly session: string } | null> {
  const { hub, repo } = options;
  const access = { accessToken: hub.token, hubUrl: hub.url, fetch: hub.fetch };
  const blob = await downloadFile({ repo, path: RELEASE_MARKER, ...access }).catch(() => null); // an empty repository
  if (blob === null) return null;
  try {
    const marker = JSON.parse(await blob.text()) as { session?: unknown };
    return typeof marker.session === "string" ? { session: marker.session } : null;
  } catch {
    return null;
  }
}
