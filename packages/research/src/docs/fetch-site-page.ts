import { textOf } from "../http/contents.ts";
import type { WebClient } from "../http/web-client.ts";
import { DocumentationError } from "./documentation-error.ts";
import type { DocsProvenance, Installed } from "./provenance.ts";
import { type DocsRoute, docsRoute, docsUrl } from "./sources/docs-route.ts";
import { versionWarning } from "./version-warning.ts";

const DAY_MS = 86_400_000;

/** Reads a page under huggingface.co/docs that is not kept. */
export async function fetchSitePage(
  route: DocsRoute,
  options: { readonly web: WebClient; readonly installed: Installed; readonly signal: AbortSignal },
): Promise<DocsProvenance & { readonly markdown: string }> {
  const { web, installed, signal } = options;
  const { library, page } = route;
  const url = docsUrl(route);
  const answer = await web.request({ url: `${url}.md`, freshMs: DAY_MS, signal });
  const markdown = textOf(answer);
  if (/^\s*<(!doctype|html)/i.test(markdown)) {
    throw new DocumentationError("docs/wrong_type", `${url}.md is a page for a browser, not Markdown.`, {
      mend: "Read the page itself as a web page, or look for it in the library's repository.",
    });
  }
  const version = route.version ?? docsRoute(answer.url)?.version ?? null;
  return {
    source: library,
    path: page,
    url,
    version,
    fetchedAt: answer.at,
    isStale: answer.source === "stale",
    warning: versionWarning(version, await installed(library)),
    markdown,
  };
}
