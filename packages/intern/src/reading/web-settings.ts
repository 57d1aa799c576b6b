import { flag, httpUrl, positiveNumber, section } from "@ml-intern/gateway/settings";
import type { SearchProvider } from "@ml-intern/research";
import { z } from "zod";

/** The section `web` of intern.yaml: what the intern may read, and through whom it searches. */
export interface WebSettings {
  /** When given, no other hosts are asked; `*.example.org` is all hosts below it. */
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  readonly search: SearchProvider;
  /** Answers come from what was read before, and nowhere else. */
  readonly offline: boolean;
  /** Size of what is kept of earlier answers. */
  readonly cacheGigabytes: number;
}

export const DEFAULT_WEB: WebSettings = { search: { kind: "duckduckgo" }, offline: false, cacheGigabytes: 1 };

const host = z.string().regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/i, {
  error: "Name a host, such as example.org or *.example.org.",
});

const key = z.string().min(1);

const search = z.discriminatedUnion("kind", [
  section({ kind: z.literal("duckduckgo") }),
  section({ kind: z.literal("searxng"), url: httpUrl() }),
  section({ kind: z.literal("brave"), key }),
  section({ kind: z.literal("tavily"), key }),
]);

export const webSchema: z.ZodType<WebSettings> = section({
  allow: z.array(host).min(1).exactOptional(),
  deny: z.array(host).exactOptional(),
  search: search.default(DEFAULT_WEB.search),
  offline: flag().default(DEFAULT_WEB.offline),
  cacheGigabytes: positiveNumber().default(DEFAULT_WEB.cacheGigabytes),
});
