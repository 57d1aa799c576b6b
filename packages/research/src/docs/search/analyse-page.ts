import { plainText } from "../markdown/plain-text.ts";
import { readPage, type Section } from "../markdown/read-page.ts";
import { termsOf } from "./terms.ts";

/** Where in a section a term stands; the order is that of the index. */
export const FIELDS = ["title", "headings", "text", "code"] as const;

/** How often a term stands in each field of a section. */
export type Counts = readonly [title: number, headings: number, text: number, code: number];

export interface AnalysedSection extends Section {
  /** Terms in each field. */
  readonly lengths: Counts;
  readonly terms: ReadonlyMap<string, Counts>;
}

export interface AnalysedPage {
  readonly source: string;
  readonly path: string;
  /** Another one means that the page, or how a list calls it, is another. */
  readonly stamp: string;
  readonly title: string;
  readonly sections: readonly AnalysedSection[];
}

/** Counts the terms of a page. Its title counts for the first section alone: it is evidence for the page, not for a section. */
export function analysePage(page: {
  readonly source: string;
  readonly path: string;
  readonly stamp: string;
  /** As a list of pages calls it; null where there is none. */
  readonly listedTitle: string | null;
  readonly markdown: string;
}): AnalysedPage {
  const { source, path, stamp, listedTitle, markdown } = page;
  const read = readPage(markdown);
  const title = read.title ?? listedTitle ?? path;
  const named = `${title} ${listedTitle === title ? "" : (listedTitle ?? "")} ${wordsOfPath(path)} ${source}`;
  const sections = read.sections.map((section, index) => {
    const { text, code } = plainText(bodyOf(markdown, section));
    const own = section.headings.at(-1) ?? "";
    // Twice its own heading, once those above.
    return count(section, [index === 0 ? named : "", [...section.headings, own].join(" "), text, code]);
  });
  return { source, path, stamp, title, sections };
}

function count(section: Section, fields: readonly [string, string, string, string]): AnalysedSection {
  const lengths: [number, number, number, number] = [0, 0, 0, 0];
  const terms = new Map<string, [number, number, number, number]>();
  for (const [field, text] of fields.entries()) {
    const index = field as 0 | 1 | 2 | 3; // there are four
    for (const { text: term } of termsOf(text)) {
      lengths[index]++;
      const counts = terms.get(term);
      if (counts !== undefined) counts[index]++;
      else {
        const first: [number, number, number, number] = [0, 0, 0, 0];
        first[index] = 1;
        terms.set(term, first);
      }
    }
  }
  return { ...section, lengths, terms };
}

/** Without its heading, which is a field of its own. */
function bodyOf(markdown: string, { start, end, level }: Section): string {
  const text = markdown.slice(start, end);
  return level === 0 ? text : text.slice(text.indexOf("\n") + 1 || text.length);
}

function wordsOfPath(path: string): string {
  return path
    .replace(/\.\w+$/, "")
    .split("/")
    .slice(-2)
    .join(" ");
}
