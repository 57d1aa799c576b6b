import { z } from "zod";
import { isJson, jsonOf } from "../http/contents.ts";
import { WebError } from "../http/web-error.ts";
import type { SearchPages } from "./search-web.ts";

const answer = z.object({
  results: z.array(z.object({ title: z.string(), url: z.string(), content: z.string().nullish() })),
});

/** A SearXNG server, whose settings have to allow the format `json`. */
export function searxngPages(server: string): SearchPages {
  return async (web, { query, signal }) => {
    const words = new URLSearchParams({ q: query, format: "json" });
    const url = `${server.replace(/\/+$/, "")}/search?${words}`;
    const found = await web.request({ url, isUsable: isJson, signal }).catch((error: unknown) => {
      throw error instanceof WebError && error.code === "web/forbidden" ? noJson(error) : error;
    });
    return jsonOf(found, answer).results.map(({ title, url, content }) => ({
      title,
      url,
      snippet: content ?? "",
    }));
  };
}

function noJson(cause: WebError): WebError {
  return new WebError("web/forbidden", `${cause.url} does not answer as JSON.`, {
    url: cause.url,
    status: 403,
    mend: "Add `json` to `search.formats` in the server's settings.yml.",
    cause,
  });
}
