import { DocumentationError } from "./documentation-error.ts";
import { type DocsRoute, docsRoute } from "./sources/docs-route.ts";
import type { KeptPage, KeptSource } from "./sources/source.ts";

export interface FoundPage {
  readonly source: KeptSource;
  readonly path: string;
  readonly page: KeptPage;
}

/** The page that is meant by an address, `source/path`, the path of a file, or a path alone where it is the only one; else null. */
export function findPage(sources: readonly KeptSource[], wanted: string): FoundPage | null {
  const all = sources.flatMap((source) =>
    Object.entries(source.pages).map(([path, page]): FoundPage => ({ source, path, page })),
  );
  const name = bare(wanted);
  const route = /^https?:/i.test(wanted) ? docsRoute(wanted) : null;
  const tests: readonly ((found: FoundPage) => boolean)[] = [
    ({ page }) => bare(page.url) === name,
    ({ source, path }) => route !== null && fits(source, route) && path === route.page,
    ({ source, path }) => `${source.id}/${bare(path)}` === name,
    ({ source, path }) => name === source.id && path === "index",
  ];
  for (const test of tests) {
    const found = all.find(test);
    if (found !== undefined) return found;
  }
  const alone = all.filter(({ path }) => bare(path) === name);
  return alone.length === 1 ? (alone[0] ?? null) : null;
}

export function unknownPage(sources: readonly KeptSource[], wanted: string): DocumentationError {
  const last = bare(wanted).split("/").at(-1) ?? "";
  const near = sources
    .flatMap(({ id, pages }) => Object.keys(pages).map((path) => `${id}/${path}`))
    .filter((each) => last !== "" && each.includes(last))
    .slice(0, 8);
  const mend =
    near.length > 0
      ? `Perhaps one of these is meant: ${near.join(", ")}.`
      : "Search for it first, and give the `url`, or the source and the path, of a result.";
  return new DocumentationError("docs/unknown_page", `No documentation is kept of "${wanted}".`, { mend });
}

function fits({ origin }: KeptSource, route: DocsRoute): boolean {
  if (origin.kind !== "library" || origin.library !== route.library || route.language !== "en") return false;
  return route.version === null || route.version === origin.version;
}

function bare(address: string): string {
  return address
    .replace(/#.*$/, "")
    .replace(/\/$/, "")
    .replace(/\.(md|mdx|markdown)$/i, "");
}
