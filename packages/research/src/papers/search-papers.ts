import type { WebClient } from "../http/web-client.ts";
import { searchArxiv } from "./arxiv.ts";
import { askServices } from "./ask-services.ts";
import { searchHfPapers } from "./hf-papers.ts";
import { mergePapers } from "./merge-papers.ts";
import type { Missing, Paper, PaperSource } from "./paper.ts";
import { PaperError } from "./paper-error.ts";
import { searchSemanticScholar } from "./semantic-scholar.ts";

export interface PaperSearch {
  readonly query: string;
  /** By default 10, at most 50. */
  readonly limit?: number;
  /** Days, `2024-01-31`; both belong to the span. */
  readonly from?: string;
  readonly to?: string;
  /** As arXiv names them: `cs.LG`. */
  readonly categories?: readonly string[];
  readonly minCitations?: number;
  readonly sort?: "relevance" | "citations" | "date";
}

export interface FoundPapers {
  readonly papers: readonly Paper[];
  /** Those that can answer the question with its limits. */
  readonly asked: readonly PaperSource[];
  readonly missing: readonly Missing[];
}

/** Semantic Scholar's names for the archives of arXiv. */
const FIELDS_OF_STUDY: ReadonlyMap<string, string> = new Map(
  Object.entries({
    cs: "Computer Science",
    stat: "Computer Science",
    eess: "Engineering",
    math: "Mathematics",
    econ: "Economics",
    "q-bio": "Biology",
    physics: "Physics",
    "cond-mat": "Physics",
    "quant-ph": "Physics",
  }),
);

/** Papers from all services that can answer, each once. Throws `papers/bad_request`, or `papers/unavailable` when none answers. */
export async function searchPapers(
  options: PaperSearch & { readonly web: WebClient; readonly signal: AbortSignal },
): Promise<FoundPapers> {
  const { web, categories = [], minCitations, sort = "relevance", from, to, signal } = options;
  const query = options.query.trim();
  if (query === "") throw badRequest("The query is empty.", "Give a few words of the topic.");
  for (const day of [from, to]) if (day !== undefined) checkDay(day);
  const limit = Math.max(1, Math.min(Math.trunc(options.limit ?? 10), 50));
  const span = {
    ...(from !== undefined && { from: firstDay(from) }),
    ...(to !== undefined && { to: lastDay(to) }),
  };
  const fieldsOfStudy = [
    ...new Set(categories.flatMap((each) => FIELDS_OF_STUDY.get(each.split(".")[0] ?? "") ?? [])),
  ];
  // Only Semantic Scholar counts citations; the Hub knows no categories, and cannot sort.
  const byCitations = minCitations !== undefined || sort === "citations";
  const ask = {
    ...(!byCitations &&
      categories.length === 0 &&
      sort === "relevance" && { "Hugging Face": () => searchHfPapers({ web, query, limit, signal }) }),
    ...(!byCitations && {
      arXiv: () =>
        searchArxiv({
          web,
          query,
          limit,
          categories,
          sort: sort === "date" ? "date" : "relevance",
          ...span,
          signal,
        }),
    }),
    ...((byCitations || categories.length === 0 || fieldsOfStudy.length > 0) && {
      "Semantic Scholar": () =>
        searchSemanticScholar({
          web,
          query,
          limit,
          fieldsOfStudy,
          sort,
          ...span,
          ...(minCitations !== undefined && { minCitations }),
          signal,
        }),
    }),
  };
  const { answers, missing } = await askServices({ what: "Papers", ask, signal });
  const papers = mergePapers(answers.map(({ answer }) => answer)).filter((paper) => isWithin(paper, span));
  if (sort === "citations") papers.sort((a, b) => (b.citations ?? -1) - (a.citations ?? -1));
  if (sort === "date") papers.sort((a, b) => (b.published ?? "").localeCompare(a.published ?? ""));
  return { papers: papers.slice(0, limit), asked: Object.keys(ask) as PaperSource[], missing };
}

/** Of a year or a month. */
function firstDay(day: string): string {
  return `${day}${"-01-01".slice(day.length - 4)}`;
}

function lastDay(day: string): string {
  if (day.length === 10) return day;
  const [year = 0, month = 12] = day.split("-").map(Number);
  // The day before the first of the next month.
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}

/** Of a paper of which only the year is known, the year counts. */
function isWithin(
  { published }: Paper,
  { from, to }: { readonly from?: string; readonly to?: string },
): boolean {
  if (published === null) return from === undefined && to === undefined;
  const { length } = published;
  return published >= (from ?? "").slice(0, length) && published <= (to ?? "9999").slice(0, length);
}

/** Throws `papers/bad_request` for what is no day. */
export function checkDay(day: string): void {
  if (/^\d{4}(-\d{2}(-\d{2})?)?$/.test(day) && !Number.isNaN(Date.parse(day))) return;
  throw badRequest(`${JSON.stringify(day.slice(0, 40))} is no day.`, "Write days as 2024-01-31.");
}

export function badRequest(message: string, mend: string): PaperError {
  return new PaperError("papers/bad_request", message, { mend });
}
