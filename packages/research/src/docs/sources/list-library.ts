import { parseHTML } from "linkedom";
import { z } from "zod";
import { jsonOf, textOf } from "../../http/contents.ts";
import type { WebClient } from "../../http/web-client.ts";
import { WebError } from "../../http/web-error.ts";
import { DocumentationError } from "../documentation-error.ts";
import { docsRoute, docsUrl, SITE } from "./docs-route.ts";
import { readLlmsText } from "./list-llms.ts";
import type { ListedPage } from "./source.ts";

/** The pages of a library's documentation, each once, in the order of its table of contents. */
export async function listLibrary(options: {
  readonly library: string;
  readonly version: string | null;
  readonly web: WebClient;
  readonly signal: AbortSignal;
}): Promise<{ readonly pages: readonly ListedPage[]; readonly version: string | null }> {
  const { library, version, web, signal } = options;
  if (!/^[\w.-]+$/.test(library)) throw await unknownLibrary(options);
  const route = `${SITE}/docs/${library}${version === null ? "" : `/${version}/en/index`}`;
  let answer: Awaited<ReturnType<WebClient["request"]>>;
  try {
    answer = await web.request({ url: route, freshMs: 0, signal });
  } catch (error) {
    if (error instanceof WebError && error.code === "web/not_found")
      throw await unknownLibrary(options, error);
    throw error;
  }
  const pages = pagesOf(textOf(answer), { library, version });
  const led = version ?? docsRoute(answer.url)?.version ?? null;
  if (pages.length > 0) return { pages, version: led };
  const text = await web.request({ url: `${SITE}/docs/${library}/llms.txt`, signal }).catch((error) => {
    signal.throwIfAborted();
    if (error instanceof WebError && error.code !== "web/not_found" && error.code !== "web/unreachable")
      throw error;
    return null;
  });
  const listed = text === null ? [] : readLlmsText(textOf(text), text.url).pages;
  if (listed.length > 0) return { pages: listed, version: led };
  throw new DocumentationError("docs/no_pages", `The documentation of ${library} lists no pages.`, {
    mend: "The site may have changed. Add the library's checkout as a folder instead.",
  });
}

/** The links of a page that lead to pages of the same set. Those of its navigation, where it has one, come first. */
function pagesOf(
  html: string,
  { library, version }: { readonly library: string; readonly version: string | null },
): ListedPage[] {
  const { document } = parseHTML(html);
  const pages = new Map<string, ListedPage>();
  for (const link of [...document.querySelectorAll("nav a[href]"), ...document.querySelectorAll("a[href]")]) {
    const route = docsRoute(link.getAttribute("href") ?? "");
    if (route === null || route.library !== library || route.language !== "en" || pages.has(route.page)) {
      continue;
    }
    const url = docsUrl({ ...route, version: version ?? route.version });
    const title = link.textContent?.replaceAll(/\s+/g, " ").trim() || null;
    pages.set(route.page, { path: route.page, title, url, markdownUrl: `${url}.md` });
  }
  return [...pages.values()];
}

const libraries = z.array(z.object({ id: z.string() }));

async function unknownLibrary(
  {
    library,
    web,
    signal,
  }: { readonly library: string; readonly web: WebClient; readonly signal: AbortSignal },
  cause?: unknown,
): Promise<DocumentationError> {
  const known = await web.request({ url: `${SITE}/api/docs`, freshMs: 86_400_000, signal }).then(
    (answer) => jsonOf(answer, libraries).map(({ id }) => id),
    () => [], // it only helps to say what there is
  );
  signal.throwIfAborted();
  const there = known.length === 0 ? "" : ` There are: ${known.join(", ")}.`;
  return new DocumentationError(
    "docs/unknown_library",
    `huggingface.co has no documentation of "${library}".`,
    {
      mend: `Check the name.${there} Documentation that is elsewhere can be added as a folder or by its llms.txt.`,
      cause,
    },
  );
}
