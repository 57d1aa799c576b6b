import { resolve } from "node:path";
import { z } from "zod";

/** Where documentation comes from. */
export type Origin =
  /** A set under huggingface.co/docs; of its default version unless one is named. */
  | { readonly kind: "library"; readonly library: string; readonly version?: string | undefined }
  /** A list of pages in the form of llms.txt. */
  | { readonly kind: "llms"; readonly url: string; readonly name?: string | undefined }
  /** A specification of an HTTP API: a page for each operation. By default that of the Hub. */
  | { readonly kind: "openapi"; readonly url?: string | undefined; readonly name?: string | undefined }
  /** Markdown in a folder of this machine, a checkout for example. */
  | {
      readonly kind: "folder";
      readonly path: string;
      /** What it documents; by default the name of the folder. */
      readonly name?: string | undefined;
      readonly version?: string | undefined;
    };

/** A page that a list names. */
export interface ListedPage {
  /** Within the source, without an ending. */
  readonly path: string;
  readonly title: string | null;
  /** Of the page that a person opens. */
  readonly url: string;
  readonly markdownUrl: string;
}

export interface KeptPage {
  /** SHA-256 of the Markdown, which lies in the store under this name. */
  readonly hash: string;
  /** As a list of pages calls it. */
  readonly title: string | null;
  /** An address, or the path of a file. */
  readonly url: string;
  /** When it was read at its origin, in milliseconds since 1970. */
  readonly at: number;
}

export interface KeptSource {
  readonly id: string;
  readonly origin: Origin;
  /** Of the documentation; null where nothing says it. */
  readonly version: string | null;
  /** When its list of pages was last read. */
  readonly listedAt: number;
  readonly pages: Readonly<Record<string, KeptPage>>;
  /** Listed, not read yet. */
  readonly missing: readonly ListedPage[];
  /** Listed, and not to be had. */
  readonly failed: readonly { readonly path: string; readonly why: string }[];
}

const text = z.string();

const origin: z.ZodType<Origin> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("library"), library: text, version: text.optional() }),
  z.object({ kind: z.literal("llms"), url: text, name: text.optional() }),
  z.object({ kind: z.literal("openapi"), url: text.optional(), name: text.optional() }),
  z.object({ kind: z.literal("folder"), path: text, name: text.optional(), version: text.optional() }),
]);

/** A source as a file holds it. */
export const keptSource: z.ZodType<KeptSource> = z.object({
  id: text,
  origin,
  version: text.nullable(),
  listedAt: z.number(),
  pages: z.record(text, z.object({ hash: text, title: text.nullable(), url: text, at: z.number() })),
  missing: z.array(z.object({ path: text, title: text.nullable(), url: text, markdownUrl: text })),
  failed: z.array(z.object({ path: text, why: text })),
});

/** Longer pages are hardly written by people, and are not kept. */
export const LONGEST_PAGE_BYTES: number = 4 * 1024 * 1024;

/** A page with its content, from wherever it is. */
export interface ReadPage {
  readonly path: string;
  readonly title: string | null;
  readonly url: string;
  readonly markdown: string;
  readonly at: number;
}

/** As it is kept: the path of a folder whole, so that it is the same from wherever it is asked for. */
export function settled(given: Origin): Origin {
  const parsed = origin.parse(given);
  return parsed.kind === "folder" ? { ...parsed, path: resolve(parsed.path) } : parsed;
}

/** The id that a source would like: what people call it. */
export function idOf(origin: Origin): string {
  switch (origin.kind) {
    case "library":
      return origin.version === undefined ? origin.library : `${origin.library}@${origin.version}`;
    case "llms":
      return origin.name ?? hostOf(origin.url);
    case "openapi":
      return origin.name ?? (origin.url === undefined ? "hub-api" : `${hostOf(origin.url)}-api`);
    case "folder":
      return origin.name ?? (origin.path.split(/[\\/]/).findLast((part) => part !== "") || "folder");
    default:
      return origin satisfies never;
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^www\./, "") : url;
}
