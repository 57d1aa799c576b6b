import { readPage, searchWeb } from "@ml-intern/research";
import { quoteMaterial } from "../material.ts";
import type { Fetching, Searching } from "../tools/web-tools.ts";
import { type Answering, quoteReading } from "./answering.ts";
import { pageOfText } from "./page-of-text.ts";

export async function answerSearch(
  { query, only, without, limit }: Searching,
  { reading, signal }: Answering,
): Promise<string> {
  const { search } = reading;
  const domains = { ...(only && { only }), ...(without && { without }) };
  return await quoteReading(reading, async ({ web }) => {
    const pages = await searchWeb(web, { provider: search, query, limit, signal, ...domains });
    const lines = pages.map(
      ({ title, url, snippet }) => `- ${title}\n  ${url}${snippet === "" ? "" : `\n  ${snippet}`}`,
    );
    const text = lines.length === 0 ? "Nothing was found. Use fewer or other words." : lines.join("\n");
    return { source: `search by ${search.kind}`, text };
  });
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
