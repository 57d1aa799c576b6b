import { stat } from "node:fs/promises";
import type { FoundPage } from "./find-page.ts";
import type { KeptPage, Origin } from "./sources/source.ts";
import { versionWarning } from "./version-warning.ts";

/** Where a page comes from, and how far it can be trusted. */
export interface DocsProvenance {
  readonly source: string;
  /** Within its source. */
  readonly path: string;
  /** An address, or the path of a file. */
  readonly url: string;
  /** Of the documentation; null where nothing says it. */
  readonly version: string | null;
  readonly fetchedAt: Date;
  /** Read long ago, or its file has changed since. */
  readonly isStale: boolean;
  /** When another version is installed than is documented. */
  readonly warning: string | null;
}

/** The version of a package in the person's environment; null where it is not installed. */
export type Installed = (name: string) => Promise<string | null>;

const STALE_MS = 30 * 86_400_000;

export async function provenanceOf(
  { source, path, page }: FoundPage,
  { installed, now }: { readonly installed: Installed; readonly now: number },
): Promise<DocsProvenance> {
  const { id, origin, version } = source;
  const name = packageOf(origin);
  return {
    source: id,
    path,
    url: page.url,
    version,
    fetchedAt: new Date(page.at),
    isStale: origin.kind === "folder" ? await changedSince(page) : now - page.at > STALE_MS,
    warning: name === null ? null : versionWarning(version, await installed(name)),
  };
}

/** What a person would have installed to use what a source documents. */
function packageOf(origin: Origin): string | null {
  if (origin.kind === "library") return origin.library;
  return origin.kind === "openapi" ? null : (origin.name ?? null);
}

async function changedSince({ url, at }: KeptPage): Promise<boolean> {
  const info = await stat(url).catch(() => null); // gone
  return info === null || info.mtimeMs > at;
}
