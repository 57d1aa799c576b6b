/** The services that know papers, by the names that people read. */
export type PaperSource = "Hugging Face" | "arXiv" | "Semantic Scholar";

export interface PaperIds {
  /** Without its version: `2106.09685`, `math/0309136`. */
  readonly arxiv?: string;
  readonly doi?: string;
  readonly semanticScholar?: string;
  readonly corpus?: string;
}

/** What the services say of a paper. Null is what none of those asked has said. */
export interface Paper {
  readonly ids: PaperIds;
  readonly title: string;
  readonly authors: readonly string[];
  readonly abstract: string | null;
  /** `2021-06-17`, or `2021` where no more is known. */
  readonly published: string | null;
  readonly venue: string | null;
  readonly citations: number | null;
  /** Citations by works that build on it, as Semantic Scholar counts them. */
  readonly influentialCitations: number | null;
  readonly upvotes: number | null;
  readonly links: {
    readonly page: string;
    readonly html?: string;
    readonly pdf?: string;
    readonly code?: string;
    readonly project?: string;
  };
  /** Why, or when, it was withdrawn. */
  readonly withdrawn: string | null;
  readonly sources: readonly PaperSource[];
}

/** A service that could not say its part, and why. */
export interface Missing {
  readonly source: PaperSource;
  readonly why: string;
  readonly mend: string;
}
