import { textOf } from "../../http/contents.ts";
import type { WebClient } from "../../http/web-client.ts";
import { DocumentationError } from "../documentation-error.ts";
import { type DocsRoute, docsRoute } from "./docs-route.ts";
import type { ListedPage } from "./source.ts";

/** The pages that an llms.txt names. */
export async function listLlms(options: {
  readonly url: string;
  readonly web: WebClient;
  readonly signal: AbortSignal;
}): Promise<{ readonly pages: readonly ListedPage[]; readonly version: string | null }> {
  const { web, ...request } = options;
  const answer = await web.request({ ...request, freshMs: 0 });
  const text = textOf(answer);
  if (/^\s*</.test(text)) {
    throw new DocumentationError(
      "docs/wrong_type",
      `${answer.url} is a page for a browser, not a list of Markdown.`,
      {
        mend: "Give the address of an llms.txt.",
      },
    );
  }
  const { pages } = readLlmsText(text, answer.url);
  if (pages.length > 0)
    return { pages, version: pages.map(({ url }) => docsRoute(url)?.version).find(Boolean) ?? null };
  throw new DocumentationError("docs/no_pages", `${answer.url} lists no pages.`, {
    mend: "An llms.txt has lines such as `- [Title](https://…/page.md): what it is about`.",
  });
}

/** Reads an llms.txt: links in lists, each page once. Never fails; what is no such file has no pages. */
export function readLlmsText(
  text: string,
  base: string,
): { readonly title: string | null; readonly pages: readonly ListedPage[] } {
  const title = /^#\s+(.+)$/m.exec(text)?.[1]?.trim() ?? null;
  const pages = new Map<string, ListedPage>();
  for (const [, name = "", address = ""] of text.matchAll(
    /^[ \t]*[-*][ \t]+\[([^\]\n]{1,500})\]\(([^)\s]{1,2000})\)/gm,
  )) {
    if (!URL.canParse(address, base)) continue;
    const link = new URL(address, base);
    link.hash = "";
    const url = link.href.replace(/(?<=\.html)\.md$|\.md$/, "");
    const route = docsRoute(url);
    const path = routePath(route) ?? `${link.host}${link.pathname}`.replace(/(\.html)?\.mdx?$/, "");
    if (!pages.has(path)) pages.set(path, { path, title: name.trim(), url, markdownUrl: link.href });
  }
  return { title, pages: [...pages.values()] };
}

function routePath(route: DocsRoute | null): string | null {
  if (route === null) return null;
  return route.language === "en" ? route.page : `${route.language}/${route.page}`;
}
