import {
  findExamples,
  type GithubFile,
  listFiles,
  readGithubFile,
  searchCode,
  searchRepositories,
  type WebClient,
} from "@ml-intern/research";
import type { Material } from "../material.ts";
import type { GithubQuestion } from "../tools/github-tool.ts";
import { type Answering, quoteReading } from "./answering.ts";
import { needed } from "./needed.ts";
import { pageOfLines } from "./page-of-text.ts";

const HOST = "api.github.com";

export async function answerGithub(asked: GithubQuestion, { reading, signal }: Answering): Promise<string> {
  return await quoteReading(reading, ({ web }) => answer(asked, { web, signal }));
}

async function answer(
  asked: GithubQuestion,
  { web, signal }: { readonly web: WebClient; readonly signal: AbortSignal },
): Promise<Material> {
  const { operation, ref, path, limit, from_line } = asked;
  const at = ref === undefined ? {} : { ref };
  switch (operation) {
    case "search_code": {
      const { hits, total, isComplete } = await searchCode(web, {
        query: needed(asked, "query"),
        limit,
        signal,
      });
      const lines = hits.map(({ repository, path, fragments }) =>
        [`- ${repository}: ${path}`, ...fragments.map((fragment) => indented(fragment))].join("\n"),
      );
      return { source: HOST, text: found(lines, { total, isComplete }) };
    }
    case "search_repositories": {
      const query = needed(asked, "query");
      const { hits, total, isComplete } = await searchRepositories(web, {
        query,
        sort: "best",
        limit,
        signal,
      });
      const lines = hits.map((hit) => {
        const facts = [
          `${hit.stars} stars`,
          hit.language,
          hit.licence,
          hit.pushed?.slice(0, 10),
          hit.isArchived ? "archived" : null,
        ];
        return `- ${hit.name} (${facts.filter((fact) => fact).join(", ")})${hit.description ? `: ${hit.description}` : ""}`;
      });
      return { source: HOST, text: found(lines, { total, isComplete }) };
    }
    case "find_examples": {
      const repository = needed(asked, "repository");
      const listing = { repository, keyword: asked.query ?? "", limit, signal, ...at };
      const { examples, isComplete } = await findExamples(web, listing);
      const lines = examples.map(({ path, size }) => `- ${path} (${size} bytes)`);
      return { source: repository, text: found(lines, { total: examples.length, isComplete }) };
    }
    case "list_files": {
      const repository = needed(asked, "repository");
      const listing = { repository, signal, ...(path !== undefined && { folder: path }), ...at };
      const { files, isComplete } = await listFiles(web, listing);
      const lines = files.slice(0, limit).map(({ path, size }) => `- ${path} (${size} bytes)`);
      return { source: repository, text: found(lines, { total: files.length, isComplete }) };
    }
    case "read_file": {
      const repository = needed(asked, "repository");
      const file = await readGithubFile(web, { repository, path: needed(asked, "path"), signal, ...at });
      return {
        source: file.kind === "file" ? file.url || `${repository}/${file.path}` : repository,
        text: shown(file, from_line),
      };
    }
    default:
      return operation satisfies never;
  }
}

function shown(file: GithubFile, from: number): string {
  switch (file.kind) {
    case "file":
      if (file.text === null) return `${file.path} is no text (${file.size} bytes).`;
      return `${file.path} (sha ${file.sha})\n${pageOfLines(file.text, from)}`;
    case "folder":
      return `${file.path} is a folder:\n${file.names.map((name) => `- ${name}`).join("\n")}`;
    case "elsewhere":
      return `${file.path} leads to ${file.target}.`;
    default:
      return file satisfies never;
  }
}

function found(
  lines: readonly string[],
  { total, isComplete }: { readonly total: number; readonly isComplete: boolean },
): string {
  if (lines.length === 0)
    return isComplete
      ? "Nothing was found."
      : "Nothing was found before the search was cut short; ask more narrowly.";
  const more = total > lines.length ? [`[${total} in all]`] : [];
  const cut = isComplete ? [] : ["[GitHub did not look everywhere: ask more narrowly to be sure]"];
  return [...lines, ...more, ...cut].join("\n");
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}
