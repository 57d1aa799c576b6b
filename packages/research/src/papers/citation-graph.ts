import type { WebClient } from "../http/web-client.ts";
import { missingOf, unlessAbsent } from "./ask-services.ts";
import { keysOf } from "./merge-papers.ts";
import type { Missing, Paper } from "./paper.ts";
import { PaperError } from "./paper-error.ts";
import { parsePaperId, semanticScholarName } from "./paper-id.ts";
import { type Edge, semanticScholarEdges, semanticScholarPaper } from "./semantic-scholar.ts";

export type CitationDirection = "references" | "citations";

export interface CitedPaper {
  readonly paper: Paper;
  readonly direction: CitationDirection;
  readonly hops: 1 | 2;
  /** By how many ways it is reached. */
  readonly paths: number;
  /** Whether one of those says that the work is built upon. */
  readonly isInfluential: boolean;
  readonly intents: readonly string[];
  /** A sentence that names it. */
  readonly context: string | null;
  readonly score: number;
}

export interface CitationGraph {
  readonly root: Paper;
  /** Best first. */
  readonly papers: readonly CitedPaper[];
  readonly requests: number;
  readonly missing: readonly Missing[];
  /** Why there may be more than is told: the service stopped, or the number of requests was reached. */
  readonly isPartial: boolean;
}

export interface CitationProgress {
  readonly requests: number;
  readonly of: number;
  readonly papers: number;
}

/** Of one list so many are asked for; those of a second hop are asked by their rank in the first. */
const FIRST_HOP = 200;
const SECOND_HOP = 100;

/**
 * What a paper cites and what cites it, over one or two hops, the most telling first: see {@link scoreOf}. At most `requests` lists
 * are asked for; when the service wants fewer, what came until then is given, and `missing` says why. Throws `papers/unknown`,
 * or the service's failure when it says nothing at all.
 */
export async function citationGraph(options: {
  readonly web: WebClient;
  readonly id: string;
  /** By default both. */
  readonly directions?: readonly CitationDirection[];
  /** By default 1. */
  readonly hops?: 1 | 2;
  /** Papers to tell; by default 20, at most 200. */
  readonly limit?: number;
  /** By default 12. */
  readonly requests?: number;
  readonly now?: () => number;
  readonly onProgress?: (progress: CitationProgress) => void;
  readonly signal: AbortSignal;
}): Promise<CitationGraph> {
  const {
    web,
    directions = ["references", "citations"],
    hops = 1,
    onProgress,
    now = Date.now,
    signal,
  } = options;
  const most = Math.max(1, Math.trunc(options.requests ?? 12));
  const name = semanticScholarName(parsePaperId(options.id));
  const root = await unlessAbsent(semanticScholarPaper({ web, name, signal }));
  if (root === null) throw unknown(options.id);
  const year = new Date(now()).getUTCFullYear();
  const found = new Found(root, year);
  const missing: Missing[] = [];
  let requests = 0;
  let isPartial = false;

  /** False where the service wants no more. */
  const follow = async (from: string, direction: CitationDirection, hop: 1 | 2): Promise<boolean> => {
    requests++;
    try {
      const limit = hop === 1 ? FIRST_HOP : SECOND_HOP;
      const { edges, withheld, hasMore } = await semanticScholarEdges({
        web,
        name: from,
        direction,
        limit,
        signal,
      });
      if (withheld !== null && hop === 1) missing.push(withheldBy(direction, withheld));
      isPartial ||= hasMore || withheld !== null;
      for (const edge of edges) found.add(edge, direction, hop);
      onProgress?.({ requests, of: most, papers: found.size });
      return true;
    } catch (error) {
      signal.throwIfAborted();
      isPartial = true;
      missing.push(missingOf("Semantic Scholar", error));
      return false;
    }
  };

  let goesOn = true;
  for (const direction of directions) goesOn &&= requests < most && (await follow(name, direction, 1));
  if (hops === 2 && goesOn) {
    const next = found
      .ranked()
      .filter(({ paper }) => paper.ids.semanticScholar !== undefined)
      .map(({ paper, direction }) => ({ from: paper.ids.semanticScholar ?? "", direction }));
    if (next.length > most - requests) isPartial = true;
    for (const { from, direction } of next.slice(0, most - requests)) {
      if (!(await follow(from, direction, 2))) break;
    }
  }
  const limit = Math.max(1, Math.min(Math.trunc(options.limit ?? 20), 200));
  return { root, papers: found.ranked().slice(0, limit), requests, missing, isPartial };
}

type Unranked = { -readonly [Key in keyof Omit<CitedPaper, "score">]: CitedPaper[Key] };

/** The papers that were come upon, each once in each direction. */
class Found {
  readonly #root: ReadonlySet<string>;
  readonly #year: number;
  readonly #papers = new Set<Unranked>();
  readonly #byKey = new Map<string, Unranked>();

  constructor(root: Paper, year: number) {
    this.#root = new Set(keysOf(root));
    this.#year = year;
  }

  get size(): number {
    return this.#papers.size;
  }

  add({ paper, isInfluential, intents, contexts }: Edge, direction: CitationDirection, hops: 1 | 2): void {
    const names = keysOf(paper);
    if (names.some((name) => this.#root.has(name))) return;
    const keys = names.map((name) => `${direction} ${name}`);
    const known = keys.map((key) => this.#byKey.get(key)).find((each) => each !== undefined);
    const context = contexts[0] ?? null;
    const entry = known ?? { paper, direction, hops, paths: 0, isInfluential: false, intents: [], context };
    entry.paths++;
    entry.isInfluential ||= isInfluential;
    entry.intents = [...new Set([...entry.intents, ...intents])];
    this.#papers.add(entry);
    for (const key of keys) this.#byKey.set(key, entry);
  }

  ranked(): CitedPaper[] {
    return [...this.#papers]
      .map((entry) => ({ ...entry, score: scoreOf(entry, this.#year) }))
      .sort((a, b) => b.score - a.score);
  }
}

/**
 * 3 where the citation is influential, 1 where it is about method or result, the logarithms of citations (in tens) and of paths
 * (in twos), up to 1 for being new (a third less each year); of the second hop half.
 */
export function scoreOf(entry: Omit<CitedPaper, "score">, year: number): number {
  const { paper, hops, paths, isInfluential, intents } = entry;
  const age = paper.published === null ? null : Math.max(0, year - Number(paper.published.slice(0, 4)));
  const score =
    (isInfluential ? 3 : 0) +
    (intents.includes("methodology") || intents.includes("result") ? 1 : 0) +
    Math.log10(1 + (paper.citations ?? 0)) +
    Math.log2(paths) +
    (age === null ? 0 : (2 / 3) ** age);
  return Math.round((hops === 1 ? score : score / 2) * 1000) / 1000;
}

function withheldBy(direction: CitationDirection, why: string): Missing {
  const mend = "Read the paper itself: its section `bib` holds its references.";
  return { source: "Semantic Scholar", why: `The ${direction} are withheld. ${why}`, mend };
}

function unknown(id: string): PaperError {
  const mend = "Check the id; search for the title when it is known.";
  return new PaperError("papers/unknown", `Semantic Scholar knows no paper ${id}.`, { mend });
}
