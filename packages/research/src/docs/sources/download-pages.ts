import { textOf } from "../../http/contents.ts";
import type { WebClient } from "../../http/web-client.ts";
import { WebError, type WebErrorCode } from "../../http/web-error.ts";
import { type ListedPage, LONGEST_PAGE_BYTES, type ReadPage } from "./source.ts";

export type Downloaded =
  | { readonly kind: "page"; readonly page: ReadPage; readonly listed: ListedPage }
  /** This page is not to be had; the others may be. Gone: the service says that there is none. */
  | { readonly kind: "failed"; readonly listed: ListedPage; readonly why: string; readonly isGone: boolean }
  /** The service wants a pause or is away: what is left is left for another time. */
  | { readonly kind: "stopped"; readonly why: string };

/** At a time: the site allows 100 pages in five minutes without a token, and a person may be reading, too. */
const AT_ONCE = 4;

/** These are about the service, not about a page. */
const STOPS: ReadonlySet<WebErrorCode> = new Set([
  "web/rate_limited",
  "web/unreachable",
  "web/timeout",
  "web/server",
  "web/offline",
]);

/** Reads pages, a few at a time, in the order of the list. Ends after `stopped`; throws only the signal's reason. */
export async function* downloadPages(options: {
  readonly pages: readonly ListedPage[];
  readonly web: WebClient;
  /** Answers kept for less than this are not asked for again. */
  readonly freshMs: number;
  readonly signal: AbortSignal;
}): AsyncGenerator<Downloaded> {
  const { pages } = options;
  const leaving = new AbortController();
  const signal = AbortSignal.any([options.signal, leaving.signal]);
  const underWay: Promise<Downloaded>[] = [];
  let next = 0;
  const begin = (): void => {
    const listed = pages[next++];
    if (listed === undefined) return;
    const begun = download({ ...options, listed, signal });
    // Its failure is met when its turn comes; until then it must not end the process.
    begun.catch(() => undefined);
    underWay.push(begun);
  };
  try {
    for (let count = 0; count < AT_ONCE; count++) begin();
    for (let done = underWay.shift(); done !== undefined; done = underWay.shift()) {
      const result = await done;
      if (result.kind === "stopped") {
        // Those that were asked for at the same time may have come.
        for (const other of await Promise.all(underWay)) if (other.kind !== "stopped") yield other;
        yield result;
        return;
      }
      yield result;
      begin();
    }
  } finally {
    leaving.abort();
    await Promise.allSettled(underWay);
  }
}

async function download(options: {
  readonly listed: ListedPage;
  readonly web: WebClient;
  readonly freshMs: number;
  readonly signal: AbortSignal;
}): Promise<Downloaded> {
  const { listed, web, freshMs, signal } = options;
  try {
    const answer = await web.request({
      url: listed.markdownUrl,
      freshMs,
      maxBytes: LONGEST_PAGE_BYTES,
      signal,
    });
    if (answer.source === "stale") return { kind: "stopped", why: `${new URL(answer.url).host} is away.` };
    const markdown = textOf(answer);
    if (/html/i.test(answer.headers.get("content-type") ?? "") || /^\s*<(!doctype|html)/i.test(markdown)) {
      const why = "It answered with a page for a browser, not with Markdown.";
      return { kind: "failed", listed, why, isGone: false };
    }
    const { path, title, url } = listed;
    return { kind: "page", listed, page: { path, title, url, markdown, at: answer.at.getTime() } };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof WebError)) throw error;
    if (STOPS.has(error.code)) return { kind: "stopped", why: `${error.message} ${error.mend}` };
    return { kind: "failed", listed, why: error.message, isGone: error.code === "web/not_found" };
  }
}
