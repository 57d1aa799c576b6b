import type { WebClient } from "../http/web-client.ts";
import { askServices } from "./ask-services.ts";
import { parsePaperId, semanticScholarName } from "./paper-id.ts";
import { badRequest } from "./search-papers.ts";
import { type Snippet, semanticScholarSnippets } from "./semantic-scholar.ts";

/** Passages of papers that fit a question, best first; with `papers` only of those. */
export async function searchSnippets(options: {
  readonly web: WebClient;
  readonly query: string;
  readonly papers?: readonly string[];
  /** By default 10, at most 50. */
  readonly limit?: number;
  readonly signal: AbortSignal;
}): Promise<readonly Snippet[]> {
  const { web, papers = [], signal } = options;
  const query = options.query.trim();
  if (query === "") throw badRequest("The query is empty.", "Ask for what the passage should say.");
  const names = papers.map((each) => semanticScholarName(parsePaperId(each)));
  const limit = Math.max(1, Math.min(Math.trunc(options.limit ?? 10), 50));
  const { answers } = await askServices({
    what: "Passages",
    ask: { "Semantic Scholar": () => semanticScholarSnippets({ web, query, limit, papers: names, signal }) },
    signal,
  });
  return answers.flatMap(({ answer }) => answer);
}
