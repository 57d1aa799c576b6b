import {
  type Hub,
  type HubRepo,
  hubRepo,
  listHubDiscussions,
  listHubFiles,
  listHubRefs,
  readHubDiscussion,
  readHubFile,
} from "@ml-intern/research";
import { z } from "zod";
import { ToolFailure } from "../../failures/tool-failure.ts";
import { defineTool, type Tool } from "../../tools/define-tool.ts";
import { type Library, openedLibrary } from "../library.ts";
import { quoteMaterial } from "../material.ts";
import { pageOfText } from "./page-of-text.ts";
import { hubHosts, hubSchema } from "./which-hub.ts";

const input = z.strictObject({
  operation: z.enum(["list_files", "read_file", "list_refs", "list_discussions", "read_discussion"]),
  kind: z.enum(["model", "dataset", "space"]),
  id: z.string().min(1).describe("owner/name"),
  revision: z.string().min(1).default("main").describe("branch, tag or commit"),
  path: z.string().optional().describe("of the file to read, or of the folder to list"),
  offset: z.int().min(0).default(0).describe("the character of the file to go on from"),
  number: z.int().min(1).optional().describe("of the discussion or pull request"),
  limit: z.int().min(1).max(200).default(50),
  hub: hubSchema,
});

type Input = z.infer<typeof input>;

export function hubRepoTool(library: Library | null): Tool {
  return defineTool({
    name: "hub_repo",
    description: "Reads a repository of a hub: its files, branches and tags, discussions and pull requests.",
    readOnly: true,
    input,
    facts: ({ hub }) => ({ hosts: hubHosts(library, hub) }),
    async execute(asked, { signal }) {
      const hub = openedLibrary(library).hub(asked.hub);
      const repo = hubRepo(asked.kind, asked.id);
      const text = await answer(asked, { hub, repo, signal });
      return quoteMaterial({ source: `${hub.url} ${asked.kind} ${repo.id}`, text });
    },
  });
}

async function answer(
  { operation, revision, path, offset, number, limit }: Input,
  { hub, repo, signal }: { readonly hub: Hub; readonly repo: HubRepo; readonly signal: AbortSignal },
): Promise<string> {
  switch (operation) {
    case "list_files": {
      const folder = path === undefined ? {} : { folder: path };
      const files = await listHubFiles(hub, { repo, revision, signal, ...folder });
      const lines = files.slice(0, limit).map((file) => `- ${file.path} (${file.size} bytes)`);
      const more = files.length > limit ? [`[${files.length} in all]`] : [];
      return lines.length === 0 ? "There are no files." : [...lines, ...more].join("\n");
    }
    case "read_file": {
      const { text } = await readHubFile(hub, { repo, revision, path: needed(path, "path"), signal });
      return text === null ? `${path} is no text.` : pageOfText(text, offset);
    }
    case "list_refs": {
      const { branches, tags, pullRequests } = await listHubRefs(hub, { repo, signal });
      const lines = [
        ...branches.map(({ name, commit }) => `- branch ${name}: ${commit}`),
        ...tags.map(({ name, commit }) => `- tag ${name}: ${commit}`),
        ...pullRequests.map(({ name, commit }) => `- pull request ${name}: ${commit}`),
      ];
      return lines.join("\n");
    }
    case "list_discussions": {
      const { discussions, total } = await listHubDiscussions(hub, { repo, limit, signal });
      const lines = discussions.map(
        ({ number, title, status, isPullRequest, author, created }) =>
          `- #${number} ${isPullRequest ? "pull request" : "discussion"}, ${status}, ${author ?? "somebody"}, ${created.slice(0, 10)}: ${title}`,
      );
      return lines.length === 0 ? "There are none." : [...lines, `[${total} in all]`].join("\n");
    }
    case "read_discussion": {
      const found = await readHubDiscussion(hub, { repo, number: needed(number, "number"), signal });
      const events = found.events.map(
        ({ author, at, text }) => `## ${author ?? "somebody"}, ${at.slice(0, 16)}\n${text}`,
      );
      const diff = found.diff === null ? [] : [`\`\`\`diff\n${found.diff}\n\`\`\``];
      return pageOfText([`# ${found.title} (${found.status})`, ...events, ...diff].join("\n\n"), offset);
    }
    default:
      return operation satisfies never;
  }
}

function needed<Value>(value: Value | undefined, name: string): Value {
  if (value !== undefined) return value;
  throw new ToolFailure(
    "tool/wrong_arguments",
    `This operation needs ${name}.`,
    "Nothing was done. Send the call again with it.",
  );
}
