import { z } from "zod";
import { isJson, jsonOf } from "../http/contents.ts";
import type { SearchPages } from "./search-web.ts";

const answer = z.object({
  results: z.array(z.object({ title: z.string(), url: z.string(), content: z.string().optional() })),
});

export const tavilyPages: SearchPages = async (web, { query, limit, signal }) => {
  const found = await web.request({
    url: "https://api.tavily.com/search",
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, max_results: limit }),
    isRead: true,
    isUsable: isJson,
    signal,
  });
  return jsonOf(found, answer).results.map(({ title, url, content = "" }) => ({
    title,
    url,
    snippet: content,
  }));
};
