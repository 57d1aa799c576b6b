import { escapeHtml } from "./http/escape-html.ts";
import { type DiffedFile, unifiedDiff } from "./http/unified-diff.ts";
import { readThread, type ThreadEvent } from "./storage/discussion-thread.ts";
import { type CommitWithId, walkHistory } from "./storage/history.ts";
import { planMerge } from "./storage/merge.ts";
import type { Discussion, PullRequest, RepoState } from "./storage/repo-state.ts";
import type { Repository } from "./storage/repository.ts";
import type { FileChange } from "./storage/tree-walk.ts";

/** A discussion as it stands in a list. */
export function describeDiscussion(
  repo: Repository,
  number: number,
  discussion: Discussion,
): Record<string, unknown> {
  return {
    num: number,
    title: discussion.title,
    status: discussion.status,
    isPullRequest: discussion.pull !== null,
    author: { name: discussion.author },
    createdAt: discussion.created_at,
    repo: { type: repo.type, name: `${repo.namespace}/${repo.name}` },
  };
}

/** A discussion with all that happened in it, and of a pull request what it changes. */
export async function describeDiscussionDetails(
  repo: Repository,
  state: RepoState,
  { number, discussion, diff }: { number: number; discussion: Discussion; diff: boolean },
): Promise<Record<string, unknown>> {
  const summary = describeDiscussion(repo, number, discussion);
  const events = (await readThread(repo, number)).map(describeEvent);
  const { pull } = discussion;
  if (!pull) return { ...summary, events };
  const commits = (await commitsOf(repo, pull)).map(describeCommit);
  const base = pull.merged_as === null ? state.branches[pull.base] : pull.merge_base;
  const plan = await planMerge(repo, {
    mergeBase: pull.merge_base,
    base: base ?? pull.merge_base,
    head: pull.head,
  });
  return {
    ...summary,
    events: [...events, ...commits].sort((a, b) => (String(a.createdAt) < String(b.createdAt) ? -1 : 1)),
    changes: { base: pull.base, ...(pull.merged_as === null ? {} : { mergeCommitId: pull.merged_as }) },
    filesWithConflicts: plan.conflicts,
    ...(diff
      ? { diff: unifiedDiff(await Promise.all(plan.changes.map((file) => readSides(repo, file)))) }
      : {}),
  };
}

/** The wire form of something that happened in a discussion. */
export function describeEvent(event: ThreadEvent): Record<string, unknown> {
  const common = {
    id: event.id,
    type: event.type,
    createdAt: event.created_at,
    author: { name: event.author },
  };
  switch (event.type) {
    case "comment": {
      const author = { name: event.author };
      const latest = {
        raw: event.text,
        html: `<p>${escapeHtml(event.text)}</p>`,
        updatedAt: event.updated_at,
        author,
      };
      return { ...common, data: { edited: event.edited, hidden: event.hidden, latest, history: [] } };
    }
    case "status-change":
      return { ...common, data: { status: event.status } };
    case "title-change":
      return { ...common, data: { from: event.from, to: event.to } };
  }
}

async function commitsOf(repo: Repository, pull: PullRequest): Promise<CommitWithId[]> {
  const commits: CommitWithId[] = [];
  for await (const commit of walkHistory(repo.objects, pull.head)) {
    if (commit.oid === pull.merge_base) break;
    commits.unshift(commit);
  }
  return commits;
}

function describeCommit(commit: CommitWithId): Record<string, unknown> {
  return {
    id: commit.oid.slice(0, 24),
    type: "commit",
    createdAt: commit.date.toISOString(),
    author: { name: commit.author },
    data: { subject: commit.message.split("\n")[0], oid: commit.oid },
  };
}

const longestShown = 256 * 1024;

async function readSides(repo: Repository, { path, before, after }: FileChange): Promise<DiffedFile> {
  const side = async (oid: string | null): Promise<DiffedFile["before"]> => {
    if (oid === null) return null;
    if ((await repo.objects.blobFacts(oid)).size > longestShown) return { binary: true };
    const content = await repo.objects.blob(oid);
    return content.includes(0) ? { binary: true } : content.toString("utf8");
  };
  return { path, before: await side(before), after: await side(after) };
}
