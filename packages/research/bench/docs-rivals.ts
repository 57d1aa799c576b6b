import MiniSearch from "minisearch";
import { plainText } from "../src/docs/markdown/plain-text.ts";
import { readPage } from "../src/docs/markdown/read-page.ts";

/** A page of the corpus. */
export interface CorpusPage {
  readonly path: string;
  readonly markdown: string;
}

/** Answers a question with pages, best first. */
export type Finder = (question: string) => string[];

/** BM25 with its usual constants over the words of whole pages, small letters, nothing else. */
export function plainBm25(pages: readonly CorpusPage[]): Finder {
  const documents = pages.map(({ path, markdown }) => {
    const counts = new Map<string, number>();
    const words = wordsOf(markdown);
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    return { path, counts, length: words.length };
  });
  const average = documents.reduce((sum, { length }) => sum + length, 0) / documents.length;
  return (question) => {
    const scores = documents.map(() => 0);
    for (const word of new Set(wordsOf(question))) {
      const df = documents.filter(({ counts }) => counts.has(word)).length;
      const idf = Math.log(1 + (documents.length - df + 0.5) / (df + 0.5));
      for (const [index, { counts, length }] of documents.entries()) {
        const count = counts.get(word) ?? 0;
        scores[index] =
          (scores[index] ?? 0) + (idf * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * length) / average));
      }
    }
    return documents
      .map(({ path }, index) => ({ path, score: scores[index] ?? 0 }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .map(({ path }) => path);
  };
}

/** MiniSearch over pages as its documentation shows it: fields with boosts, prefixes and fuzzy matches. */
export function miniSearchPages(pages: readonly CorpusPage[]): Finder {
  const search = new MiniSearch<Record<string, string>>({
    fields: ["title", "headings", "text"],
    searchOptions: { boost: { title: 3, headings: 2 }, prefix: true, fuzzy: 0.2 },
  });
  search.addAll(
    pages.map(({ path, markdown }) => {
      const { title, sections } = readPage(markdown);
      const headings = sections.map((section) => section.headings.at(-1) ?? "").join(" ");
      const { text, code } = plainText(markdown);
      return { id: path, title: title ?? path, headings, text: `${text}\n${code}` };
    }),
  );
  return (question) => search.search(question).map(({ id }) => String(id));
}

/** MiniSearch over sections, each page by its best one, without prefixes and fuzzy matches. */
export function miniSearchSections(pages: readonly CorpusPage[]): Finder {
  const search = new MiniSearch<Record<string, string>>({
    fields: ["title", "headings", "text"],
    searchOptions: { boost: { title: 3, headings: 2 } },
  });
  search.addAll(
    pages.flatMap(({ path, markdown }) => {
      const { title, sections } = readPage(markdown);
      return sections.map(({ headings, start, end }, index) => {
        const { text, code } = plainText(markdown.slice(start, end));
        return {
          id: `${path}#${index}`,
          title: title ?? path,
          headings: headings.join(" "),
          text: `${text}\n${code}`,
        };
      });
    }),
  );
  return (question) => [...new Set(search.search(question).map(({ id }) => String(id).replace(/#\d+$/, "")))];
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
}
