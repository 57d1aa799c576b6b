import {
  type DocsPage,
  type DocsResult,
  type Documentation,
  DocumentationError,
  type UpdatedSource,
} from "@ml-intern/research";
import { z } from "zod";
import { ToolFailure } from "../../failures/tool-failure.ts";
import { defineTool, type Tool, type ToolContext } from "../../tools/define-tool.ts";
import { addInstalledDocs } from "../add-installed-docs.ts";
import { type Library, openedLibrary } from "../library.ts";
import { quoteMaterial } from "../material.ts";

const SITE = "huggingface.co";

const input = z.strictObject({
  operation: z.enum(["search", "read", "list", "add"]),
  query: z.string().min(2).max(250).optional().describe("for search: words, names, or a question"),
  source: z
    .string()
    .min(1)
    .optional()
    .describe("search only this one: its name from `list`, or a library of Hugging Face"),
  page: z.string().min(1).optional().describe("for read: an address, or source/path as search gives it"),
  section: z.string().min(1).optional().describe("for read: the section's anchor or heading"),
  library: z
    .string()
    .regex(/^[\w.-]+$/)
    .optional()
    .describe("for add: a library of huggingface.co/docs, such as trl"),
  package: z
    .string()
    .regex(/^[A-Za-z_]\w*$/)
    .optional()
    .describe("for add: an installed Python package, by its import name"),
  environment: z.enum(["base", "torch"]).default("base"),
  limit: z.int().min(1).max(20).default(6),
});

type Input = z.infer<typeof input>;

export function docsTool(library: Library | null): Tool {
  return defineTool({
    name: "docs",
    description:
      "Documentation kept on this machine, searched without a network. `search` gives pages with their best section, `read` a page or section, `list` what is kept, `add` a library of Hugging Face (its pages are downloaded) or an installed package (its docstrings: always of the version that you run). Results say which version they are of.",
    readOnly: true,
    input,
    facts: (asked) => ({ hosts: reachesSite(asked) ? [SITE] : [] }),
    execute: (asked, context) => answer(asked, openedLibrary(library), context),
  });
}

function reachesSite({ operation, library, source, page }: Input): boolean {
  switch (operation) {
    case "search":
      return source !== undefined;
    case "read":
      return page === undefined || /^https?:/.test(page);
    case "add":
      return library !== undefined;
    case "list":
      return false;
    default:
      return operation satisfies never;
  }
}

async function answer(asked: Input, library: Library, context: ToolContext): Promise<string> {
  const documentation = await library.documentation();
  const { operation } = asked;
  switch (operation) {
    case "search":
      return await search(asked, { documentation, library, context });
    case "read": {
      const page = needed(asked, "page");
      const { section } = asked;
      const { signal } = context;
      return shown(await documentation.fetch({ page, signal, ...(section !== undefined && { section }) }));
    }
    case "list":
      return await list(documentation, context.signal);
    case "add":
      return await add(asked, { documentation, library, context });
    default:
      return operation satisfies never;
  }
}

interface Place {
  readonly documentation: Documentation;
  readonly library: Library;
  readonly context: ToolContext;
}

async function search(asked: Input, { documentation, library, context }: Place): Promise<string> {
  const { source, limit } = asked;
  const query = needed(asked, "query");
  const { signal } = context;
  try {
    const { results, notes } = await documentation.search({
      query,
      limit,
      signal,
      ...(source !== undefined && { source }),
    });
    if (results.length === 0)
      return ["Nothing was found. Use other words, or `add` documentation.", ...notes].join("\n");
    const text = results.map(describeResult).join("\n\n");
    return [quoteMaterial({ source: "documentation kept here", text }), ...warnings(results), ...notes].join(
      "\n",
    );
  } catch (error) {
    // A library that is not kept may be known to the site's own search.
    const isUnknown = error instanceof DocumentationError && error.code === "docs/unknown_source";
    if (!isUnknown || source === undefined || library.web.isOffline) throw error;
    const found = await documentation.searchSite({ query, library: source, limit, signal });
    const lines = found.map(({ title, headings, url, anchor, text }) => {
      const address = anchor === null ? url : `${url}#${anchor}`;
      return `- ${[title, ...headings].join(" > ")}\n  ${address}\n  ${text.replaceAll(/\s+/g, " ").slice(0, 300)}`;
    });
    const text = lines.length === 0 ? "Nothing was found." : lines.join("\n");
    return `${quoteMaterial({ source: SITE, text })}\n[From the site's own search; \`add\` the library to search it here.]`;
  }
}

function describeResult({ title, section, source, path, anchor, version, snippet }: DocsResult): string {
  const place = `${source}/${path}${anchor === "" ? "" : `#${anchor}`}`;
  const heading = section === "" || section === title ? title : `${title}: ${section}`;
  return `- ${heading} (${version ?? "version unknown"})\n  page: ${place}\n  ${snippet.replaceAll("\n", "\n  ")}`;
}

function shown(page: DocsPage): string {
  const { url, markdown, isCut, contents, fetchedAt, isStale, warning, version } = page;
  const list = contents.map(
    ({ heading, anchor, characters }) => `- ${heading} (section ${anchor}, ${characters} characters)`,
  );
  const more = list.length === 0 ? [] : [`[${isCut ? "Cut. " : ""}Sections of the page:]`, ...list];
  const source = version === null ? url : `${url} (${version})`;
  const quoted = quoteMaterial({ source, text: [markdown, ...more].join("\n"), at: fetchedAt, isStale });
  return warning === null ? quoted : `${quoted}\n[${warning}]`;
}

async function list(documentation: Documentation, signal: AbortSignal): Promise<string> {
  const sources = await documentation.sources(signal);
  if (sources.length === 0) return "Nothing is kept yet: `add` a library or an installed package.";
  return sources
    .map(({ id, version, pages, missing, listedAt }) => {
      const left = missing === 0 ? "" : `, ${missing} not read yet`;
      return `- ${id}: ${version ?? "version unknown"}, ${pages} pages${left}, read ${listedAt.toISOString().slice(0, 10)}`;
    })
    .join("\n");
}

async function add(asked: Input, { documentation, library, context }: Place): Promise<string> {
  const { library: name, package: installed, environment } = asked;
  const { signal, show } = context;
  if ((name === undefined) === (installed === undefined)) {
    throw new ToolFailure(
      "tool/wrong_arguments",
      "add needs either library or package.",
      "Nothing was done. Send the call again with one of them.",
    );
  }
  const onProgress = ({ pages, of }: { readonly pages: number; readonly of: number }): void =>
    show(`${pages} of ${of} pages\n`);
  if (name !== undefined) {
    return added(await documentation.add({ origin: { kind: "library", library: name }, onProgress, signal }));
  }
  return added(await addInstalledDocs(installed ?? "", { documentation, library, environment, context }));
}

function added({ source, added, changed, unchanged, missing, failed, stopped }: UpdatedSource): string {
  const facts = [`${source}: ${added} pages added`, `${changed} changed`, `${unchanged} as they were`];
  const left = missing > 0 ? [`${missing} are still to be read: \`add\` it again later`] : [];
  const lost = failed.length > 0 ? [`${failed.length} could not be had`] : [];
  return `${[...facts, ...left, ...lost].join(", ")}.${stopped === null ? "" : ` ${stopped}`}`;
}

function warnings(results: readonly DocsResult[]): string[] {
  return [...new Set(results.flatMap(({ warning }) => warning ?? []))].map((warning) => `[${warning}]`);
}

function needed(asked: Input, name: "query" | "page"): string {
  const value = asked[name];
  if (value !== undefined) return value;
  throw new ToolFailure(
    "tool/wrong_arguments",
    `${asked.operation} needs ${name}.`,
    "Nothing was done. Send the call again with it.",
  );
}
