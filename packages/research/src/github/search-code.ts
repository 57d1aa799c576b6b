import { z } from "zod";
import type { WebClient } from "../http/web-client.ts";
import { WebError } from "../http/web-error.ts";
import { askGithubJson } from "./ask-github.ts";

export interface CodeHit {
  readonly repository: string;
  readonly path: string;
  readonly url: string;
  /** Lines around what was found. */
  readonly fragments: readonly string[];
}

export interface Found<Hit> {
  readonly hits: readonly Hit[];
  /** How many there are in all; the service gives the first thousand at most. */
  readonly total: number;
  /** False when the search was cut short: asking again, or more narrowly, may find more. */
  readonly isComplete: boolean;
}

const answer = z.object({
  total_count: z.number(),
  incomplete_results: z.boolean(),
  items: z.array(
    z.object({
      path: z.string(),
      html_url: z.string(),
      repository: z.object({ full_name: z.string() }),
      text_matches: z.array(z.object({ fragment: z.string() })).optional(),
    }),
  ),
});

/**
 * Searches code with GitHub's qualifiers (`repo:`, `org:`, `language:`, `path:`). It needs a token; without one the error says
 * what does not.
 */
export async function searchCode(
  web: WebClient,
  { query, limit, signal }: { readonly query: string; readonly limit: number; readonly signal: AbortSignal },
): Promise<Found<CodeHit>> {
  try {
    const { items, total_count, incomplete_results } = await askGithubJson(web, "/search/code", {
      schema: answer,
      accept: "application/vnd.github.text-match+json",
      query: { q: query, per_page: String(limit) },
      signal,
    });
    const hits = items.slice(0, limit).map(({ path, html_url, repository, text_matches = [] }) => ({
      repository: repository.full_name,
      path,
      url: html_url,
      fragments: text_matches.map(({ fragment }) => fragment),
    }));
    return { hits, total: total_count, isComplete: !incomplete_results };
  } catch (error) {
    // Another answer is that the token is not good.
    if (error instanceof WebError && error.body.includes("Requires authentication")) throw needsToken(error);
    throw error;
  }
}

function needsToken(cause: WebError): WebError {
  return new WebError("web/unauthorized", "GitHub searches code for those who have a token only.", {
    url: cause.url,
    status: 401,
    mend: "Set GITHUB_TOKEN (a token without any rights is enough), or search for repositories, list their files and read them: that needs none.",
    cause,
  });
}
