import { z } from "zod";
import type { WebClient } from "../http/web-client.ts";
import { askGithubJson } from "./ask-github.ts";
import type { Found } from "./search-code.ts";

export interface RepositoryHit {
  readonly name: string;
  readonly url: string;
  readonly description: string | null;
  readonly stars: number;
  readonly language: string | null;
  /** SPDX id; null where GitHub knows none. */
  readonly licence: string | null;
  /** ISO 8601. */
  readonly pushed: string | null;
  readonly isArchived: boolean;
}

const repository = z.object({
  full_name: z.string(),
  html_url: z.string(),
  description: z.string().nullish(),
  stargazers_count: z.number().optional(),
  language: z.string().nullish(),
  license: z.object({ spdx_id: z.string().nullish() }).nullish(),
  pushed_at: z.string().nullish(),
  archived: z.boolean().optional(),
});

const answer = z.object({
  total_count: z.number(),
  incomplete_results: z.boolean(),
  items: z.array(repository),
});

/** Searches repositories with GitHub's qualifiers (`org:`, `language:`, `stars:>10`). */
export async function searchRepositories(
  web: WebClient,
  options: {
    readonly query: string;
    readonly sort: "best" | "stars" | "updated";
    readonly limit: number;
    readonly signal: AbortSignal;
  },
): Promise<Found<RepositoryHit>> {
  const { query, sort, limit, signal } = options;
  const { items, total_count, incomplete_results } = await askGithubJson(web, "/search/repositories", {
    schema: answer,
    query: { q: query, per_page: String(limit), ...(sort !== "best" && { sort, order: "desc" }) },
    signal,
  });
  return { hits: items.slice(0, limit).map(hitOf), total: total_count, isComplete: !incomplete_results };
}

function hitOf(item: z.infer<typeof repository>): RepositoryHit {
  return {
    name: item.full_name,
    url: item.html_url,
    description: item.description ?? null,
    stars: item.stargazers_count ?? 0,
    language: item.language ?? null,
    licence: item.license?.spdx_id ?? null,
    pushed: item.pushed_at ?? null,
    isArchived: item.archived ?? false,
  };
}
