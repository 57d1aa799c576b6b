import type { WebClient } from "../http/web-client.ts";
import { pagesOf, type SearchProvider } from "./search-provider.ts";

export interface FoundPage {
  readonly title: string;
  readonly url: string;
  /** What the provider shows of it; empty where it shows nothing. */
  readonly snippet: string;
}

export interface Searching {
  readonly query: string;
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** One provider's way to search; may give more than `limit`. */
export type SearchPages = (web: WebClient, searching: Searching) => Promise<readonly FoundPage[]>;

/**
 * Searches the web. `only` keeps pages of these domains and those below them, `without` leaves such pages out. Nothing found is
 * an empty list.
 */
export async function searchWeb(
  web: WebClient,
  options: Searching & {
    readonly provider: SearchProvider;
    readonly only?: readonly string[];
    readonly without?: readonly string[];
  },
): Promise<readonly FoundPage[]> {
  const { provider, query, limit, signal } = options;
  const only = (options.only ?? []).map(domainOf);
  const without = (options.without ?? []).map(domainOf);
  // Every provider knows these words; what it makes of them is checked below.
  const sites = only.map((domain) => `site:${domain}`).join(" OR ");
  const words = [query, sites, ...without.map((domain) => `-site:${domain}`)].filter((each) => each !== "");
  const pages = await pagesOf(provider)(web, { query: words.join(" "), limit, signal });
  const seen = new Set<string>();
  return pages
    .filter(({ url }) => URL.canParse(url) && /^https?:/.test(url) && !seen.has(url) && seen.add(url))
    .filter(({ url }) => only.length === 0 || only.some((domain) => isBelow(url, domain)))
    .filter(({ url }) => !without.some((domain) => isBelow(url, domain)))
    .slice(0, limit);
}

/** The domain of what may be written as the address of a site. */
function domainOf(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/^(www|\*)\./, "")
    .replace(/[/:].*$/, "");
}

function isBelow(url: string, domain: string): boolean {
  const { hostname } = new URL(url);
  return hostname === domain || hostname.endsWith(`.${domain}`);
}
