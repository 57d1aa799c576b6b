import type { WebClient } from "../http/web-client.ts";
import { askServices } from "./ask-services.ts";
import { dailyHfPapers } from "./hf-papers.ts";
import type { Paper } from "./paper.ts";
import { checkDay } from "./search-papers.ts";

/** How many of a day are looked through for a topic. */
const OF_A_DAY = 100;

/** What people of the Hub chose to show, of a day or of the newest, most upvotes first; with `query` those that hold all its words. */
export async function trendingPapers(options: {
  readonly web: WebClient;
  /** `2026-07-31`. */
  readonly date?: string;
  readonly query?: string;
  /** By default 10, at most 100. */
  readonly limit?: number;
  readonly signal: AbortSignal;
}): Promise<readonly Paper[]> {
  const { web, date, query = "", signal } = options;
  if (date !== undefined) checkDay(date);
  const limit = Math.max(1, Math.min(Math.trunc(options.limit ?? 10), OF_A_DAY));
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const { answers } = await askServices({
    what: "Papers of the day",
    ask: {
      "Hugging Face": () =>
        dailyHfPapers({
          web,
          ...(date !== undefined && { date }),
          limit: words.length > 0 ? OF_A_DAY : limit,
          signal,
        }),
    },
    signal,
  });
  return answers
    .flatMap(({ answer }) => answer)
    .filter(({ title, abstract }) =>
      words.every((word) => `${title} ${abstract}`.toLowerCase().includes(word)),
    )
    .sort((a, b) => (b.upvotes ?? 0) - (a.upvotes ?? 0))
    .slice(0, limit);
}
