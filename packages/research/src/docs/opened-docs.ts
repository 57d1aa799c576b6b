import type { DocsStore } from "./docs-store.ts";
import { DocumentationError } from "./documentation-error.ts";
import { bringUp, isOf } from "./search/bring-up.ts";
import { DocsIndex } from "./search/docs-index.ts";
import type { KeptSource } from "./sources/source.ts";

/** What is kept, as it was at one moment, ready to be searched. */
export interface OpenedDocs {
  readonly sources: readonly KeptSource[];
  readonly index: DocsIndex;
  /** What a person should know of it. */
  readonly notes: readonly string[];
}

/** Opens what is kept, and opens it again when this or another process has changed it. */
export class DocsOpener {
  readonly #store: DocsStore;
  #state = "";
  #opened: Promise<OpenedDocs> | null = null;

  constructor(store: DocsStore) {
    this.#store = store;
  }

  async open(signal: AbortSignal): Promise<OpenedDocs> {
    signal.throwIfAborted();
    const state = await this.#store.state();
    if (this.#opened === null || state !== this.#state) {
      this.#state = state;
      this.#opened = openDocs(this.#store);
      // Whoever asks next tries again.
      this.#opened.catch(() => {
        this.#opened = null;
      });
    }
    return await this.#opened;
  }
}

async function openDocs(store: DocsStore): Promise<OpenedDocs> {
  const [sources, bytes] = await Promise.all([store.sources(), store.index()]);
  const found = bytes === null ? null : DocsIndex.open(bytes);
  if (found !== null && isOf(found, sources)) return { sources, index: found, notes: [] };
  // Several may wait for it: it ends when it is done.
  const made = await bringUp({ store, sources, old: found, signal: new AbortController().signal });
  const index = DocsIndex.open(made);
  if (index === null) throw new Error("The index that was just made cannot be opened.");
  const isDamaged = bytes !== null && found === null;
  const notes = isDamaged ? ["The search index was damaged or of another version; it was made again."] : [];
  if (sources.length > 0) notes.push(...(await keep(store, { made, sources })));
  return { sources, index, notes };
}

/** An index that cannot be kept is made again the next time: slower, and no reason to fail. */
async function keep(
  store: DocsStore,
  { made, sources }: { readonly made: Uint8Array; readonly sources: readonly KeptSource[] },
): Promise<string[]> {
  try {
    using _lock = await store.lock();
    // What was changed meanwhile gets an index of its own.
    if (JSON.stringify(await store.sources()) === JSON.stringify(sources)) await store.writeIndex(made);
    return [];
  } catch (error) {
    if (error instanceof DocumentationError && error.code === "docs/busy") return [];
    const why = error instanceof Error ? error.message : String(error);
    return [`The search index cannot be kept, so that it is made again each time: ${why}`];
  }
}
