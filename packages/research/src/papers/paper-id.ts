import type { PaperIds } from "./paper.ts";
import { PaperError } from "./paper-error.ts";

export type PaperId =
  | { readonly kind: "arxiv"; readonly id: string; readonly version: number | null }
  | { readonly kind: "doi"; readonly id: string }
  | { readonly kind: "semanticScholar"; readonly id: string }
  | { readonly kind: "corpus"; readonly id: string };

const ARXIV = /^(\d{4}\.\d{4,5}|[a-z][a-z-]*(?:\.[A-Z]{2})?\/\d{7})(?:v([1-9]\d*))?$/i;

/**
 * A paper's name in any usual form: `2106.09685v2`, `arXiv:math/0309136`, an address at arXiv, ar5iv, Hugging Face, doi.org or
 * Semantic Scholar, a DOI, `CorpusId:…` or Semantic Scholar's 40 digits. Throws `papers/bad_id` for anything else.
 */
export function parsePaperId(text: string): PaperId {
  const name = nameIn(text.trim());
  const arxiv = ARXIV.exec(name.replace(/^arxiv:\s*/i, ""));
  if (arxiv?.[1] !== undefined) {
    // The class of an old name is not part of it: `math.GT/0309136` is `math/0309136`.
    const id = arxiv[1].replace(/\.[A-Z]{2}\//i, "/").toLowerCase();
    return { kind: "arxiv", id, version: arxiv[2] === undefined ? null : Number(arxiv[2]) };
  }
  const doi = /^(?:doi:\s*)?(10\.\d{4,9}\/\S+)$/i.exec(name)?.[1];
  if (doi !== undefined) {
    const own = /^10\.48550\/arxiv\.(.+)$/i.exec(doi)?.[1];
    return own === undefined ? { kind: "doi", id: doi.toLowerCase() } : parsePaperId(own);
  }
  const corpus = /^corpusid:\s*(\d+)$/i.exec(name)?.[1];
  if (corpus !== undefined) return { kind: "corpus", id: corpus };
  if (/^[0-9a-f]{40}$/i.test(name)) return { kind: "semanticScholar", id: name.toLowerCase() };
  const told = JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
  throw new PaperError("papers/bad_id", `${told} names no paper.`, {
    mend: "Give an arXiv id (2106.09685, math/0309136), a DOI, or an address at arXiv or Hugging Face; search when only the title is known.",
  });
}

/** As Semantic Scholar wants to be asked. */
export function semanticScholarName(id: PaperId): string {
  switch (id.kind) {
    case "arxiv":
      return `ARXIV:${id.id}`;
    case "doi":
      return `DOI:${id.id}`;
    case "corpus":
      return `CorpusId:${id.id}`;
    case "semanticScholar":
      return id.id;
  }
}

export function idsOf(id: PaperId): PaperIds {
  return { [id.kind]: id.id };
}

/** What an address names; any other text as it is. */
function nameIn(text: string): string {
  const address =
    /^(?:www\.)?(?:(?:export\.)?arxiv\.org|ar5iv\.|alphaxiv\.org|huggingface\.co|hf\.co|doi\.org|dx\.doi\.org)/i.test(
      text,
    )
      ? `https://${text}`
      : text;
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return text;
  const { hostname, pathname } = new URL(address);
  const path = pathname.replaceAll(/%2f/gi, "/").replace(/\/+$/, "");
  if (/(^|\.)doi\.org$/.test(hostname)) return path.slice(1);
  if (/(^|\.)semanticscholar\.org$/.test(hostname)) return /[0-9a-f]{40}$/i.exec(path)?.[0] ?? text;
  return /\/(?:abs|pdf|html|papers|format|e-print)\/(.+?)(?:\.pdf|\.md)?$/i.exec(path)?.[1] ?? text;
}
