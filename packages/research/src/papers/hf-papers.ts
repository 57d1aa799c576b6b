import { z } from "zod";
import { isJson, jsonOf } from "../http/contents.ts";
import type { WebClient } from "../http/web-client.ts";
import { arxivLinks } from "./arxiv.ts";
import type { Paper } from "./paper.ts";
import { plain } from "./plain-text.ts";

const API = "https://huggingface.co/api";

const paperSchema = z.object({
  id: z.string(),
  title: z.string(),
  summary: z.string().nullish(),
  authors: z.array(z.object({ name: z.string().nullish(), hidden: z.boolean().nullish() })).nullish(),
  publishedAt: z.string().nullish(),
  upvotes: z.number().nullish(),
  githubRepo: z.string().nullish(),
  projectPage: z.string().nullish(),
  withdrawnAt: z.string().nullish(),
});
const listSchema = z.array(z.object({ paper: paperSchema }));

interface Asking {
  readonly web: WebClient;
  readonly signal: AbortSignal;
}

export async function searchHfPapers(
  options: Asking & { readonly query: string; readonly limit: number },
): Promise<Paper[]> {
  const { web, query, limit, signal } = options;
  // The service takes no more of either.
  const search = new URLSearchParams({ q: query.slice(0, 250), limit: String(Math.min(limit, 120)) });
  const answer = await web.request({ url: `${API}/papers/search?${search}`, isUsable: isJson, signal });
  return jsonOf(answer, listSchema).map(({ paper }) => paperOf(paper));
}

/** The papers that people of the Hub chose for a day, those with most upvotes first; by default the newest days. */
export async function dailyHfPapers(
  options: Asking & { readonly date?: string; readonly limit: number },
): Promise<Paper[]> {
  const { web, date, limit, signal } = options;
  const search = new URLSearchParams({
    ...(date !== undefined && { date }),
    limit: String(Math.min(limit, 100)),
  });
  const answer = await web.request({ url: `${API}/daily_papers?${search}`, isUsable: isJson, signal });
  return jsonOf(answer, listSchema).map(({ paper }) => paperOf(paper));
}

/** Throws `web/not_found` for a paper that is not on the Hub. */
export async function hfPaper(options: Asking & { readonly id: string }): Promise<Paper> {
  const { web, id, signal } = options;
  const answer = await web.request({ url: `${API}/papers/${id}`, isUsable: isJson, signal });
  return paperOf(jsonOf(answer, paperSchema));
}

function paperOf(paper: z.infer<typeof paperSchema>): Paper {
  const { id, authors, githubRepo, projectPage, withdrawnAt } = paper;
  return {
    ids: { arxiv: id },
    title: plain(paper.title),
    authors: (authors ?? []).flatMap(({ name, hidden }) => (name && hidden !== true ? [plain(name)] : [])),
    abstract: plain(paper.summary ?? "") || null,
    published: paper.publishedAt?.slice(0, 10) ?? null,
    venue: null,
    citations: null,
    influentialCitations: null,
    upvotes: paper.upvotes ?? null,
    links: {
      ...arxivLinks(id),
      ...(githubRepo && { code: githubRepo }),
      ...(projectPage && { project: projectPage }),
    },
    withdrawn: withdrawnAt ? `Withdrawn on ${withdrawnAt.slice(0, 10)}.` : null,
    sources: ["Hugging Face"],
  };
}
