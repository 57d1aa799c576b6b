import { stripVTControlCharacters } from "node:util";
import { textOf } from "../http/contents.ts";
import type { WebAnswer, WebClient } from "../http/web-client.ts";
import { WebError } from "../http/web-error.ts";
import { readablePage } from "../markdown/readable-page.ts";
import { pdfPages } from "../pdf/pdf-pages.ts";

/** A web page as text that a model can read. */
export interface ReadPage {
  readonly url: string;
  readonly title: string | null;
  readonly text: string;
  /** `article`: what the page is about; `page`: all of it, since no such part was found. Other kinds are as they are. */
  readonly kind: "article" | "page" | "text" | "pdf";
  readonly at: Date;
  readonly source: WebAnswer["source"];
}

const MAX_BYTES = 20 * 1024 * 1024;

/** All but tab and the ends of lines. */
const CONTROLS = /(?![\t\n\r])\p{Cc}/gu;

const TEXT = /^(text\/|application\/(json|xml|yaml|toml|javascript|x-ndjson|[\w.-]+\+(json|xml)))/;

/**
 * Reads one page: HTML as Markdown without what surrounds its text, PDF as text, other text as it is. Throws `web/wrong_type` for
 * what cannot be read, and `web/redirected` when it lies on another host than the one that was asked about.
 */
export async function readPage(
  web: WebClient,
  { url, signal }: { readonly url: string; readonly signal: AbortSignal },
): Promise<ReadPage> {
  const accept = "text/html, text/markdown;q=0.9, text/plain;q=0.8, application/pdf;q=0.7, */*;q=0.5";
  const answer = await web.request({
    url,
    headers: { accept },
    redirects: "same_host",
    maxBytes: MAX_BYTES,
    signal,
  });
  const { at, source } = answer;
  return { url: answer.url, at, source, ...(await contentOf(answer, signal)) };
}

async function contentOf(
  answer: WebAnswer,
  signal: AbortSignal,
): Promise<Pick<ReadPage, "title" | "text" | "kind">> {
  const { body, headers, url } = answer;
  const type = (headers.get("content-type") ?? "").trim().toLowerCase();
  // What it begins with is surer than what the server says of it.
  if (startsWith(body, "%PDF-")) {
    const { pages } = await pdfPages(body, { url, signal });
    return { kind: "pdf", title: null, text: printable(pages.join("\n\n")) };
  }
  if (body.subarray(0, 4096).includes(0)) throw unreadable(url, type || "bytes without a type");
  const text = textOf(answer);
  if (text.trim() === "") return { kind: "text", title: null, text: "" };
  if (/^\s*(<!doctype html|<html)/i.test(text) || type.startsWith("text/html") || type.includes("xhtml")) {
    const { title, markdown, isArticle } = readablePage(text, { url });
    return { kind: isArticle ? "article" : "page", title, text: printable(markdown) };
  }
  if (type !== "" && !TEXT.test(type)) throw unreadable(url, type);
  return { kind: "text", title: null, text: printable(text) };
}

/** What could write to somebody's terminal is left out. */
function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(CONTROLS, "");
}

function startsWith(body: Uint8Array, text: string): boolean {
  return Buffer.from(body.subarray(0, text.length)).toString("latin1") === text;
}

function unreadable(url: string, type: string): WebError {
  return new WebError("web/wrong_type", `${url} is ${type}: nothing that can be read as text.`, {
    url,
    mend: "Look for a page about it instead.",
  });
}
