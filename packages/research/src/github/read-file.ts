import { z } from "zod";
import { isJson, jsonOf, textOf } from "../http/contents.ts";
import { pathInUrl } from "../http/path-in-url.ts";
import type { WebClient } from "../http/web-client.ts";
import { WebError } from "../http/web-error.ts";
import { askGithub, repositoryPath } from "./ask-github.ts";
import { notebookToMarkdown } from "./notebook-to-markdown.ts";

export type GithubFile =
  | {
      readonly kind: "file";
      readonly path: string;
      /** Of the content: the same hash is the same file. */
      readonly sha: string;
      readonly url: string;
      /** A notebook as Markdown; null for what is no text. */
      readonly text: string | null;
      /** Bytes of the file as it is there. */
      readonly size: number;
    }
  | { readonly kind: "folder"; readonly path: string; readonly names: readonly string[] }
  /** A link, or another repository inside this one. */
  | { readonly kind: "elsewhere"; readonly path: string; readonly target: string };

const file = z.object({
  type: z.literal("file"),
  path: z.string(),
  sha: z.string(),
  html_url: z.string().nullish(),
  size: z.number(),
  content: z.string(),
  encoding: z.string(),
});
const other = z.object({
  type: z.enum(["symlink", "submodule"]),
  path: z.string(),
  target: z.string().optional(),
  submodule_git_url: z.string().nullish(),
});
const folder = z.array(z.object({ type: z.string(), name: z.string() }));

const answer = z.union([folder, z.discriminatedUnion("type", [file, other])]);

/** Reads a file, or says what else is there. `ref` is a branch, a tag or, to have the same file again, a commit. */
export async function readGithubFile(
  web: WebClient,
  options: {
    readonly repository: string;
    readonly path: string;
    readonly ref?: string;
    readonly signal: AbortSignal;
  },
): Promise<GithubFile> {
  const { repository, path, ref, signal } = options;
  const address = `${repositoryPath(repository)}/contents/${pathInUrl(path.replace(/^\/+/, ""))}`;
  const query = ref === undefined ? {} : { ref };
  const found = jsonOf(await askGithub(web, address, { query, isUsable: isJson, signal }), answer);
  if (Array.isArray(found)) {
    const names = found.map(({ type, name }) => (type === "dir" ? `${name}/` : name));
    return { kind: "folder", path, names };
  }
  if (found.type !== "file") {
    return { kind: "elsewhere", path, target: found.target ?? found.submodule_git_url ?? "" };
  }
  // Over 1 MB the content has to be asked for by itself.
  const bytes =
    found.encoding === "base64"
      ? Buffer.from(found.content, "base64")
      : (await askGithub(web, address, { query, accept: "application/vnd.github.raw+json", signal })).body;
  const { sha, html_url, size } = found;
  return { kind: "file", path: found.path, sha, url: html_url ?? "", size, text: textIn(bytes, found.path) };
}

function textIn(bytes: Uint8Array, path: string): string | null {
  if (bytes.subarray(0, 8192).includes(0)) return null;
  const text = textOf({ headers: new Headers(), body: bytes });
  if (!path.endsWith(".ipynb")) return text;
  try {
    return notebookToMarkdown(text);
  } catch (cause) {
    throw new WebError("web/malformed", `${path} is no whole notebook.`, {
      url: path,
      mend: "Read another version of it, with ref.",
      cause,
    });
  }
}
