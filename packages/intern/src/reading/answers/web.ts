import { readPage, searchWeb } from "@ml-intern/research";
import { quoteMaterial } from "../material.ts";
import type { Fetching, Searching } from "../tools/web-tools.ts";
import type { Answering } from "./answering.ts";
import { pageOfText } from "./page-of-text.ts";

export async function answerSearch(
  { query, only, without, limit }: Searching,
  { reading: { web, search }, signal }: Answering,
): Promise<string> {
  const domains = { ...(only && { only }), ...(without && { without }) };
  const pages = await searchWeb(web, { provider: search, query, limit, signal, ...domains });
  if (pages.length === 0) return "Nothing was found. Use fewer or other words.";
  const lines = pages.map(
    ({ title, url, snippet }) => `- ${title}\n  ${url}${snippet === "" ? "" : `\n  ${snippet}`}`,
  );
  return quoteMaterial({ source: `search by ${search.kind}`, text: lines.join("\n") });
}

export async function answerFetch(
  { url, offset }: Fetching,
  { reading: { web }, signal }: Answering,
): Promise<string> {
  const page = await readPage(web, { url, signal });
  const title = page.title === null || offset > 0 ? "" : `# ${page.title}\n\n`;
  const text = page.text === "" ? "(the page has no text)" : `${title}${pageOfText(page.text, offset)}`;
  return quoteMaterial({ source: page.url, text, at: page.at, isStale: page.source === "stale" });
}
