import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Fetch } from "../http/fetch.ts";
import { recordings } from "./recorded-fetch.ts";

/** What is answered: a recording (`arxiv/html.stub.html`), perhaps with another status, or a body. */
export type Answer =
  | string
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly file?: string;
      readonly body?: string | Uint8Array;
    };

/**
 * Answers requests by the longest of the given beginnings of an address (`arxiv.org/html/`), without its scheme; a list of answers
 * is given one after the other, its last for ever. What is not foreseen is a failed connection.
 */
export function answering(
  routes: Readonly<Record<string, Answer | readonly Answer[]>>,
): Fetch & { readonly asked: readonly string[] } {
  const asked: string[] = [];
  const given = new Map<string, number>();
  const fetch: Fetch = async (url, init) => {
    init.signal.throwIfAborted();
    asked.push(`${init.method === "GET" ? "" : `${init.method} `}${url}`);
    const key = Object.keys(routes)
      .filter((beginning) => url.replace("https://", "").startsWith(beginning))
      .sort((a, b) => b.length - a.length)[0];
    const route = key === undefined ? undefined : routes[key];
    if (key === undefined || route === undefined) throw new TypeError(`${url} was not foreseen`);
    const count = given.get(key) ?? 0;
    given.set(key, count + 1);
    const list = Array.isArray(route) ? (route as readonly Answer[]) : [route as Answer];
    const answer = list[Math.min(count, list.length - 1)];
    const {
      status = 200,
      headers = {},
      file,
      body = "",
    } = typeof answer === "string" ? { file: answer } : (answer ?? {});
    const bytes = file === undefined ? body : readFileSync(join(recordings() ?? "", file));
    return new Response(bytes, { status, headers });
  };
  return Object.assign(fetch, { asked });
}
