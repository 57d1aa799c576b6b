import type { z } from "zod";
import { isJson, jsonOf } from "../http/contents.ts";
import type { WebAnswer, WebClient, WebRequest } from "../http/web-client.ts";
import { WebError } from "../http/web-error.ts";

const API = "https://api.github.com";
const JSON_TYPE = "application/vnd.github+json";

export interface Asking {
  /** Media type; by default GitHub's JSON. */
  readonly accept?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly freshMs?: number;
  readonly isUsable?: WebRequest["isUsable"];
  readonly signal: AbortSignal;
}

/** Asks GitHub's REST interface, version 2022-11-28. With a token in the client's credentials of `api.github.com` it allows more. */
export async function askGithub(web: WebClient, path: string, asking: Asking): Promise<WebAnswer> {
  const { accept = JSON_TYPE, query = {}, signal, freshMs, isUsable } = asking;
  const words = new URLSearchParams(query).toString();
  return await web.request({
    url: `${API}${path}${words === "" ? "" : `?${words}`}`,
    headers: { accept, "x-github-api-version": "2022-11-28" },
    ...(freshMs !== undefined && { freshMs }),
    ...(isUsable !== undefined && { isUsable }),
    signal,
  });
}

export async function askGithubJson<Shape>(
  web: WebClient,
  path: string,
  { schema, ...asking }: Asking & { readonly schema: z.ZodType<Shape> },
): Promise<Shape> {
  return jsonOf(await askGithub(web, path, { ...asking, isUsable: isJson }), schema);
}

/** `owner/name` of what a person or a model may write: also the address of a repository. */
export function repositoryPath(repository: string): string {
  const name = repository.trim().replace(/^(https?:\/\/)?(www\.)?github\.com\//, "");
  const [, owner, repo] = /^(\w[\w.-]*)\/(\w[\w.-]*?|\.github)(\.git)?(\/.*)?$/.exec(name) ?? [];
  if (owner === undefined || repo === undefined) {
    throw new WebError("web/bad_url", `${JSON.stringify(repository)} is no repository on GitHub.`, {
      url: repository,
      mend: "Write it as owner/name.",
    });
  }
  return `/repos/${owner}/${repo}`;
}
