import type { Paper } from "./paper.ts";

/**
 * Lists of the same question from several services as one, each paper once: by its arXiv id, else its DOI, else its title in
 * the same year. Those high in several lists come first.
 */
export function mergePapers(lists: readonly (readonly Paper[])[]): Paper[] {
  const merged: { paper: Paper; score: number }[] = [];
  const known = new Map<string, { paper: Paper; score: number }>();
  for (const list of lists) {
    for (const [rank, paper] of list.entries()) {
      // https://dl.acm.org/doi/10.1145/1571941.1572114: reciprocal ranks, with its constant.
      const score = 1 / (60 + rank);
      const same = keysOf(paper)
        .map((key) => known.get(key))
        .find((each) => each !== undefined && isSame(each.paper, paper));
      const entry = same ?? { paper, score: 0 };
      if (same === undefined) merged.push(entry);
      else entry.paper = mergePaper(entry.paper, paper);
      entry.score += score;
      for (const key of keysOf(entry.paper)) known.set(key, entry);
    }
  }
  return merged.sort((a, b) => b.score - a.score).map(({ paper }) => paper);
}

/** What two services say of one paper: the first comes before the second, and what it does not say is the second's. */
export function mergePaper(a: Paper, b: Paper): Paper {
  return {
    ids: { ...b.ids, ...a.ids },
    title: a.title,
    authors: a.authors.length >= b.authors.length ? a.authors : b.authors,
    abstract: a.abstract ?? b.abstract,
    published: [a.published, b.published].sort((x, y) => (y?.length ?? 0) - (x?.length ?? 0))[0] ?? null,
    venue: a.venue ?? b.venue,
    citations: a.citations ?? b.citations,
    influentialCitations: a.influentialCitations ?? b.influentialCitations,
    upvotes: a.upvotes ?? b.upvotes,
    links: { ...b.links, ...a.links },
    withdrawn: a.withdrawn ?? b.withdrawn,
    sources: [...new Set([...a.sources, ...b.sources])],
  };
}

/** Two arXiv ids are two papers, whatever their titles. */
function isSame(a: Paper, b: Paper): boolean {
  return a.ids.arxiv === undefined || b.ids.arxiv === undefined || a.ids.arxiv === b.ids.arxiv;
}

/** Under which names a paper may come again; a title without its year is too little. */
export function keysOf({ ids, title, published }: Paper): string[] {
  const words = title
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "");
  return [
    ...(ids.arxiv === undefined ? [] : [`arxiv:${ids.arxiv}`]),
    ...(ids.doi === undefined ? [] : [`doi:${ids.doi}`]),
    ...(ids.semanticScholar === undefined ? [] : [`s2:${ids.semanticScholar}`]),
    ...(words === "" || published === null ? [] : [`title:${words}:${published.slice(0, 4)}`]),
  ];
}
