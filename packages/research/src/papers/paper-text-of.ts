import { textOf } from "../http/contents.ts";
import type { WebClient } from "../http/web-client.ts";
import { WebError } from "../http/web-error.ts";
import { unlessAbsent } from "./ask-services.ts";
import { latexmlPaper } from "./latexml-paper.ts";
import { PaperError } from "./paper-error.ts";
import { type PaperId, parsePaperId, semanticScholarName } from "./paper-id.ts";
import type { PaperText, Tried } from "./paper-text.ts";
import { pdfPages, pdfPaper } from "./pdf-paper.ts";
import { semanticScholarPaper } from "./semantic-scholar.ts";

/** Texts do not change; only a new version comes. */
const FRESH_MS = 24 * 60 * 60_000;
const PAGE_BYTES = 32 * 1024 * 1024;
const PDF_BYTES = 64 * 1024 * 1024;

/**
 * The text of a paper: arXiv's HTML, else ar5iv's, else its PDF; of a paper that is not at arXiv the PDF that is open to read.
 * `tried` says why the sources before were not it. Throws `papers/no_text` with all reasons.
 */
export async function paperTextOf(options: {
  readonly web: WebClient;
  readonly id: string;
  readonly signal: AbortSignal;
}): Promise<PaperText & { readonly tried: readonly Tried[] }> {
  const { web, signal } = options;
  const { id, pdf } = await whereToRead(web, parsePaperId(options.id), signal);
  const tried: Tried[] = [];
  let wait: string | null = null;
  const sources: { source: PaperText["source"]; read: () => Promise<PaperText | null> }[] = [];
  if (id !== null) {
    const { name, version } = id;
    const [html, ar5iv] = [
      `https://arxiv.org/html/${name}${version}`,
      `https://ar5iv.labs.arxiv.org/html/${name}`,
    ];
    sources.push({
      source: "arXiv HTML",
      read: () => readHtml({ web, url: html, source: "arXiv HTML", signal }),
    });
    sources.push({ source: "ar5iv", read: () => readHtml({ web, url: ar5iv, source: "ar5iv", signal }) });
  }
  const url = id === null ? pdf : `https://arxiv.org/pdf/${id.name}${id.version}`;
  if (url !== null) sources.push({ source: "PDF", read: () => readPdf({ web, url, signal }) });
  for (const { source, read } of sources) {
    try {
      const text = await read();
      if (text !== null) return { ...text, tried };
      tried.push({ source, why: "It holds no text of the paper." });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof WebError)) throw error;
      if (error.code === "web/rate_limited" || error.code === "web/offline") wait ??= error.mend;
      tried.push({ source, why: error.message });
    }
  }
  const reasons = tried.map(({ source, why }) => `${source}: ${why}`).join(" ");
  throw new PaperError(
    "papers/no_text",
    `The text of ${options.id.trim()} cannot be read. ${reasons || "It is not open."}`,
    {
      mend: `${wait ?? "Check the id."} Its details give the abstract, and a search for snippets passages of it.`,
    },
  );
}

async function whereToRead(
  web: WebClient,
  id: PaperId,
  signal: AbortSignal,
): Promise<{
  readonly id: { readonly name: string; readonly version: string } | null;
  readonly pdf: string | null;
}> {
  if (id.kind === "arxiv")
    return { id: { name: id.id, version: id.version === null ? "" : `v${id.version}` }, pdf: null };
  const paper = await unlessAbsent(semanticScholarPaper({ web, name: semanticScholarName(id), signal }));
  const name = paper?.ids.arxiv;
  return { id: name === undefined ? null : { name, version: "" }, pdf: paper?.links.pdf ?? null };
}

async function readHtml(options: {
  readonly web: WebClient;
  readonly url: string;
  readonly source: "arXiv HTML" | "ar5iv";
  readonly signal: AbortSignal;
}): Promise<PaperText | null> {
  const { web, url, source, signal } = options;
  const answer = await web.request({ url, freshMs: FRESH_MS, maxBytes: PAGE_BYTES, signal });
  const paper = latexmlPaper(textOf(answer), answer.url);
  if (paper === null) return null;
  const { title, sections, tables, equations, figures, references } = paper;
  const note = source === "ar5iv" ? "Read from ar5iv, which may hold an older version of the paper." : null;
  return { url: answer.url, source, note, title, sections, tables, equations, figures, references };
}

async function readPdf(options: {
  readonly web: WebClient;
  readonly url: string;
  readonly signal: AbortSignal;
}): Promise<PaperText | null> {
  const { web, url, signal } = options;
  const { body, url: from } = await web.request({ url, freshMs: FRESH_MS, maxBytes: PDF_BYTES, signal });
  if (Buffer.from(body.subarray(0, 1024)).indexOf("%PDF-") < 0) return null;
  let pages: string[][];
  try {
    pages = await pdfPages(body, signal);
  } catch (cause) {
    signal.throwIfAborted();
    const mend = "Try again later, or use another source.";
    throw new WebError("web/malformed", "The PDF cannot be read: it is damaged or locked.", {
      url: from,
      mend,
      cause,
    });
  }
  if (pages.flat().length === 0) return null;
  const note =
    "Read from the PDF: headings are guessed, tables and formulas are lines of text, and columns may be mixed.";
  return { url: from, source: "PDF", note, tables: [], equations: [], figures: [], ...pdfPaper(pages) };
}
