import { Refusal } from "../refusal.ts";
import type { Discussion, RepoState } from "./repo-state.ts";
import { nextDiscussionNumber } from "./repo-state.ts";
import type { Repository } from "./repository.ts";
import { findWritableRef, headOf, resolveRevision, withHead } from "./revision.ts";
import { editTree, type TreeEdit } from "./tree-edit.ts";

export interface CommitRequest {
  readonly revision: string;
  readonly edits: readonly TreeEdit[];
  readonly title: string;
  readonly description: string;
  /** Refuse with `stale_parent` unless this (or this beginning of an id) is what the branch points to. */
  readonly parentCommit: string | null;
  readonly author: { readonly name: string; readonly email: string };
  readonly now: Date;
}

/** Adds a commit to a branch or pull request. Of two that race both arrive, one on top of the other. */
export function addCommit(repo: Repository, request: CommitRequest): Promise<{ oid: string }> {
  return repo.update(async (state) => {
    const ref = findWritableRef(state, request.revision);
    const head = headOf(state, ref);
    if (request.parentCommit !== null && !head.startsWith(request.parentCommit.toLowerCase())) {
      throw new Refusal(
        "stale_parent",
        `A commit has happened since: ${request.revision} is at ${head}, not at ${request.parentCommit}`,
      );
    }
    const oid = await writeCommit(repo, { ...request, parent: head });
    const moved = withHead(state, ref, oid);
    return { state: { ...moved, modified_at: request.now.toISOString() }, result: { oid } };
  });
}

/** Opens a pull request that holds one commit on top of the given revision. */
export function addPullRequest(
  repo: Repository,
  request: CommitRequest,
): Promise<{ oid: string; number: number; discussion: Discussion }> {
  return repo.update(async (state) => {
    const base = findWritableRef(state, request.revision);
    if (base.kind !== "branch")
      throw new Refusal("invalid", "A pull request must be opened against a branch");
    const parent =
      request.parentCommit === null
        ? headOf(state, base)
        : await resolveRevision(repo, state, request.parentCommit);
    const oid = await writeCommit(repo, { ...request, parent });
    const number = nextDiscussionNumber(state);
    const discussion: Discussion = {
      title: request.title,
      status: "open",
      author: request.author.name,
      created_at: request.now.toISOString(),
      pull: { base: base.name, head: oid, merge_base: parent, merged_as: null },
    };
    return { state: withDiscussion(state, number, discussion), result: { oid, number, discussion } };
  });
}

export function withDiscussion(state: RepoState, number: number | string, discussion: Discussion): RepoState {
  return { ...state, discussions: { ...state.discussions, [String(number)]: discussion } };
}

/** Stores tree and commit objects; nothing points to them yet. A null parent begins a new history. */
export async function writeCommit(
  repo: Repository,
  request: Omit<CommitRequest, "revision" | "parentCommit"> & { parent: string | null },
): Promise<string> {
  const parent = request.parent === null ? null : await repo.objects.commit(request.parent);
  const tree = await editTree(repo.objects, { tree: parent?.tree ?? null, edits: request.edits });
  return repo.objects.putCommit({
    tree,
    parent: request.parent,
    author: request.author.name,
    email: request.author.email,
    date: request.now,
    message: request.description === "" ? request.title : `${request.title}\n\n${request.description}`,
  });
}
