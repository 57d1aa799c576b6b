import { z } from "zod";
import { isJson, jsonOf } from "../http/contents.ts";
import type { WebClient } from "../http/web-client.ts";
import { docsRoute, SITE } from "./sources/docs-route.ts";

/** A passage that the search of huggingface.co found. */
export interface SiteResult {
  readonly library: string;
  readonly title: string;
  readonly headings: readonly string[];
  readonly url: string;
  readonly anchor: string | null;
  readonly text: string;
  readonly fetchedAt: Date;
}

const passages = z.array(
  z.object({
    text: z.string(),
    product: z.string(),
    source_page_url: z.string(),
    source_page_title: z.string(),
    heading1: z.string().optional(),
    heading2: z.string().optional(),
    heading3: z.string().optional(),
    heading4: z.string().optional(),
    heading5: z.string().optional(),
  }),
);

const LONGEST_QUERY = 250;
const MOST_RESULTS = 25;

/** Asks the search of huggingface.co, which knows all libraries and goes by meaning; of `library` alone when it is named. */
export async function searchSite(options: {
  readonly query: string;
  readonly library?: string;
  readonly limit: number;
  readonly web: WebClient;
  readonly signal: AbortSignal;
}): Promise<SiteResult[]> {
  const { query, library, limit, web, signal } = options;
  const asked = new URLSearchParams({ q: query.slice(0, LONGEST_QUERY) });
  if (library !== undefined) asked.set("product", library);
  asked.set("limit", String(Math.min(Math.max(1, limit), MOST_RESULTS)));
  const answer = await web.request({
    url: `${SITE}/api/docs/search?${asked}`,
    freshMs: 3_600_000,
    isUsable: isJson,
    signal,
  });
  return jsonOf(answer, passages).map((passage) => {
    const { text, product, source_page_url: url, source_page_title: title } = passage;
    const { heading1, heading2, heading3, heading4, heading5 } = passage;
    const headings = [heading1, heading2, heading3, heading4, heading5].filter((each) => each !== undefined);
    return {
      library: product,
      title,
      headings,
      url,
      anchor: docsRoute(url)?.anchor ?? null,
      text,
      fetchedAt: answer.at,
    };
  });
}
