import { XMLParser, XMLValidator } from "fast-xml-parser";
import { z } from "zod";
import { textOf } from "../http/contents.ts";
import type { WebAnswer, WebClient } from "../http/web-client.ts";
import { WebError } from "../http/web-error.ts";
import type { Paper } from "./paper.ts";
import { parsePaperId } from "./paper-id.ts";
import { plain } from "./plain-text.ts";

const API = "https://export.arxiv.org/api/query";

const text = z.coerce.string();
const entrySchema = z.object({
  id: text,
  title: text,
  summary: text.optional(),
  published: text.optional(),
  author: z.array(z.object({ name: text })).default([]),
  "arxiv:comment": text.optional(),
  "arxiv:journal_ref": text.optional(),
  "arxiv:doi": text.optional(),
});
const feedSchema = z.object({
  feed: z.object({ entry: z.array(entrySchema).default([]) }),
});

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  isArray: (name) => name === "entry" || name === "author",
  htmlEntities: true,
});

export interface ArxivSearch {
  readonly query: string;
  readonly limit: number;
  readonly from?: string;
  readonly to?: string;
  readonly categories?: readonly string[];
  readonly sort: "relevance" | "date";
}

/** Papers whose title, abstract or authors hold all words of the query. */
export async function searchArxiv(
  options: ArxivSearch & { readonly web: WebClient; readonly signal: AbortSignal },
): Promise<Paper[]> {
  const { web, query, limit, from, to, categories = [], sort, signal } = options;
  const words = query.match(/"[^"]+"|[^\s"():]+/g) ?? [];
  const terms = words.filter((word) => !/^(AND|OR|ANDNOT)$/.test(word)).map((word) => `all:${word}`);
  if (categories.length > 0) terms.push(`(${categories.map((each) => `cat:${each}`).join(" OR ")})`);
  if (from !== undefined || to !== undefined) {
    terms.push(`submittedDate:[${stamp(from, "199101010000")} TO ${stamp(to, "299912312359", "2359")}]`);
  }
  const search = new URLSearchParams({
    search_query: terms.join(" AND "),
    start: "0",
    max_results: String(limit),
    sortBy: sort === "date" ? "submittedDate" : "relevance",
    sortOrder: "descending",
  });
  return papersIn(await web.request({ url: `${API}?${search}`, isUsable: isFeed, signal }));
}

/** Null for an id that arXiv does not know. */
export async function arxivPaper(options: {
  readonly web: WebClient;
  readonly id: string;
  readonly signal: AbortSignal;
}): Promise<Paper | null> {
  const { web, id, signal } = options;
  const search = new URLSearchParams({ id_list: id, max_results: "1" });
  return papersIn(await web.request({ url: `${API}?${search}`, isUsable: isFeed, signal }))[0] ?? null;
}

/** The papers of a feed. Throws `web/wrong_type` for a page, `web/malformed` for anything else that is no feed. */
function papersIn(answer: WebAnswer): Paper[] {
  const { url } = answer;
  const body = textOf(answer);
  if (/^\s*<(!doctype html|html)/i.test(body)) {
    throw bad("web/wrong_type", url, "a page came where a feed is due");
  }
  const valid = XMLValidator.validate(body);
  if (valid !== true) throw bad("web/malformed", url, `it is no whole XML: ${valid.err.msg}`);
  const parsed = feedSchema.safeParse(parser.parse(body));
  if (!parsed.success) throw bad("web/malformed", url, "it is no feed of papers", parsed.error);
  const { entry } = parsed.data.feed;
  const [first] = entry;
  if (first?.id.includes("/api/errors")) throw bad("web/refused", url, plain(first.summary ?? "an error"));
  return entry.flatMap((each) => paperOf(each));
}

function paperOf(entry: z.infer<typeof entrySchema>): Paper[] {
  // An entry without an address of its own is the service's way to say that an id is unknown.
  if (!entry.id.includes("/abs/") || entry.title.trim() === "") return [];
  const { id } = parsePaperId(entry.id);
  const comment = plain(entry["arxiv:comment"] ?? "");
  const abstract = plain(entry.summary ?? "");
  const doi = entry["arxiv:doi"]?.trim().toLowerCase();
  return [
    {
      ids: { arxiv: id, ...(doi && { doi }) },
      title: plain(entry.title),
      authors: entry.author.map(({ name }) => plain(name)),
      abstract: abstract || null,
      published: entry.published?.slice(0, 10) ?? null,
      venue: plain(entry["arxiv:journal_ref"] ?? "") || null,
      citations: null,
      influentialCitations: null,
      upvotes: null,
      links: arxivLinks(id),
      withdrawn: [comment, abstract].find(isWithdrawal) ?? null,
      sources: ["arXiv"],
    },
  ];
}

/** Where arXiv shows a paper. */
export function arxivLinks(id: string): {
  readonly page: string;
  readonly html: string;
  readonly pdf: string;
} {
  const [page, html, pdf] = ["abs", "html", "pdf"].map((kind) => `https://arxiv.org/${kind}/${id}`);
  return { page: page ?? "", html: html ?? "", pdf: pdf ?? "" };
}

function isWithdrawal(told: string): boolean {
  return /^(this|the) (paper|article|submission|manuscript|work)\b.{0,40}\bwithdrawn\b|^withdrawn\b|^paper withdrawn\b/i.test(
    told,
  );
}

/** A page of somebody in between, or half a feed, is none. */
function isFeed(answer: Pick<WebAnswer, "headers" | "body">): boolean {
  const body = textOf(answer);
  return !/^\s*<(!doctype html|html)/i.test(body) && XMLValidator.validate(body) === true;
}

function stamp(day: string | undefined, fallback: string, time = "0000"): string {
  return day === undefined ? fallback : `${day.replaceAll("-", "")}${time}`;
}

function bad(
  code: "web/malformed" | "web/wrong_type" | "web/refused",
  url: string,
  why: string,
  cause?: unknown,
): WebError {
  const mend =
    code === "web/refused"
      ? "Change the request by what it says."
      : "Try again later, or use another source.";
  return new WebError(code, `The answer of arXiv cannot be used: ${why}.`, { url, mend, cause });
}
