import { z } from "zod";
import { defineTool, type Tool } from "../../tools/define-tool.ts";
import { type Library, openLibrary } from "../library.ts";

const HOST = "api.github.com";

export interface GithubQuestion {
  readonly operation: "search_code" | "search_repositories" | "find_examples" | "list_files" | "read_file";
  readonly query?: string | undefined;
  readonly repository?: string | undefined;
  readonly path?: string | undefined;
  readonly ref?: string | undefined;
  readonly from_line: number;
  readonly limit: number;
}

const input: z.ZodType<GithubQuestion> = z.strictObject({
  operation: z.enum(["search_code", "search_repositories", "find_examples", "list_files", "read_file"]),
  query: z
    .string()
    .min(1)
    .max(250)
    .optional()
    .describe("for searches; GitHub's qualifiers work (repo:, org:, language:, path:)"),
  repository: z.string().min(1).optional().describe("owner/name; for files and examples"),
  path: z.string().optional().describe("of the file to read, or of the folder to list"),
  ref: z.string().min(1).optional().describe("branch, tag or commit; a commit gives the same file again"),
  from_line: z.int().min(1).default(1),
  limit: z.int().min(1).max(100).default(20),
});

export function githubTool(library: Library | null): Tool {
  return defineTool({
    name: "github",
    description:
      "Code on GitHub. `find_examples` lists scripts and notebooks of a repository that show its use (query: what for); `read_file` reads one (notebooks as Markdown), 300 lines at a time; `list_files` lists a folder; `search_repositories`; `search_code` needs GITHUB_TOKEN.",
    readOnly: true,
    input,
    facts: () => ({ hosts: [HOST] }),
    async execute(asked, { signal }) {
      const { answerGithub } = await import("../answers/github.ts");
      return await answerGithub(asked, { reading: await openLibrary(library), signal });
    },
  });
}
