import type { WebClient } from "../../http/web-client.ts";
import { folderPages, folderVersion } from "./folder-pages.ts";
import { listLibrary } from "./list-library.ts";
import { listLlms } from "./list-llms.ts";
import { openApiPages } from "./openapi-pages.ts";
import type { ListedPage, Origin, ReadPage } from "./source.ts";

export interface FailedPage {
  readonly path: string;
  readonly why: string;
}

/** What an origin has. */
export interface FoundPages {
  /** Pages that could be read at once. */
  readonly read: readonly ReadPage[];
  /** Pages that have to be read one by one. */
  readonly listed: readonly ListedPage[];
  readonly failed: readonly FailedPage[];
  /** Null where nothing says it so far. */
  readonly version: string | null;
}

/** Asks an origin for its pages. */
export async function findPages(
  origin: Origin,
  { web, now, signal }: { readonly web: WebClient; readonly now: () => number; readonly signal: AbortSignal },
): Promise<FoundPages> {
  switch (origin.kind) {
    case "library": {
      const { library, version: wanted = null } = origin;
      const { pages, version } = await listLibrary({ library, version: wanted, web, signal });
      return { read: [], listed: pages, failed: [], version };
    }
    case "llms": {
      const { pages, version } = await listLlms({ url: origin.url, web, signal });
      return { read: [], listed: pages, failed: [], version };
    }
    case "openapi": {
      const { pages, version } = await openApiPages({ url: origin.url, web, signal });
      return { read: pages, listed: [], failed: [], version };
    }
    case "folder": {
      const { pages, failed } = await folderPages({ path: origin.path, now: now(), signal });
      const version = origin.version ?? (await folderVersion(origin.path, signal));
      return { read: pages, listed: [], failed, version };
    }
    default:
      return origin satisfies never;
  }
}
