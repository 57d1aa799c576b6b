import { z } from "zod";
import { defineTool, type Tool } from "../../tools/define-tool.ts";
import { type Library, openLibrary } from "../library.ts";

const HOSTS = [
  "huggingface.co",
  "export.arxiv.org",
  "arxiv.org",
  "ar5iv.labs.arxiv.org",
  "api.semanticscholar.org",
];

const day = z.string().regex(/^\d{4}(-\d{2}(-\d{2})?)?$/, { error: "Write a day as 2026-01-31." });

export interface PapersQuestion {
  readonly operation:
    | "search"
    | "trending"
    | "details"
    | "read"
    | "recipe"
    | "citations"
    | "snippets"
    | "recommend"
    | "linked";
  readonly query?: string | undefined;
  readonly id?: string | undefined;
  readonly section?: string | undefined;
  readonly from: number;
  readonly direction: "references" | "citations" | "both";
  readonly hops: 1 | 2;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly categories?: readonly string[] | undefined;
  readonly min_citations?: number | undefined;
  readonly sort: "relevance" | "citations" | "date";
  readonly limit: number;
}

const input: z.ZodType<PapersQuestion> = z.strictObject({
  operation: z.enum([
    "search",
    "trending",
    "details",
    "read",
    "recipe",
    "citations",
    "snippets",
    "recommend",
    "linked",
  ]),
  query: z.string().min(1).max(400).optional(),
  id: z.string().min(1).max(200).optional().describe("arXiv id, DOI or address"),
  section: z
    .string()
    .min(1)
    .optional()
    .describe("for read: anchor or title of a section; the first answer lists them"),
  from: z.int().min(0).default(0).describe("for read: the character to go on from"),
  direction: z.enum(["references", "citations", "both"]).default("both"),
  hops: z.union([z.literal(1), z.literal(2)]).default(1),
  since: day.optional().describe("for search: published from this day on; for trending: the day"),
  until: day.optional(),
  categories: z.array(z.string().min(1)).max(10).optional().describe("of arXiv, such as cs.LG"),
  min_citations: z.int().min(0).optional(),
  sort: z.enum(["relevance", "citations", "date"]).default("relevance"),
  limit: z.int().min(1).max(50).default(10),
});

export function papersTool(library: Library | null): Tool {
  return defineTool({
    name: "papers",
    description:
      "Papers of Hugging Face, arXiv and Semantic Scholar. `search`, `trending`, `details`; `read` gives a paper by its sections as Markdown; `recipe` its data, model, hyper-parameters and results, each with the line that says so; `citations` what it cites and what cites it, ranked; `snippets` passages of any paper; `recommend` others like it; `linked` its data sets, models and collections on the Hub.",
    readOnly: true,
    input,
    facts: () => ({ hosts: HOSTS }),
    async execute(asked, { show, signal }) {
      const { answerPapers } = await import("../answers/papers.ts");
      return await answerPapers(asked, { reading: await openLibrary(library), show, signal });
    },
  });
}
