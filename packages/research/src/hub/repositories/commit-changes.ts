import { type CommitOperation, type CommitProgressEvent, commitIter, HubApiError } from "@huggingface/hub";
import { asFetch } from "../../http/as-fetch.ts";
import { WebError } from "../../http/web-error.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoName, repoPage } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";

export interface Commit {
  readonly commit: string;
  readonly url: string;
  /** Where it waits to be merged; null when it went to the branch itself. */
  readonly pullRequest: { readonly number: number; readonly url: string } | null;
}

export interface CommitOptions {
  readonly repo: HubRepo;
  readonly title: string;
  readonly description?: string;
  /** By default `main`; `refs/pr/3` adds to a pull request. */
  readonly branch?: string;
  /** Opens a pull request instead of changing the branch. */
  readonly asPullRequest?: boolean;
  /** Refuses when somebody else has committed since. */
  readonly parent?: string;
  readonly onProgress?: (event: CommitProgressEvent) => void;
  readonly signal: AbortSignal;
}

/** Makes one commit: all of the changes or, when it fails or is stopped, none. */
export async function commitChanges(
  hub: Hub,
  { operations, ...options }: CommitOptions & { readonly operations: CommitOperation[] },
): Promise<Commit> {
  const { repo, title, description, branch, asPullRequest = false, parent, onProgress, signal } = options;
  signal.throwIfAborted();
  const work = async (): Promise<Commit> => {
    const committing = commitIter({
      hubUrl: hub.url,
      fetch: asFetch(hub.web, { signal }),
      repo: { type: repo.kind, name: repo.id },
      operations,
      title,
      ...(description !== undefined && { description }),
      ...(branch !== undefined && { branch }),
      ...(parent !== undefined && { parentCommit: parent }),
      isPullRequest: asPullRequest,
      useXet: false,
      // The library never takes its listener back.
      abortSignal: AbortSignal.any([signal]),
    });
    try {
      let step = await committing.next();
      for (; step.done !== true; step = await committing.next()) onProgress?.(step.value);
      if (step.value === undefined) throw new TypeError("the hub named no commit");
      const { commit, pullRequestUrl } = step.value;
      const number = Number(/(\d+)\/?$/.exec(pullRequestUrl ?? "")?.[1]);
      const pullRequest = pullRequestUrl === undefined ? null : { number, url: pullRequestUrl };
      return { commit: commit.oid, url: commit.url, pullRequest };
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof WebError ? error : notCommitted(error, { hub, repo });
    }
  };
  return await aboutRepo(hub, { repo, ...(branch !== undefined && { about: branch }), work });
}

function notCommitted(
  cause: unknown,
  { hub, repo }: { readonly hub: Hub; readonly repo: HubRepo },
): WebError {
  const status = cause instanceof HubApiError ? cause.statusCode : null;
  const said =
    cause instanceof HubApiError && typeof cause.data?.error === "string" ? cause.data.error : null;
  const told = said ?? (cause instanceof Error ? cause.message : String(cause));
  const { code, mend } = meaningOf(status);
  return new WebError(code, `${repoName(repo)} was not changed: ${told}`, {
    url: repoPage(hub, repo),
    mend,
    ...(status !== null && { status }),
    cause,
  });
}

function meaningOf(status: number | null): Pick<WebError, "code" | "mend"> {
  switch (status) {
    case 401:
    case 403:
      return {
        code: "web/forbidden",
        mend: "It takes a token that may write to this repository (HF_TOKEN).",
      };
    case 404:
      return {
        code: "web/not_found",
        mend: "Look at the names of the repository, the branch and the files.",
      };
    case 412:
      return {
        code: "web/refused",
        mend: "Somebody else has committed since: read the files again, then commit on top of the new commit.",
      };
    case 429:
      return {
        code: "web/rate_limited",
        mend: "Commit again in a few minutes, with all changes in one commit.",
      };
    default:
      return status !== null && status >= 500
        ? { code: "web/server", mend: "Commit again later: files that have arrived are not sent again." }
        : { code: "web/refused", mend: "Change the commit by what the hub says." };
  }
}
