import type { WebClient } from "../http/web-client.ts";
import { WebError } from "../http/web-error.ts";
import { DocsStore } from "./docs-store.ts";
import { DocumentationError } from "./documentation-error.ts";
import { fetchSitePage } from "./fetch-site-page.ts";
import { type FoundPage, findPage, unknownPage } from "./find-page.ts";
import { DocsOpener, type OpenedDocs } from "./opened-docs.ts";
import { type DocsProvenance, type Installed, provenanceOf } from "./provenance.ts";
import { type DocsPart, readPart } from "./read-part.ts";
import { bringUp, isOf } from "./search/bring-up.ts";
import { DocsIndex } from "./search/docs-index.ts";
import { rank } from "./search/rank.ts";
import { type SiteResult, searchSite } from "./search-site.ts";
import { snippetOf } from "./snippet.ts";
import { docsRoute } from "./sources/docs-route.ts";
import { idOf, type KeptSource, type Origin, settled } from "./sources/source.ts";
import { type DocsProgress, type UpdatedSource, updateSource } from "./update-source.ts";

export interface DocumentationOptions {
  /** Where pages and the index are kept. */
  readonly folder: string;
  readonly web: WebClient;
  /** Tells what is installed, so that documentation of another version can say so. */
  readonly installed?: Installed;
  readonly now?: () => number;
}

export interface DocsSource {
  readonly id: string;
  readonly origin: Origin;
  readonly version: string | null;
  readonly pages: number;
  /** Listed, and not read yet: an update goes on with them. */
  readonly missing: number;
  readonly failed: number;
  /** When its pages were last listed. */
  readonly listedAt: Date;
}

export interface DocsResult extends DocsProvenance {
  readonly title: string;
  /** The section that answers best: its heading with those above; empty for the beginning of the page. */
  readonly section: string;
  readonly anchor: string;
  readonly snippet: string;
}

export interface DocsPage extends DocsProvenance, DocsPart {}

interface Changing {
  readonly onProgress?: (progress: DocsProgress) => void;
  readonly signal: AbortSignal;
}

const DAY_MS = 86_400_000;
const PART_CHARACTERS = 24_000;

/** Opens the documentation that is kept in a folder; an absent folder is one with nothing in it. */
export async function openDocumentation(
  options: DocumentationOptions,
  signal: AbortSignal = new AbortController().signal,
): Promise<Documentation> {
  const documentation = new Documentation(options);
  await documentation.sources(signal);
  return documentation;
}

/** Documentation that is kept on this machine: read from its origins when asked to, searched and read without a network. */
export class Documentation {
  readonly #options: DocumentationOptions;
  readonly #store: DocsStore;
  readonly #opener: DocsOpener;
  readonly #now: () => number;
  readonly #installed: Installed;

  constructor(options: DocumentationOptions) {
    this.#options = options;
    this.#store = new DocsStore(options.folder);
    this.#opener = new DocsOpener(this.#store);
    this.#now = options.now ?? Date.now;
    this.#installed = options.installed ?? (async () => null);
  }

  async sources(signal: AbortSignal = new AbortController().signal): Promise<DocsSource[]> {
    const { sources } = await this.#opener.open(signal);
    return sources.map(({ id, origin, version, pages, missing, failed, listedAt }) => ({
      id,
      origin,
      version,
      pages: Object.keys(pages).length,
      missing: missing.length,
      failed: failed.length,
      listedAt: new Date(listedAt),
    }));
  }

  /**
   * Reads documentation from a new origin and keeps it; an origin that is there already is updated. When it ends early, because
   * the service wants a pause or it was cancelled, what was read can be searched, and an update goes on.
   */
  async add({ origin: given, ...options }: { readonly origin: Origin } & Changing): Promise<UpdatedSource> {
    const origin = settled(given);
    using _lock = await this.#store.lock();
    const sources = await this.#store.sources();
    const known = sources.find((source) => JSON.stringify(source.origin) === JSON.stringify(origin));
    const id = known?.id ?? freeId(origin, sources);
    const source = known ?? { id, origin, version: null, listedAt: 0, pages: {}, missing: [], failed: [] };
    const [updated] = await this.#change([source], { ...options, freshMs: DAY_MS });
    if (updated === undefined) throw new Error(`Nothing was told of ${id}.`);
    return updated;
  }

  /**
   * Reads the sources again, or the one that is named: what is missing, changed or new. Pages read within `freshMs`, by default
   * a day, are left as they are.
   */
  async update(
    options: { readonly source?: string; readonly freshMs?: number } & Changing,
  ): Promise<UpdatedSource[]> {
    using _lock = await this.#store.lock();
    const sources = await this.#store.sources();
    const { source, freshMs = DAY_MS } = options;
    const wanted = source === undefined ? sources : [this.#named(sources, source)];
    return await this.#change(wanted, { ...options, freshMs });
  }

  /** Forgets a source and its pages. */
  async remove(id: string, signal: AbortSignal): Promise<void> {
    using _lock = await this.#store.lock();
    const sources = await this.#store.sources();
    const gone = this.#named(sources, id);
    const left = sources.filter((source) => source !== gone);
    await this.#store.writeSources(left);
    await this.#bringUp(left, signal);
  }

  /** The pages that answer a question, best first, each with its best section. Notes say what a person should know of them. */
  async search(options: {
    readonly query: string;
    /** Only in this one. */
    readonly source?: string;
    readonly limit?: number;
    readonly signal: AbortSignal;
  }): Promise<{ readonly results: readonly DocsResult[]; readonly notes: readonly string[] }> {
    const { query, source, limit = 8, signal } = options;
    const opened = await this.#opener.open(signal);
    const { sources, index } = opened;
    if (source !== undefined) this.#named(sources, source);
    const isWanted = (page: number): boolean => source === undefined || index.pages[page]?.source === source;
    const results = await Promise.all(
      rank(index, { query, limit, isWanted }).map((ranked) => this.#result(opened, { ...ranked, query })),
    );
    const notes = sources
      .filter(({ id, missing }) => missing.length > 0 && (source === undefined || source === id))
      .map(
        ({ id, missing, pages }) =>
          `Of ${id}, ${missing.length} of ${missing.length + Object.keys(pages).length} pages are not read yet: update it.`,
      );
    return { results: results.filter((result) => result !== null), notes: [...opened.notes, ...notes] };
  }

  /** Asks the search of huggingface.co, for what is not kept here. */
  async searchSite(options: {
    readonly query: string;
    readonly library?: string;
    readonly limit?: number;
    readonly signal: AbortSignal;
  }): Promise<SiteResult[]> {
    return await searchSite({ limit: 8, ...options, web: this.#options.web });
  }

  /**
   * A page or a section as Markdown, at most about 24,000 characters of it unless `limit` says otherwise; a longer one is cut and
   * has a table of contents. `page` is an address, `source/path` or the path of a file. Pages under huggingface.co/docs that are
   * not kept are read from there.
   */
  async fetch(options: {
    readonly page: string;
    readonly section?: string;
    readonly limit?: number;
    readonly signal: AbortSignal;
  }): Promise<DocsPage> {
    const { page: wanted, limit = PART_CHARACTERS, signal } = options;
    const section = options.section ?? anchorIn(wanted);
    const { sources } = await this.#opener.open(signal);
    const found = findPage(sources, wanted);
    const markdown = found && (await this.#store.page(found.page.hash));
    if (found !== null && markdown !== null) {
      const provenance = await this.#provenance(found);
      return { ...provenance, ...readPart(markdown, { section, limit }) };
    }
    const route = /^https?:/i.test(wanted) ? docsRoute(wanted) : null;
    if (route === null) throw unknownPage(sources, wanted);
    const { web } = this.#options;
    const { markdown: whole, ...provenance } = await fetchSitePage(route, {
      web,
      installed: this.#installed,
      signal,
    });
    return { ...provenance, ...readPart(whole, { section, limit }) };
  }

  async #change(
    wanted: readonly KeptSource[],
    { freshMs, signal, onProgress = () => undefined }: { readonly freshMs: number } & Changing,
  ): Promise<UpdatedSource[]> {
    const { web } = this.#options;
    const store = this.#store;
    let sources = await store.sources();
    const save = async (source: KeptSource): Promise<void> => {
      sources = [...sources.filter(({ id }) => id !== source.id), source].sort((a, b) =>
        a.id < b.id ? -1 : 1,
      );
      await store.writeSources(sources);
    };
    const updated: UpdatedSource[] = [];
    try {
      for (const source of wanted) {
        const options = { source, store, web, freshMs, now: this.#now, save, onProgress, signal };
        const update = updateSource(options);
        // One of several that cannot be read does not keep the others from being read.
        updated.push(await (wanted.length === 1 ? update : update.catch((error) => unread(source, error))));
      }
      return updated;
    } finally {
      // Also of what came before it was cancelled: otherwise the next search would have to.
      if (sources.length > 0) await this.#bringUp(sources, new AbortController().signal);
    }
  }

  async #bringUp(sources: readonly KeptSource[], signal: AbortSignal): Promise<void> {
    const store = this.#store;
    const bytes = await store.index();
    const old = bytes === null ? null : DocsIndex.open(bytes);
    const isThere = old !== null && isOf(old, sources);
    if (!isThere) await store.writeIndex(await bringUp({ store, sources, old, signal }));
    await store.sweep(sources);
  }

  async #result(
    { sources, index }: OpenedDocs,
    { page, section, query }: { readonly page: number; readonly section: number; readonly query: string },
  ): Promise<DocsResult | null> {
    const entry = index.pages[page];
    const source = sources.find(({ id }) => id === entry?.source);
    const kept = entry && source?.pages[entry.path];
    if (entry === undefined || source === undefined || kept === undefined) return null;
    const { headings, anchor, start, end } = entry.sections[section] ?? {
      headings: [],
      anchor: "",
      start: 0,
      end: 0,
    };
    const markdown = (await this.#store.page(kept.hash)) ?? "";
    const provenance = await this.#provenance({ source, path: entry.path, page: kept });
    return {
      ...provenance,
      title: entry.title,
      section: headings.join(" > "),
      anchor,
      snippet: snippetOf(markdown.slice(start, end), query),
    };
  }

  async #provenance(found: FoundPage): Promise<DocsProvenance> {
    return await provenanceOf(found, { installed: this.#installed, now: this.#now() });
  }

  #named(sources: readonly KeptSource[], id: string): KeptSource {
    const found = sources.find((source) => source.id === id);
    if (found !== undefined) return found;
    const there = sources.map((source) => source.id).join(", ");
    throw new DocumentationError("docs/unknown_source", `No documentation called "${id}" is kept.`, {
      mend: there === "" ? "Nothing is kept yet: add it first." : `There are: ${there}. Others can be added.`,
    });
  }
}

function unread({ id, pages, missing }: KeptSource, error: unknown): UpdatedSource {
  if (!(error instanceof DocumentationError || error instanceof WebError)) throw error;
  const unchanged = Object.keys(pages).length;
  const nothing = { added: 0, changed: 0, removed: 0, failed: [] };
  return {
    source: id,
    ...nothing,
    unchanged,
    missing: missing.length,
    stopped: `${error.message} ${error.mend}`,
  };
}

function freeId(origin: Origin, sources: readonly KeptSource[]): string {
  const wanted = idOf(origin);
  for (let number = 1; ; number++) {
    const id = number === 1 ? wanted : `${wanted}-${number}`;
    if (!sources.some((source) => source.id === id)) return id;
  }
}

/** As it stands in an address: percent signs that mean nothing stay. */
function anchorIn(address: string): string | null {
  const at = address.indexOf("#");
  if (at === -1 || at === address.length - 1) return null;
  try {
    return decodeURIComponent(address.slice(at + 1));
  } catch {
    return address.slice(at + 1);
  }
}
