import { z } from "zod";
import { defineTool, type Tool } from "../../tools/define-tool.ts";
import { type Library, openLibrary } from "../library.ts";

const SITE = "huggingface.co";

export interface DocsQuestion {
  readonly operation: "search" | "read" | "list" | "add";
  readonly query?: string | undefined;
  readonly source?: string | undefined;
  readonly page?: string | undefined;
  readonly section?: string | undefined;
  readonly offset: number;
  readonly library?: string | undefined;
  readonly package?: string | undefined;
  readonly url?: string | undefined;
  readonly environment: "base" | "torch";
  readonly limit: number;
}

const input: z.ZodType<DocsQuestion> = z.strictObject({
  operation: z.enum(["search", "read", "list", "add"]),
  query: z.string().min(2).max(250).optional().describe("for search: words, names, or a question"),
  source: z
    .string()
    .min(1)
    .optional()
    .describe("search only this one: its name from `list`, or a library of Hugging Face"),
  page: z.string().min(1).optional().describe("for read: an address, or source/path as search gives it"),
  section: z.string().min(1).optional().describe("for read: the section's anchor or heading"),
  offset: z.int().min(0).default(0).describe("for read: the character to go on from"),
  library: z
    .string()
    .regex(/^[\w.-]+$/)
    .optional()
    .describe(
      "for add: a library of huggingface.co/docs, such as trl; hub-api is the HTTP interface of the Hub",
    ),
  package: z
    .string()
    .regex(/^[A-Za-z_]\w*$/)
    .optional()
    .describe("for add: an installed Python package, by its import name"),
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("for add: an llms.txt, whose pages are read"),
  environment: z.enum(["base", "torch"]).default("base"),
  limit: z.int().min(1).max(20).default(6),
});

export function docsTool(library: Library | null): Tool {
  return defineTool({
    name: "docs",
    description:
      "Documentation kept on this machine, searched without a network. `search` gives pages with their best section, `read` a page or section, `list` what is kept, `add` a library of Hugging Face or an llms.txt (pages are downloaded), or an installed package (its docstrings: always of the version that you run). Results say which version they are of.",
    readOnly: true,
    input,
    facts: (asked) => ({ hosts: hostsOf(asked) }),
    async execute(asked, context) {
      const { answerDocs } = await import("../answers/docs.ts");
      return await answerDocs(asked, { reading: await openLibrary(library), context });
    },
  });
}

function hostsOf({ operation, library, source, page, url }: DocsQuestion): readonly string[] | "any" {
  switch (operation) {
    case "search":
      return source === undefined ? [] : [SITE];
    case "read":
      return page === undefined || /^https?:/.test(page) ? [SITE] : [];
    case "add":
      // Such a list names pages wherever they are.
      if (url !== undefined) return "any";
      return library === undefined ? [] : [SITE];
    case "list":
      return [];
    default:
      return operation satisfies never;
  }
}
