import { Refusal } from "../refusal.ts";
import type { RepoState } from "./repo-state.ts";
import type { Repository } from "./repository.ts";

/** A place that commits can be added to. */
export type WritableRef =
  | { readonly kind: "branch"; readonly name: string }
  | { readonly kind: "pull"; readonly number: string };

function unknown(revision: string): Refusal {
  return new Refusal("revision_not_found", `Invalid rev id: ${revision}`);
}

/** The branch or pull request that a revision names, or a refusal: tags and commits cannot be written to. */
export function findWritableRef(state: RepoState, revision: string): WritableRef {
  const pull = /^refs\/pr\/(\d+)$/.exec(revision)?.[1];
  if (pull !== undefined) {
    if (!state.discussions[pull]?.pull) throw unknown(revision);
    return { kind: "pull", number: pull };
  }
  const name = revision.replace(/^refs\/heads\//, "");
  if (!Object.hasOwn(state.branches, name)) throw unknown(revision);
  return { kind: "branch", name };
}

export function headOf(state: RepoState, ref: WritableRef): string {
  const head = ref.kind === "branch" ? state.branches[ref.name] : state.discussions[ref.number]?.pull?.head;
  if (head === undefined) throw unknown(ref.kind === "branch" ? ref.name : `refs/pr/${ref.number}`);
  return head;
}

/** The same state with the reference moved to another commit. */
export function withHead(state: RepoState, ref: WritableRef, head: string): RepoState {
  if (ref.kind === "branch") return { ...state, branches: { ...state.branches, [ref.name]: head } };
  const discussion = state.discussions[ref.number];
  if (!discussion?.pull) throw unknown(`refs/pr/${ref.number}`);
  const moved = { ...discussion, pull: { ...discussion.pull, head } };
  return { ...state, discussions: { ...state.discussions, [ref.number]: moved } };
}

/** The commit that a branch, tag, `refs/…` name, `HEAD` or full commit id stands for. */
export async function resolveRevision(repo: Repository, state: RepoState, revision: string): Promise<string> {
  const found = lookUp(state, revision);
  if (found !== undefined) return found;
  if (/^[0-9a-f]{40}$/.test(revision) && (await repo.objects.commit(revision))) return revision;
  throw unknown(revision);
}

function lookUp(state: RepoState, revision: string): string | undefined {
  if (revision === "HEAD") return state.branches.main;
  const full = /^refs\/(heads|tags|pr)\/(.+)$/.exec(revision);
  const name = full?.[2] ?? revision;
  if (full?.[1] === "pr") return own(state.discussions, name)?.pull?.head;
  if (full?.[1] === "tags") return own(state.tags, name)?.commit;
  return own(state.branches, name) ?? (full ? undefined : own(state.tags, name)?.commit);
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/**
 * Splits "revision/path" as it stands in a URL. Clients send the slashes of `refs/pr/1` encoded or not, so a revision
 * with slashes is recognised by being known.
 */
export function splitRevision(state: RepoState, encoded: string): { revision: string; path: string } {
  const segments = encoded.split("/").map(decodeSegment);
  const first = segments[0] ?? "";
  const special = /^refs\/(?:heads|tags)\/|^refs\/pr\/\d+/;
  const joined = segments.join("/");
  if (first === "refs" && special.test(joined)) {
    for (let count = segments.length; count >= 3; count--) {
      const revision = segments.slice(0, count).join("/");
      if (lookUp(state, revision) !== undefined) return { revision, path: segments.slice(count).join("/") };
    }
  }
  const names = [...Object.keys(state.branches), ...Object.keys(state.tags)].filter((name) =>
    name.includes("/"),
  );
  const known = names.find((name) => joined === name || joined.startsWith(`${name}/`));
  if (known !== undefined && lookUp(state, first) === undefined) {
    return { revision: known, path: joined.slice(known.length + 1) };
  }
  return { revision: first, path: segments.slice(1).join("/") };
}

/** Decodes one segment of a URL's path; a broken escape is a refusal. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Refusal("invalid", "The address has a broken percent escape");
  }
}
