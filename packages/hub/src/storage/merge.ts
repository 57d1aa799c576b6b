import { Refusal } from "../refusal.ts";
import { withDiscussion, writeCommit } from "./add-commit.ts";
import { requireCommit } from "./history.ts";
import type { Discussion } from "./repo-state.ts";
import type { Repository } from "./repository.ts";
import type { TreeEdit } from "./tree-edit.ts";
import { compareTrees, type FileChange } from "./tree-walk.ts";

export interface MergePlan {
  /** What the pull request changes. */
  readonly changes: readonly FileChange[];
  /** Files that the branch has changed too, and differently. */
  readonly conflicts: readonly string[];
}

/** What merging would do, compared file by file with the commit that the pull request started from. */
export async function planMerge(
  repo: Repository,
  { mergeBase, base, head }: { mergeBase: string; base: string; head: string },
): Promise<MergePlan> {
  const treeOf = async (oid: string) => (await requireCommit(repo.objects, oid)).tree;
  const start = await treeOf(mergeBase);
  const changes = await compareTrees(repo.objects, start, await treeOf(head));
  const theirs = new Map(
    (await compareTrees(repo.objects, start, await treeOf(base))).map((change) => [
      change.path,
      change.after,
    ]),
  );
  const conflicts = changes.filter(({ path, after }) => theirs.has(path) && theirs.get(path) !== after);
  return { changes, conflicts: conflicts.map(({ path }) => path) };
}

/** Puts a pull request's changes on its base branch as one commit, and marks it as merged, in one step. */
export function mergePullRequest(
  repo: Repository,
  { number, now, mergedBy }: { number: number; now: Date; mergedBy: { name: string; email: string } },
): Promise<{ oid: string; discussion: Discussion }> {
  return repo.update(async (state) => {
    const discussion = state.discussions[String(number)];
    if (!discussion?.pull) throw new Refusal("invalid", `Discussion ${number} is not a pull request`);
    if (discussion.status === "merged" || discussion.status === "closed") {
      throw new Refusal("invalid", `Pull request ${number} is ${discussion.status}`);
    }
    const { base, head, merge_base: mergeBase } = discussion.pull;
    const tip = state.branches[base];
    if (tip === undefined) throw new Refusal("revision_not_found", `The branch ${base} is gone`);
    const { changes, conflicts } = await planMerge(repo, { mergeBase, base: tip, head });
    if (conflicts.length > 0) {
      throw new Refusal("conflict", `These files were changed on ${base} too: ${conflicts.join(", ")}`, {
        details: { filesWithConflicts: conflicts },
      });
    }
    // Where the branch has already made the same change there is nothing left to do.
    const present = await compareTrees(
      repo.objects,
      (await requireCommit(repo.objects, tip)).tree,
      (await requireCommit(repo.objects, head)).tree,
    );
    const open = new Set(present.map(({ path }) => path));
    const oid = await writeCommit(repo, {
      parent: tip,
      edits: changes.filter(({ path }) => open.has(path)).map(toEdit),
      title: `${discussion.title} (#${number})`,
      description: "",
      author: mergedBy,
      now,
    });
    const merged: Discussion = {
      ...discussion,
      status: "merged",
      pull: { ...discussion.pull, merged_as: oid },
    };
    return {
      state: {
        ...withDiscussion(state, number, merged),
        branches: { ...state.branches, [base]: oid },
        modified_at: now.toISOString(),
      },
      result: { oid, discussion: merged },
    };
  });
}

function toEdit({ path, after }: FileChange): TreeEdit {
  return after === null ? { kind: "remove_file", path } : { kind: "put", path, oid: after };
}
