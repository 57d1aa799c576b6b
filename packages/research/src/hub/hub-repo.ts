import { pathInUrl } from "../http/path-in-url.ts";
import { WebError } from "../http/web-error.ts";
import type { Hub } from "./hub.ts";

export type RepoKind = "model" | "dataset" | "space";

export interface HubRepo {
  readonly kind: RepoKind;
  /** `owner/name`; old repositories have a name only. */
  readonly id: string;
}

/** A repository as a person or a model may write it: `owner/name`, or the address of its page. Throws `web/bad_url`. */
export function hubRepo(kind: RepoKind, text: string): HubRepo {
  const path = text
    .trim()
    .replace(/^https?:\/\/[^/]+\//, "")
    .replace(/^(models|datasets|spaces)\//, "");
  const [, id] =
    /^([\w.-]+(?:\/[\w.-]+)?)(?:\/(?:tree|blob|resolve|raw|discussions)\/.*)?\/?$/.exec(path) ?? [];
  if (id === undefined || /(^|\/)\.+(\/|$)/.test(id)) {
    throw new WebError("web/bad_url", `${JSON.stringify(text)} is no repository of a hub.`, {
      url: text,
      mend: `Write it as owner/name; a search for ${kind}s finds the name.`,
    });
  }
  return { kind, id };
}

/** What a person calls it: `dataset stanfordnlp/imdb`. */
export function repoName({ kind, id }: HubRepo): string {
  return `${kind} ${id}`;
}

export function repoPage(hub: Hub, { kind, id }: HubRepo): string {
  return `${hub.url}/${kind === "model" ? "" : `${kind}s/`}${id}`;
}

export function repoApi(hub: Hub, { kind, id }: HubRepo): string {
  return `${hub.url}/api/${kind}s/${id}`;
}

/** Where a file's bytes are. */
export function fileUrl(
  hub: Hub,
  { repo, revision, path }: { readonly repo: HubRepo; readonly revision: string; readonly path: string },
): string {
  return `${repoPage(hub, repo)}/resolve/${encodeURIComponent(revision)}/${pathInUrl(path)}`;
}
