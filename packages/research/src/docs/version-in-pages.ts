import type { DocsStore } from "./docs-store.ts";
import type { KeptPage, Origin } from "./sources/source.ts";

/**
 * The version that pages of a library say that they are of: pages as they are served link to each other, and to the source, by
 * version. The one named most; null where none is named.
 */
export async function versionInPages(options: {
  readonly origin: Origin;
  readonly store: DocsStore;
  readonly pages: ReadonlyMap<string, KeptPage>;
}): Promise<string | null> {
  const { origin, store, pages } = options;
  if (origin.kind !== "library") return null;
  const library = origin.library.replaceAll(".", "\\.");
  const named = new RegExp(`/(?:docs/${library}|${library}/blob)/(v\\d[\\w.]*)/`, "g");
  const counts = new Map<string, number>();
  for (const { hash } of pages.values()) {
    for (const [, version = ""] of ((await store.page(hash)) ?? "").matchAll(named)) {
      counts.set(version, (counts.get(version) ?? 0) + 1);
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}
