import type { Credentials } from "../http/credentials.ts";
import { bravePages } from "./search-brave.ts";
import { duckDuckGoPages } from "./search-duckduckgo.ts";
import { searxngPages } from "./search-searxng.ts";
import { tavilyPages } from "./search-tavily.ts";
import type { SearchPages } from "./search-web.ts";

/** Who searches the web: DuckDuckGo's plain page needs nothing, SearXNG is a person's own, the others need a key. */
export type SearchProvider =
  | { readonly kind: "duckduckgo" }
  | { readonly kind: "searxng"; readonly url: string }
  | { readonly kind: "brave"; readonly key: string }
  | { readonly kind: "tavily"; readonly key: string };

export function pagesOf(provider: SearchProvider): SearchPages {
  switch (provider.kind) {
    case "duckduckgo":
      return duckDuckGoPages;
    case "searxng":
      return searxngPages(provider.url);
    case "brave":
      return bravePages;
    case "tavily":
      return tavilyPages;
    default:
      return provider satisfies never;
  }
}

/** What the provider's host has to be sent: it belongs into the client's credentials. */
export function searchCredentials(provider: SearchProvider): Credentials {
  switch (provider.kind) {
    case "brave":
      return { "api.search.brave.com": { "x-subscription-token": provider.key } };
    case "tavily":
      return { "api.tavily.com": { authorization: `Bearer ${provider.key}` } };
    case "duckduckgo":
    case "searxng":
      return {};
    default:
      return provider satisfies never;
  }
}
