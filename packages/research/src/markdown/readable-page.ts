import { Readability } from "@mozilla/readability";
import { parseHTML } from "linkedom";
import { htmlToMarkdown } from "./html-to-markdown.ts";
import { tameHtml } from "./tame-html.ts";

export interface ReadablePage {
  readonly title: string | null;
  readonly byline: string | null;
  readonly published: string | null;
  readonly markdown: string;
  /** Whether the page's own text was found; otherwise it is the page as a whole. */
  readonly isArticle: boolean;
}

/** Looking for the text costs time for each element and each entity; pages with more are taken whole. */
const MOST_PIECES = 40_000;
const LONGEST = 3_000_000;

/** Shorter texts are rather a notice about cookies than what the page is about. */
const SHORTEST_SHARE = 0.1;

/** What a web page is about, without what surrounds it on its site; the whole page where no such text is found. */
export function readablePage(html: string, { url }: { readonly url: string }): ReadablePage {
  const tamed = tameHtml(html);
  const whole = htmlToMarkdown(tamed, { url });
  const article = articleOf(tamed);
  const markdown = article?.content ? htmlToMarkdown(withBase(article.content, tamed), { url }) : "";
  const isArticle = markdown.length > 0 && markdown.length >= SHORTEST_SHARE * whole.length;
  return {
    title: article?.title || titleOf(tamed),
    byline: article?.byline ?? null,
    published: article?.publishedTime ?? null,
    markdown: isArticle ? markdown : whole,
    isArticle,
  };
}

function articleOf(html: string): ReturnType<Readability<string>["parse"]> {
  if (html.length > LONGEST || html.split(/[<&]/, MOST_PIECES + 1).length > MOST_PIECES) return null;
  try {
    return new Readability(parseHTML(html).document, { disableJSONLD: true }).parse();
  } catch {
    // No document at all, or a page that its rules do not foresee: it is taken whole.
    return null;
  }
}

function titleOf(html: string): string | null {
  const { title } = parseHTML(/<title>[^<]*<\/title>/.exec(html)?.[0] ?? "<title></title>").document;
  return title.replaceAll(/\s+/g, " ").trim() || null;
}

/** The article with the page's `<base>`, which its relative addresses mean. */
function withBase(content: string, page: string): string {
  return `${/<base [^>]*>/.exec(page)?.[0] ?? ""}${content}`;
}
