import type { Context } from "hono";
import { type Authenticate, belongsTo, type Caller, requireWriter } from "./auth.ts";
import { Refusal } from "./refusal.ts";
import type { RepoName, RepoType } from "./storage/names.ts";
import type { RepoState } from "./storage/repo-state.ts";
import type { Repositories } from "./storage/repositories.ts";
import type { Repository } from "./storage/repository.ts";

/** What every route works with. */
export interface HubContext {
  readonly repositories: Repositories;
  readonly authenticate: Authenticate;
  readonly now: () => Date;
  /** Signs upload addresses. */
  readonly secret: string;
  readonly multipart: { readonly above: number; readonly partSize: number };
}

/** What a request wants of a repository: to see that it is there, to read its files, or to change it. */
export type Need = "see" | "read" | "write";

export interface OpenedRepo {
  readonly repo: Repository;
  readonly state: RepoState;
  readonly caller: Caller | null;
}

/** Opens a repository for a request, or refuses as the real hub does: what one may not see does not exist. */
export async function openRepo(hub: HubContext, c: Context, name: RepoName, need: Need): Promise<OpenedRepo> {
  const caller = await hub.authenticate(c);
  const repo = hub.repositories.open(name);
  const state = await repo.state();
  if (!state || (state.private && !belongsTo(caller, name.namespace))) throw hidden(caller);
  if (need === "write") requireWriter(caller, name.namespace);
  if (need === "read" && state.gated !== false && !belongsTo(caller, name.namespace)) {
    throw new Refusal(
      "gated",
      `Access to ${name.type} ${name.namespace}/${name.name} is restricted and you are not in the authorized list.`,
    );
  }
  return { repo, state, caller };
}

function hidden(caller: Caller | null): Refusal {
  return caller
    ? new Refusal("repo_not_found", "Repository not found")
    : new Refusal("repo_hidden", "Invalid username or password.");
}

const types: Readonly<Record<string, RepoType>> = {
  models: "model",
  datasets: "dataset",
  spaces: "space",
};

/** The type that an address names by its parameter `type`, which is absent where only models are meant. */
export function repoTypeOf(c: Context): RepoType {
  const type = types[c.req.param("type") ?? "models"];
  if (!type) throw new Refusal("not_found", "This hub has nothing at this address");
  return type;
}

/** The repository that an address names by its parameters `type`, `namespace` and `name`. */
export function repoNameOf(c: Context): RepoName {
  return { type: repoTypeOf(c), namespace: c.req.param("namespace") ?? "", name: c.req.param("name") ?? "" };
}

/** Where a repository's page and files are: "", "datasets/" or "spaces/", then its id. */
export function webPath({ type, namespace, name }: RepoName): string {
  return `${type === "model" ? "" : `${type}s/`}${namespace}/${name}`;
}

/** The address that the client used for this hub. */
export function originOf(c: Context): string {
  return new URL(c.req.url).origin;
}

export function authorOf(caller: Caller | null): { name: string; email: string } {
  return { name: caller?.user ?? "anonymous", email: caller?.email ?? "" };
}
