import * as z from "zod";

export interface PullRequest {
  /** The branch that it is to be merged into. */
  readonly base: string;
  readonly head: string;
  /** The commit that it started from. */
  readonly merge_base: string;
  /** The commit that the merge made. */
  readonly merged_as: string | null;
}

export type DiscussionStatus = "open" | "closed" | "merged" | "draft";

export interface Discussion {
  readonly title: string;
  readonly status: DiscussionStatus;
  readonly author: string;
  readonly created_at: string;
  /** null for a discussion that is no pull request. */
  readonly pull: PullRequest | null;
}

/**
 * Everything about a repository that can change, in one document: a change of several things (a merge moves a branch
 * and closes a pull request) happens whole or not at all.
 */
export interface RepoState {
  readonly format: 1;
  /** Stays the same when the repository is renamed. */
  readonly id: string;
  readonly created_at: string;
  readonly modified_at: string;
  readonly private: boolean;
  readonly gated: false | "auto" | "manual";
  readonly sdk: string | null;
  readonly branches: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, { readonly commit: string; readonly message: string | null }>>;
  readonly discussions: Readonly<Record<string, Discussion>>;
}

const discussion = z.object({
  title: z.string(),
  status: z.enum(["open", "closed", "merged", "draft"]),
  author: z.string(),
  created_at: z.string(),
  pull: z
    .object({ base: z.string(), head: z.string(), merge_base: z.string(), merged_as: z.string().nullable() })
    .nullable(),
});

export const repoStateSchema: z.ZodType<RepoState> = z.object({
  format: z.literal(1),
  id: z.string(),
  created_at: z.string(),
  modified_at: z.string(),
  private: z.boolean(),
  gated: z.union([z.literal(false), z.enum(["auto", "manual"])]),
  sdk: z.string().nullable(),
  branches: z.record(z.string(), z.string()),
  tags: z.record(z.string(), z.object({ commit: z.string(), message: z.string().nullable() })),
  discussions: z.record(z.string(), discussion),
});

/** The next free number for a discussion or pull request, which share one sequence. */
export function nextDiscussionNumber(state: RepoState): number {
  return Math.max(0, ...Object.keys(state.discussions).map(Number)) + 1;
}
