import { z } from "zod";
import { defineTool, type Tool } from "../../tools/define-tool.ts";
import { type Library, openLibrary } from "../library.ts";

const domains = z.array(z.string().min(1)).max(10).optional();

export interface Searching {
  readonly query: string;
  readonly only?: readonly string[] | undefined;
  readonly without?: readonly string[] | undefined;
  readonly limit: number;
}

export interface Fetching {
  readonly url: string;
  readonly offset: number;
}

const searching: z.ZodType<Searching> = z.strictObject({
  query: z.string().min(2).max(400),
  only: domains.describe("domains to search, such as pytorch.org"),
  without: domains.describe("domains to leave out"),
  limit: z.int().min(1).max(20).default(8),
});

const fetching: z.ZodType<Fetching> = z.strictObject({
  url: z.string().min(1).max(2_000),
  offset: z.int().min(0).default(0).describe("the character to go on from"),
});

export function webSearchTool(library: Library | null): Tool {
  return defineTool({
    name: "web_search",
    description:
      "Searches the web: titles, addresses and a few words of pages. For papers, documentation, code and data sets their own tools find more.",
    readOnly: true,
    input: searching,
    facts: () => ({ hosts: library === null ? "any" : [library.searchHost] }),
    async execute(asked, { signal }) {
      const { answerSearch } = await import("../answers/web.ts");
      return await answerSearch(asked, { reading: await openLibrary(library), signal });
    },
  });
}

export function webFetchTool(library: Library | null): Tool {
  return defineTool({
    name: "web_fetch",
    description: "Reads one web page (HTML as Markdown, PDF as text, other text as it is), a part at a time.",
    readOnly: true,
    input: fetching,
    facts: ({ url }) => ({ hosts: URL.canParse(url) ? [new URL(url).hostname] : [] }),
    async execute(asked, { signal }) {
      const { answerFetch } = await import("../answers/web.ts");
      return await answerFetch(asked, { reading: await openLibrary(library), signal });
    },
  });
}
