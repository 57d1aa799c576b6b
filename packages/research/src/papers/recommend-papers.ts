import type { WebClient } from "../http/web-client.ts";
import { askServices } from "./ask-services.ts";
import type { Paper } from "./paper.ts";
import { parsePaperId, semanticScholarName } from "./paper-id.ts";
import { badRequest } from "./search-papers.ts";
import { semanticScholarRecommendations } from "./semantic-scholar.ts";

/** Papers like some, and unlike others. `pool`: newly published ones, or all of computer science (for one paper only). */
export async function recommendPapers(options: {
  readonly web: WebClient;
  readonly like: readonly string[];
  readonly unlike?: readonly string[];
  readonly pool?: "recent" | "all-cs";
  /** By default 10, at most 100. */
  readonly limit?: number;
  readonly signal: AbortSignal;
}): Promise<readonly Paper[]> {
  const { web, unlike = [], pool = "recent", signal } = options;
  if (options.like.length === 0) {
    throw badRequest("No paper is named that others should be like.", "Name at least one in `like`.");
  }
  const [like, not] = [options.like, unlike].map((ids) =>
    ids.map((id) => semanticScholarName(parsePaperId(id))),
  );
  const limit = Math.max(1, Math.min(Math.trunc(options.limit ?? 10), 100));
  const { answers } = await askServices({
    what: "Recommendations",
    ask: {
      "Semantic Scholar": () =>
        semanticScholarRecommendations({ web, like: like ?? [], unlike: not ?? [], pool, limit, signal }),
    },
    signal,
  });
  return answers.flatMap(({ answer }) => answer);
}
