import { z } from "zod";
import { isJson, jsonOf } from "../http/contents.ts";
import type { WebClient } from "../http/web-client.ts";
import { arxivLinks } from "./arxiv.ts";
import type { Paper } from "./paper.ts";
import { plain } from "./plain-text.ts";

const API = "https://api.semanticscholar.org";

/** What is asked of each paper; long lists of citations are asked without abstracts. */
const EDGE_FIELDS =
  "title,externalIds,year,publicationDate,venue,authors,citationCount,influentialCitationCount";
const FIELDS = `${EDGE_FIELDS},abstract,openAccessPdf`;

const paperSchema = z.object({
  paperId: z.string().nullish(),
  corpusId: z.union([z.number(), z.string()]).nullish(),
  externalIds: z.record(z.string(), z.union([z.string(), z.number()]).nullable()).nullish(),
  title: z.string().nullish(),
  abstract: z.string().nullish(),
  year: z.number().nullish(),
  publicationDate: z.string().nullish(),
  venue: z.string().nullish(),
  authors: z.array(z.object({ name: z.string().nullish() })).nullish(),
  citationCount: z.number().nullish(),
  influentialCitationCount: z.number().nullish(),
  openAccessPdf: z.object({ url: z.string().nullish() }).nullish(),
});
const edgeSchema = z.object({
  contexts: z.array(z.string()).nullish(),
  intents: z.array(z.string()).nullish(),
  isInfluential: z.boolean().nullish(),
  citedPaper: paperSchema.nullish(),
  citingPaper: paperSchema.nullish(),
});
const edgesSchema = z.object({
  data: z.array(edgeSchema).nullish(),
  next: z.number().nullish(),
  citingPaperInfo: z
    .object({ openAccessPdf: z.object({ disclaimer: z.string().nullish() }).nullish() })
    .nullish(),
  citedPaperInfo: z
    .object({ openAccessPdf: z.object({ disclaimer: z.string().nullish() }).nullish() })
    .nullish(),
});
const snippetsSchema = z.object({
  data: z
    .array(
      z.object({
        score: z.number().nullish(),
        snippet: z.object({
          text: z.string(),
          snippetKind: z.string().nullish(),
          section: z.string().nullish(),
        }),
        paper: z.object({
          corpusId: z.union([z.string(), z.number()]).nullish(),
          title: z.string().nullish(),
          authors: z.array(z.string()).nullish(),
        }),
      }),
    )
    .nullish(),
});

interface Asking {
  readonly web: WebClient;
  readonly signal: AbortSignal;
}

export interface SemanticScholarSearch {
  readonly query: string;
  readonly limit: number;
  readonly from?: string;
  readonly to?: string;
  readonly fieldsOfStudy?: readonly string[];
  readonly minCitations?: number;
  readonly sort: "relevance" | "citations" | "date";
}

export async function searchSemanticScholar(options: Asking & SemanticScholarSearch): Promise<Paper[]> {
  const { web, query, limit, from = "", to = "", fieldsOfStudy = [], minCitations, sort, signal } = options;
  const search = new URLSearchParams({
    query,
    fields: FIELDS,
    ...(from + to !== "" && { publicationDateOrYear: `${from}:${to}` }),
    ...(fieldsOfStudy.length > 0 && { fieldsOfStudy: fieldsOfStudy.join(",") }),
    ...(minCitations !== undefined && { minCitationCount: String(minCitations) }),
    // Only the bulk search sorts; it takes no limit, and gives up to a thousand.
    ...(sort === "relevance" && { limit: String(Math.min(limit, 100)) }),
    ...(sort === "citations" && { sort: "citationCount:desc" }),
    ...(sort === "date" && { sort: "publicationDate:desc" }),
  });
  const path = sort === "relevance" ? "search" : "search/bulk";
  const answer = await web.request({
    url: `${API}/graph/v1/paper/${path}?${search}`,
    isUsable: isJson,
    signal,
  });
  // Nothing found: there is no `data` at all.
  const { data } = jsonOf(answer, z.object({ data: z.array(paperSchema).nullish() }));
  return (data ?? []).flatMap((each) => paperOf(each) ?? []).slice(0, limit);
}

/** Throws `web/not_found` for a paper that it does not know. */
export async function semanticScholarPaper(
  options: Asking & { readonly name: string },
): Promise<Paper | null> {
  const { web, name, signal } = options;
  const url = `${API}/graph/v1/paper/${encodeName(name)}?fields=${FIELDS}`;
  return paperOf(jsonOf(await web.request({ url, isUsable: isJson, signal }), paperSchema));
}

/** One paper that cites, or is cited. */
export interface Edge {
  readonly paper: Paper;
  readonly isInfluential: boolean;
  readonly intents: readonly string[];
  /** Sentences in which the one names the other. */
  readonly contexts: readonly string[];
}

export interface Edges {
  readonly edges: readonly Edge[];
  /** Why the list is withheld; null where it is not. */
  readonly withheld: string | null;
  readonly hasMore: boolean;
}

export async function semanticScholarEdges(
  options: Asking & {
    readonly name: string;
    readonly direction: "references" | "citations";
    readonly limit: number;
  },
): Promise<Edges> {
  const { web, name, direction, limit, signal } = options;
  const fields = `${EDGE_FIELDS},contexts,intents,isInfluential`;
  const url = `${API}/graph/v1/paper/${encodeName(name)}/${direction}?fields=${fields}&limit=${limit}`;
  const { data, next, citingPaperInfo, citedPaperInfo } = jsonOf(
    await web.request({ url, isUsable: isJson, signal }),
    edgesSchema,
  );
  const told = (citingPaperInfo ?? citedPaperInfo)?.openAccessPdf?.disclaimer;
  const edges = (data ?? []).flatMap((edge) => {
    const paper = paperOf((direction === "references" ? edge.citedPaper : edge.citingPaper) ?? {});
    if (paper === null) return [];
    const { isInfluential, intents, contexts } = edge;
    return [
      { paper, isInfluential: isInfluential === true, intents: intents ?? [], contexts: contexts ?? [] },
    ];
  });
  const withheld = data ? null : (told ?? "The list is withheld by the publisher.");
  return { edges, withheld, hasMore: next != null };
}

export interface Snippet {
  readonly text: string;
  readonly kind: string | null;
  readonly section: string | null;
  readonly score: number | null;
  readonly paper: {
    readonly title: string;
    readonly authors: readonly string[];
    readonly corpus: string | null;
  };
}

export async function semanticScholarSnippets(
  options: Asking & { readonly query: string; readonly limit: number; readonly papers?: readonly string[] },
): Promise<Snippet[]> {
  const { web, query, limit, papers = [], signal } = options;
  const search = new URLSearchParams({
    query,
    limit: String(limit),
    ...(papers.length > 0 && { paperIds: papers.join(",") }),
  });
  const { data } = jsonOf(
    await web.request({ url: `${API}/graph/v1/snippet/search?${search}`, isUsable: isJson, signal }),
    snippetsSchema,
  );
  return (data ?? []).map(({ score, snippet, paper }) => ({
    text: plain(snippet.text),
    kind: snippet.snippetKind ?? null,
    section: snippet.section ?? null,
    score: score ?? null,
    paper: {
      title: plain(paper.title ?? ""),
      authors: paper.authors ?? [],
      corpus: paper.corpusId == null ? null : String(paper.corpusId),
    },
  }));
}

export async function semanticScholarRecommendations(
  options: Asking & {
    readonly like: readonly string[];
    readonly unlike: readonly string[];
    readonly pool: "recent" | "all-cs";
    readonly limit: number;
  },
): Promise<Paper[]> {
  const { web, like, unlike, pool, limit, signal } = options;
  const [only] = like;
  const isOne = only !== undefined && like.length === 1 && unlike.length === 0;
  const search = `fields=${FIELDS}&limit=${limit}`;
  const answer = await web.request(
    isOne
      ? {
          url: `${API}/recommendations/v1/papers/forpaper/${encodeName(only)}?${search}&from=${pool}`,
          signal,
        }
      : {
          url: `${API}/recommendations/v1/papers/?${search}`,
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ positivePaperIds: like, negativePaperIds: unlike }),
          isRead: true,
          signal,
        },
  );
  const { recommendedPapers } = jsonOf(
    answer,
    z.object({ recommendedPapers: z.array(paperSchema).nullish() }),
  );
  return (recommendedPapers ?? []).flatMap((each) => paperOf(each) ?? []);
}

/** Null for what the graph could not name. */
function paperOf(paper: z.infer<typeof paperSchema>): Paper | null {
  const { paperId, title, externalIds, corpusId, year, publicationDate, openAccessPdf } = paper;
  if (!title) return null;
  const arxiv = externalIds?.ArXiv == null ? null : String(externalIds.ArXiv).toLowerCase();
  const doi = externalIds?.DOI == null ? null : String(externalIds.DOI).toLowerCase();
  const corpus = corpusId ?? externalIds?.CorpusId;
  const links = arxiv === null ? { page: pageOf(paperId, doi) } : arxivLinks(arxiv);
  return {
    ids: {
      ...(arxiv !== null && { arxiv }),
      ...(doi !== null && { doi }),
      ...(paperId && { semanticScholar: paperId }),
      ...(corpus != null && { corpus: String(corpus) }),
    },
    title: plain(title),
    authors: (paper.authors ?? []).flatMap(({ name }) => (name ? [plain(name)] : [])),
    abstract: plain(paper.abstract ?? "") || null,
    published: publicationDate ?? (year == null ? null : String(year)),
    venue: paper.venue || null,
    citations: paper.citationCount ?? null,
    influentialCitations: paper.influentialCitationCount ?? null,
    upvotes: null,
    links: { ...links, ...(openAccessPdf?.url && arxiv === null && { pdf: openAccessPdf.url }) },
    withdrawn: null,
    sources: ["Semantic Scholar"],
  };
}

function pageOf(paperId: string | null | undefined, doi: string | null): string {
  if (paperId) return `https://www.semanticscholar.org/paper/${paperId}`;
  return doi === null ? "" : `https://doi.org/${doi}`;
}

/** Slashes of a DOI, and of an old arXiv id, belong to the address. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replaceAll("%2F", "/").replaceAll("%3A", ":");
}
