import type { WebClient } from "../http/web-client.ts";
import type { DocsStore } from "./docs-store.ts";
import { DocumentationError } from "./documentation-error.ts";
import { downloadPages } from "./sources/download-pages.ts";
import { type FailedPage, type FoundPages, findPages } from "./sources/find-pages.ts";
import type { KeptPage, KeptSource, ListedPage, ReadPage } from "./sources/source.ts";
import { versionInPages } from "./version-in-pages.ts";

/** How far reading a source is. */
export interface DocsProgress {
  readonly source: string;
  readonly pages: number;
  readonly of: number;
}

/** What an update changed. */
export interface UpdatedSource {
  readonly source: string;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  /** Listed, and still to be read: another update goes on with them. */
  readonly missing: number;
  /** Not to be had, though they are listed. */
  readonly failed: readonly FailedPage[];
  /** Why it ended before all pages were asked for; null when it did not. */
  readonly stopped: string | null;
}

export interface UpdateOptions {
  readonly source: KeptSource;
  readonly store: DocsStore;
  readonly web: WebClient;
  /** Pages read within this time are left as they are. */
  readonly freshMs: number;
  readonly now: () => number;
  /** Takes the source as it is so far. */
  readonly save: (source: KeptSource) => Promise<void>;
  readonly onProgress: (progress: DocsProgress) => void;
  readonly signal: AbortSignal;
}

/** So many pages are read between two times that what was read is written down. */
const PAGES_BETWEEN_SAVES = 25;

/**
 * Reads a source at its origin, and keeps what is new. Pages that are missing come first, then those read longest ago.
 * Stopped by the signal or by the service, it has kept what it read; what it could not read again stays as it was.
 */
export async function updateSource(options: UpdateOptions): Promise<UpdatedSource> {
  const { source, signal } = options;
  const found = await findPages(source.origin, options);
  const update = new Update(options, found);
  for (const page of found.read) {
    signal.throwIfAborted();
    await update.take(page);
  }
  try {
    await update.download();
  } finally {
    // Also when it was cancelled: what has come is kept. Of a source that the service held back at once, its list is.
    if (update.pages.size > 0 || update.stopped !== null) await update.save({ isLast: true });
  }
  if (update.pages.size === 0 && update.stopped === null) throw nothing(source.id, update.failed);
  return update.report();
}

/** A source while it is read. */
class Update {
  readonly pages = new Map<string, KeptPage>();
  readonly failed: FailedPage[];
  stopped: string | null = null;
  readonly #options: UpdateOptions;
  readonly #found: FoundPages;
  readonly #tally = { added: 0, changed: 0, unchanged: 0 };
  /** Listed and not asked for yet, by path. */
  readonly #left = new Map<string, ListedPage>();

  constructor(options: UpdateOptions, found: FoundPages) {
    this.#options = options;
    this.#found = found;
    this.failed = [...found.failed];
  }

  async take({ path, title, url, markdown, at }: ReadPage): Promise<void> {
    const { source, store } = this.#options;
    const hash = await store.keepPage(markdown);
    const before = source.pages[path];
    this.#tally[before === undefined ? "added" : before.hash === hash ? "unchanged" : "changed"]++;
    this.pages.set(path, { hash, title, url, at });
  }

  async download(): Promise<void> {
    const { source, onProgress } = this.#options;
    const wanted = await this.#plan();
    for (const listed of wanted) this.#left.set(listed.path, listed);
    const of = this.#found.read.length + this.#found.listed.length;
    const tell = (): void => onProgress({ source: source.id, pages: of - this.#left.size, of });
    tell();
    let sinceSave = 0;
    for await (const result of downloadPages({ ...this.#options, pages: wanted })) {
      if (result.kind === "stopped") {
        this.stopped = result.why;
        break;
      }
      const { path } = result.listed;
      this.#left.delete(path);
      if (result.kind === "page") await this.take(result.page);
      else {
        this.failed.push({ path, why: result.why });
        if (result.isGone) this.pages.delete(path);
      }
      tell();
      sinceSave = (sinceSave + 1) % PAGES_BETWEEN_SAVES;
      if (sinceSave === 0) await this.save({ isLast: false });
    }
  }

  async save({ isLast }: { readonly isLast: boolean }): Promise<void> {
    const { source, store, now, save } = this.#options;
    const said = isLast && (await versionInPages({ origin: source.origin, store, pages: this.pages }));
    await save({
      ...source,
      version: this.#found.version ?? (said || source.version),
      listedAt: now(),
      pages: Object.fromEntries([...this.pages].sort(([a], [b]) => (a < b ? -1 : 1))),
      missing: this.#missing(),
      failed: this.failed,
    });
  }

  report(): UpdatedSource {
    const { source } = this.#options;
    const removed = Object.keys(source.pages).filter((path) => !this.pages.has(path)).length;
    const { failed, stopped } = this;
    return { source: source.id, ...this.#tally, removed, missing: this.#missing().length, failed, stopped };
  }

  /** The pages to ask for, in order. Those that were read before are there already, whatever comes of asking. */
  async #plan(): Promise<ListedPage[]> {
    const { source, store, freshMs, now } = this.#options;
    const wanted: { readonly listed: ListedPage; readonly at: number }[] = [];
    for (const listed of this.#found.listed) {
      const { path, title, url } = listed;
      const before = source.pages[path];
      const isWhole = before !== undefined && (await store.page(before.hash)) !== null;
      if (isWhole) this.pages.set(path, { ...before, title, url });
      if (isWhole && now() - before.at < freshMs) this.#tally.unchanged++;
      else wanted.push({ listed, at: isWhole ? before.at : 0 });
    }
    return wanted.sort((a, b) => a.at - b.at).map(({ listed }) => listed);
  }

  #missing(): ListedPage[] {
    return [...this.#left.values()].filter(({ path }) => !this.pages.has(path));
  }
}

function nothing(id: string, failed: readonly FailedPage[]): DocumentationError {
  const why = failed[0] === undefined ? "there is no Markdown." : `${failed[0].path}: ${failed[0].why}`;
  const mend = "Look at its address or folder.";
  return new DocumentationError("docs/no_pages", `Nothing of ${id} could be read: ${why}`, { mend });
}
