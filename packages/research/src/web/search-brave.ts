import { z } from "zod";
import { isJson, jsonOf } from "../http/contents.ts";
import { plainText } from "./plain-text.ts";
import type { SearchPages } from "./search-web.ts";

const answer = z.object({
  web: z
    .object({
      results: z.array(z.object({ title: z.string(), url: z.string(), description: z.string().optional() })),
    })
    .optional(),
});

const MOST = 20;

export const bravePages: SearchPages = async (web, { query, limit, signal }) => {
  const words = new URLSearchParams({ q: query, count: String(Math.min(limit, MOST)) });
  const url = `https://api.search.brave.com/res/v1/web/search?${words}`;
  const found = jsonOf(
    await web.request({ url, headers: { accept: "application/json" }, isUsable: isJson, signal }),
    answer,
  );
  return (found.web?.results ?? []).map(({ title, url, description = "" }) => ({
    title: plainText(title),
    url,
    snippet: plainText(description),
  }));
};
