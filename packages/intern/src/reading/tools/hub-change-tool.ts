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
import { z } from "zod";
import { defineTool, type Tool, type ToolContext } from "../../tools/define-tool.ts";
import { readWorkspaceBytes } from "../../workbench/workspace-files.ts";
import { type Library, openedLibrary } from "../library.ts";
import { hubHosts, hubSchema } from "./which-hub.ts";

const text = z.string().min(1).max(10_000);
const number = z.int().min(1);
const branch = z.string().min(1).max(200);

const change = z.discriminatedUnion("operation", [
  z.strictObject({ operation: z.literal("create_repo"), is_public: z.boolean().default(false) }),
  z.strictObject({
    operation: z.literal("upload"),
    files: z
      .array(z.strictObject({ from: z.string().min(1), to: z.string().min(1) }))
      .min(1)
      .max(100)
      .describe("from: a file of the workspace; to: its path in the repository"),
    title: text,
    branch: branch.default("main"),
    as_pull_request: z.boolean().default(false),
  }),
  z.strictObject({
    operation: z.literal("delete_files"),
    patterns: z.array(z.string().min(1)).min(1).max(50),
    title: text,
    branch: branch.default("main"),
    as_pull_request: z.boolean().default(false),
  }),
  z.strictObject({ operation: z.literal("create_branch"), branch, from: branch.optional() }),
  z.strictObject({ operation: z.literal("delete_branch"), branch }),
  z.strictObject({
    operation: z.literal("create_tag"),
    tag: branch,
    revision: branch.default("main"),
    message: text.optional(),
  }),
  z.strictObject({ operation: z.literal("delete_tag"), tag: branch }),
  z.strictObject({
    operation: z.literal("open_discussion"),
    title: text,
    description: text,
    as_pull_request: z.boolean().default(false),
  }),
  z.strictObject({ operation: z.literal("comment"), number, comment: text }),
  z.strictObject({
    operation: z.literal("set_status"),
    number,
    status: z.enum(["open", "closed"]),
    comment: text.optional(),
  }),
  z.strictObject({ operation: z.literal("merge"), number, comment: text.optional() }),
]);

/** Uploads are held in memory on their way. */
const LARGEST = 512 * 1024 ** 2;

type Change = z.infer<typeof change>;

const input = z.strictObject({
  kind: z.enum(["model", "dataset", "space"]),
  id: z.string().min(1).describe("owner/name"),
  change,
  hub: hubSchema,
});

/** Whether others can see the repository is not known before: a policy has to take it for public. */
export function hubChangeTool(library: Library | null): Tool {
  return defineTool({
    name: "hub_change",
    description:
      "Changes a repository of a hub: files of the workspace are uploaded, files deleted, branches, tags, discussions and pull requests made and changed. A finished model is published with publish_model instead, which brings the evidence along.",
    input,
    facts: ({ id, hub, change }) => ({
      hosts: hubHosts(library, hub),
      target: {
        name: id,
        visibility: change.operation === "create_repo" && !change.is_public ? "private" : "public",
      },
    }),
    async execute({ kind, id, change, hub: which }, context) {
      const hub = openedLibrary(library).hub(which);
      return await make(change, { hub, repo: hubRepo(kind, id), context });
    },
  });
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

function commitOf({
  title,
  branch,
  as_pull_request: asPullRequest,
}: Extract<Change, { title: string; branch: string }>): {
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
