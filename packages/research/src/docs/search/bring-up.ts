import { createHash } from "node:crypto";
import { setImmediate as breathe } from "node:timers/promises";
import type { DocsStore } from "../docs-store.ts";
import type { KeptPage, KeptSource } from "../sources/source.ts";
import { type AnalysedPage, analysePage } from "./analyse-page.ts";
import type { DocsIndex } from "./docs-index.ts";
import { encodeIndex, keyOf } from "./index-file.ts";

/** Whether an index is of just these pages. */
export function isOf(index: DocsIndex, sources: readonly KeptSource[]): boolean {
  const stamps = stampsOf(sources);
  return (
    stamps.size === index.pages.length && index.pages.every((page) => stamps.get(keyOf(page)) === page.stamp)
  );
}

/**
 * The index of all pages that are kept, byte for byte as if it were made anew; only pages that `old` does not hold as they are
 * now are read. Pages whose file is damaged are left out: an update reads them again.
 */
export async function bringUp(options: {
  readonly store: DocsStore;
  readonly sources: readonly KeptSource[];
  readonly old: DocsIndex | null;
  readonly signal: AbortSignal;
}): Promise<Uint8Array> {
  const { store, sources, old, signal } = options;
  const before = new Map<string, AnalysedPage>();
  for (const page of old?.analysedPages() ?? []) before.set(keyOf(page), page);
  const pages: AnalysedPage[] = [];
  for (const { id: source, pages: kept } of sources) {
    for (const [path, page] of Object.entries(kept)) {
      const stamp = stampOf(page);
      const known = before.get(keyOf({ source, path }));
      if (known?.stamp === stamp) {
        pages.push(known);
        continue;
      }
      // Others in this process go on meanwhile.
      await breathe(undefined, { signal });
      const markdown = await store.page(page.hash);
      if (markdown !== null)
        pages.push(analysePage({ source, path, stamp, listedTitle: page.title, markdown }));
    }
  }
  return encodeIndex(pages);
}

/** A change of either changes what the index holds of the page. */
function stampOf({ hash, title }: KeptPage): string {
  return createHash("sha256")
    .update(`${hash}\n${title ?? ""}`)
    .digest("base64url")
    .slice(0, 22);
}

function stampsOf(sources: readonly KeptSource[]): Map<string, string> {
  return new Map(
    sources.flatMap(({ id, pages }) =>
      Object.entries(pages).map(([path, page]) => [keyOf({ source: id, path }), stampOf(page)]),
    ),
  );
}
