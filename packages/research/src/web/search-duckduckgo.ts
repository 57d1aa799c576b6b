import { parseHTML } from "linkedom";
import { textOf } from "../http/contents.ts";
import { WebError } from "../http/web-error.ts";
import { plainText } from "./plain-text.ts";
import type { FoundPage, SearchPages } from "./search-web.ts";

/** The page for browsers without scripts. It has no contract: who needs one configures another provider. */
export const duckDuckGoPages: SearchPages = async (web, { query, signal }) => {
  const words = new URLSearchParams({ q: query });
  const found = await web.request({ url: `https://html.duckduckgo.com/html/?${words}`, signal });
  const { document } = parseHTML(textOf(found));
  const pages = [...document.querySelectorAll(".result")].flatMap((result): FoundPage[] => {
    const link = result.querySelector("a.result__a");
    const url = targetOf(link?.getAttribute("href") ?? "");
    if (link === null || url === null) return [];
    const snippet = result.querySelector(".result__snippet")?.textContent ?? "";
    return [{ title: plainText(link.textContent ?? ""), url, snippet: plainText(snippet) }];
  });
  if (pages.length === 0 && document.querySelector(".no-results") === null) throw isNoAnswer(found.url);
  return pages;
};

/** Links lead through the provider, which names the page as `uddg`; advertisements lead elsewhere. */
function targetOf(href: string): string | null {
  const base = "https://duckduckgo.com/";
  if (!URL.canParse(href, base)) return null;
  const url = new URL(href, base);
  if (url.hostname !== "duckduckgo.com") return url.href;
  const target = url.searchParams.get("uddg");
  return target !== null && !target.startsWith("https://duckduckgo.com/y.js") ? target : null;
}

function isNoAnswer(url: string): WebError {
  return new WebError(
    "web/wrong_type",
    "DuckDuckGo answered with a page that is no list of results: it may take us for a robot.",
    {
      url,
      mend: "Configure a provider with a contract under `web.search` in intern.yaml (searxng, brave, tavily).",
    },
  );
}
