import { notebookToMarkdown } from "../../github/notebook-to-markdown.ts";
import { textOf } from "../../http/contents.ts";
import { WebError } from "../../http/web-error.ts";
import type { Hub } from "../hub.ts";
import { fileUrl, type HubRepo } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";

export interface HubFileText {
  readonly path: string;
  /** The file's own size in bytes. */
  readonly size: number;
  /** A notebook as Markdown; null for what is no text. */
  readonly text: string | null;
  /** False when only the beginning was read. */
  readonly isWhole: boolean;
}

const MOST = 1024 * 1024;

/** Reads a file, or the first `maxBytes` of it (by default 1 MiB): large ones are for downloading. */
export async function readHubFile(
  hub: Hub,
  options: {
    readonly repo: HubRepo;
    readonly path: string;
    readonly revision?: string;
    readonly maxBytes?: number;
    readonly signal: AbortSignal;
  },
): Promise<HubFileText> {
  const { repo, path, revision = "main", maxBytes = MOST, signal } = options;
  const work = async (): Promise<HubFileText> => {
    const answer = await hub.web.request({
      url: fileUrl(hub, { repo, revision, path }),
      // A part of a packed file cannot be unpacked.
      headers: { "accept-encoding": "identity", range: `bytes=0-${maxBytes - 1}` },
      // A service that knows no ranges sends it whole.
      maxBytes: Math.max(maxBytes, 16 * MOST),
      freshMs: 0,
      signal,
    });
    const whole = /\/(\d+)$/.exec(answer.headers.get("content-range") ?? "")?.[1];
    const size = whole === undefined ? answer.body.byteLength : Number(whole);
    const body = answer.body.subarray(0, maxBytes);
    const isWhole = body.byteLength === size;
    return { path, size, text: textIn(body, { path, isWhole }), isWhole };
  };
  try {
    return await aboutRepo(hub, { repo, about: path, work });
  } catch (error) {
    // An empty file has no first byte.
    if (error instanceof WebError && error.status === 416) return { path, size: 0, text: "", isWhole: true };
    throw error;
  }
}

function textIn(
  body: Uint8Array,
  { path, isWhole }: { readonly path: string; readonly isWhole: boolean },
): string | null {
  if (body.subarray(0, 8192).includes(0)) return null;
  const text = textOf({ headers: new Headers(), body });
  if (!path.endsWith(".ipynb") || !isWhole) return text;
  try {
    return notebookToMarkdown(text);
  } catch {
    return text; // no notebook but for its name
  }
}
