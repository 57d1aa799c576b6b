import { readPage, searchHost, searchWeb } from "@ml-intern/research";
import { z } from "zod";
import { defineTool, type Tool } from "../../tools/define-tool.ts";
import { type Library, openedLibrary } from "../library.ts";
import { quoteMaterial } from "../material.ts";
import { pageOfText } from "./page-of-text.ts";

const domains = z.array(z.string().min(1)).max(10).optional();

export function webSearchTool(library: Library | null): Tool {
  return defineTool({
    name: "web_search",
    description:
      "Searches the web: titles, addresses and a few words of pages. For papers, documentation, code and data sets their own tools find more.",
    readOnly: true,
    input: z.strictObject({
      query: z.string().min(2).max(400),
      only: domains.describe("domains to search, such as pytorch.org"),
      without: domains.describe("domains to leave out"),
      limit: z.int().min(1).max(20).default(8),
    }),
    facts: () => ({ hosts: library === null ? "any" : [searchHost(library.search)] }),
    async execute({ query, only, without, limit }, { signal }) {
      const { web, search } = openedLibrary(library);
      const domains = { ...(only && { only }), ...(without && { without }) };
      const pages = await searchWeb(web, { provider: search, query, limit, signal, ...domains });
      if (pages.length === 0) return "Nothing was found. Use fewer or other words.";
      const lines = pages.map(
        ({ title, url, snippet }) => `- ${title}\n  ${url}${snippet === "" ? "" : `\n  ${snippet}`}`,
      );
      return quoteMaterial({ source: searchHost(search), text: lines.join("\n") });
    },
  });
}

export function webFetchTool(library: Library | null): Tool {
  return defineTool({
    name: "web_fetch",
    description: "Reads one web page (HTML as Markdown, PDF as text, other text as it is), a part at a time.",
    readOnly: true,
    input: z.strictObject({
      url: z.string().min(1).max(2_000),
      offset: z.int().min(0).default(0).describe("the character to go on from"),
    }),
    facts: ({ url }) => ({ hosts: URL.canParse(url) ? [new URL(url).hostname] : [] }),
    async execute({ url, offset }, { signal }) {
      const page = await readPage(openedLibrary(library).web, { url, signal });
      const title = page.title === null || offset > 0 ? "" : `# ${page.title}\n\n`;
      const text = page.text === "" ? "(the page has no text)" : `${title}${pageOfText(page.text, offset)}`;
      return quoteMaterial({ source: page.url, text, at: page.at, isStale: page.source === "stale" });
    },
  });
}
