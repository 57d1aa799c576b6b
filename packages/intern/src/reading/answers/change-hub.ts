import {
  changeHubDiscussion,
  commentOnHubDiscussion,
  createHubBranch,
  createHubRepo,
  createHubTag,
  deleteHubBranch,
  deleteHubFiles,
  deleteHubTag,
  type Hub,
  type HubRepo,
  hubRepo,
  mergeHubPullRequest,
  openHubDiscussion,
  uploadHubFiles,
} from "@ml-intern/research";
import type { ToolContext } from "../../tools/define-tool.ts";
import { readWorkspaceBytes } from "../../workbench/workspace-files.ts";
import type { Reading } from "../reading.ts";
import type { Change, CommitTo, HubChange } from "../tools/hub-change-tool.ts";

/** Uploads are held in memory on their way. */
const LARGEST = 512 * 1024 ** 2;

export async function changeHub(
  { kind, id, change, hub }: HubChange,
  { reading, context }: { readonly reading: Reading; readonly context: ToolContext },
): Promise<string> {
  return await make(change, { hub: reading.hub(hub), repo: hubRepo(kind, id), context });
}

async function make(
  change: Change,
  { hub, repo, context }: { readonly hub: Hub; readonly repo: HubRepo; readonly context: ToolContext },
): Promise<string> {
  const { signal } = context;
  switch (change.operation) {
    case "create_repo":
      return `Created ${await createHubRepo(hub, { repo, isPublic: change.is_public, signal })}.`;
    case "upload": {
      const files = await Promise.all(
        change.files.map(async ({ from, to }) => ({
          path: to,
          content: new Blob([
            Buffer.from(
              await readWorkspaceBytes({
                workbench: context.workbench,
                path: from,
                maxBytes: LARGEST,
                signal,
              }),
            ),
          ]),
        })),
      );
      return committed(await uploadHubFiles(hub, { repo, files, signal, ...commitOf(change) }));
    }
    case "delete_files": {
      const { patterns } = change;
      const done = await deleteHubFiles(hub, { repo, patterns, signal, ...commitOf(change) });
      return `${committed(done)} Deleted: ${done.deleted.join(", ")}.`;
    }
    case "create_branch": {
      const { branch, from } = change;
      await createHubBranch(hub, { repo, branch, signal, ...(from !== undefined && { from }) });
      return `There is a branch ${branch}.`;
    }
    case "delete_branch":
      await deleteHubBranch(hub, { repo, branch: change.branch, signal });
      return `The branch ${change.branch} is gone.`;
    case "create_tag": {
      const { tag, revision, message } = change;
      await createHubTag(hub, { repo, tag, revision, signal, ...(message !== undefined && { message }) });
      return `There is a tag ${tag} of ${revision}.`;
    }
    case "delete_tag":
      await deleteHubTag(hub, { repo, tag: change.tag, signal });
      return `The tag ${change.tag} is gone.`;
    case "open_discussion": {
      const { title, description, as_pull_request: asPullRequest } = change;
      const { number, url } = await openHubDiscussion(hub, {
        repo,
        title,
        description,
        asPullRequest,
        signal,
      });
      return `Opened #${number}: ${url}.`;
    }
    case "comment":
      await commentOnHubDiscussion(hub, { repo, number: change.number, comment: change.comment, signal });
      return `Commented on #${change.number}.`;
    case "set_status": {
      const { number, status, comment } = change;
      await changeHubDiscussion(hub, {
        repo,
        number,
        status,
        signal,
        ...(comment !== undefined && { comment }),
      });
      return `#${number} is ${status}.`;
    }
    case "merge": {
      const { number, comment } = change;
      await mergeHubPullRequest(hub, { repo, number, signal, ...(comment !== undefined && { comment }) });
      return `#${number} is merged.`;
    }
    default:
      return change satisfies never;
  }
}

function commitOf({ title, branch, as_pull_request: asPullRequest }: CommitTo): {
  title: string;
  branch: string;
  asPullRequest: boolean;
} {
  return { title, branch, asPullRequest };
}

function committed({
  commit,
  url,
  pullRequest,
}: {
  commit: string;
  url: string;
  pullRequest: { number: number; url: string } | null;
}): string {
  return pullRequest === null
    ? `Commit ${commit}: ${url}.`
    : `Pull request #${pullRequest.number}: ${pullRequest.url}.`;
}
