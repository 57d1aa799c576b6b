import type { Counts } from "./analyse-page.ts";
import type { DocsIndex, Posting } from "./docs-index.ts";
import { termsOf } from "./terms.ts";

/** What ranking weighs; found on the tuning half of the questions in `bench/docs-questions.ts`. */
export interface RankWeights {
  /** How much a term counts in the title, in headings, in prose, in code. */
  readonly fields: Counts;
  /** How much the length of each field takes away, from 0 to 1. */
  readonly lengths: Counts;
  /** How soon more of the same term adds nothing. */
  readonly saturation: number;
  /** A part of a name in the query, against a whole word. */
  readonly part: number;
  /** The best section of a page, against the page as a whole. */
  readonly section: number;
  /** How much it takes away when parts of the query are missing. */
  readonly coverage: number;
}

export const WEIGHTS: RankWeights = {
  fields: [3, 2, 1, 0.4],
  lengths: [0.3, 0.3, 0.75, 0.5],
  saturation: 3,
  part: 0.4,
  section: 1,
  coverage: 0.5,
};

export interface Ranked {
  /** Indices into the pages of the index. */
  readonly page: number;
  /** Index of the section within its page. */
  readonly section: number;
  readonly score: number;
}

/**
 * The pages that answer a query, best first, each with its best section. BM25F twice over the same postings: once with pages as
 * documents, once with sections; a page counts by itself and by its best section, so that neither a long page that holds the
 * answer nor a short one about nothing else is lost.
 */
export function rank(
  index: DocsIndex,
  options: {
    readonly query: string;
    readonly limit: number;
    /** Whether a page may be an answer. */
    readonly isWanted?: (page: number) => boolean;
    readonly weights?: RankWeights;
  },
): Ranked[] {
  const { query, limit, isWanted = () => true, weights = WEIGHTS } = options;
  const unit = unitsOf(index);
  const pages = new Scores(unit.pages, weights);
  const sections = new Scores(unit.sections, weights);
  for (const { text, weight } of queryTerms(query, weights)) {
    const postings = index.postings(text);
    const on = new Set(postings.map(({ section }) => unit.pages.of(section))).size;
    const idf = weight * Math.log(1 + (index.pages.length - on + 0.5) / (on + 0.5));
    pages.add(postings, idf);
    sections.add(postings, idf);
  }
  const ranked: Ranked[] = [];
  for (let page = 0; page < index.pages.length; page++) {
    const score = pages.of(page);
    if (score === 0 || !isWanted(page)) continue;
    const first = index.firstSection[page] ?? 0;
    let best = first;
    for (let at = first; at < (index.firstSection[page + 1] ?? 0); at++) {
      if (sections.of(at) > sections.of(best)) best = at;
    }
    ranked.push({
      page,
      section: best - first,
      score: score + weights.section * sections.of(best),
    });
  }
  return ranked.sort((a, b) => b.score - a.score || a.page - b.page).slice(0, limit);
}

/** Each once; a word that is also part of a name counts as a word. */
export function queryTerms(
  query: string,
  { part }: Pick<RankWeights, "part"> = WEIGHTS,
): { readonly text: string; readonly weight: number }[] {
  const weights = new Map<string, number>();
  for (const { text, isPart } of termsOf(query)) {
    weights.set(text, Math.max(weights.get(text) ?? 0, isPart ? part : 1));
  }
  return [...weights].map(([text, weight]) => ({ text, weight }));
}

/** What counts as a document, pages or sections: how long they are. */
interface Unit {
  readonly of: (section: number) => number;
  /** Of each document: terms in its four fields. */
  readonly lengths: Float64Array;
  readonly averages: readonly number[];
}

function unitOf(index: DocsIndex, count: number, of: Unit["of"]): Unit {
  const lengths = new Float64Array(count * 4);
  const totals = [0, 0, 0, 0];
  for (const [at, length] of index.lengths.entries()) {
    const slot = of(at >> 2) * 4 + (at & 3);
    lengths[slot] = (lengths[slot] ?? 0) + length;
    totals[at & 3] = (totals[at & 3] ?? 0) + length;
  }
  return { of, lengths, averages: totals.map((total) => Math.max(1, total / Math.max(1, count))) };
}

/** They are the same for every query. */
const units = new WeakMap<DocsIndex, { readonly pages: Unit; readonly sections: Unit }>();

function unitsOf(index: DocsIndex): { readonly pages: Unit; readonly sections: Unit } {
  let both = units.get(index);
  if (both === undefined) {
    both = {
      pages: unitOf(index, index.pages.length, (section) => index.pageOf[section] ?? 0),
      sections: unitOf(index, index.pageOf.length, (section) => section),
    };
    units.set(index, both);
  }
  return both;
}

/** The scores of all documents for one query. */
class Scores {
  readonly #unit: Unit;
  readonly #weights: RankWeights;
  readonly #scores: Float64Array;
  /** How much of the query each document has, by weight. */
  readonly #covered: Float64Array;
  #asked = 0;

  constructor(unit: Unit, weights: RankWeights) {
    this.#unit = unit;
    this.#weights = weights;
    this.#scores = new Float64Array(unit.lengths.length / 4);
    this.#covered = new Float64Array(unit.lengths.length / 4);
  }

  /** Adds a term: where it stands, and how much it tells documents apart. */
  add(postings: readonly Posting[], idf: number): void {
    const { of, lengths: long, averages } = this.#unit;
    const { fields, lengths, saturation } = this.#weights;
    const found = new Map<number, number>();
    for (const { section, counts } of postings) {
      const at = of(section);
      let sum = found.get(at) ?? 0;
      for (const field of [0, 1, 2, 3] as const) {
        if (counts[field] === 0) continue;
        const relative = (long[at * 4 + field] ?? 0) / (averages[field] ?? 1);
        sum += (fields[field] * counts[field]) / (1 - lengths[field] + lengths[field] * relative);
      }
      found.set(at, sum);
    }
    this.#asked += idf;
    for (const [at, count] of found) {
      this.#scores[at] = (this.#scores[at] ?? 0) + (idf * count * (saturation + 1)) / (count + saturation);
      this.#covered[at] = (this.#covered[at] ?? 0) + idf;
    }
  }

  of(at: number): number {
    const { coverage } = this.#weights;
    const share = (this.#covered[at] ?? 0) / (this.#asked || 1);
    return (this.#scores[at] ?? 0) * (1 - coverage + coverage * share);
  }
}
