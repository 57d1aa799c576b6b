import type { WebClient } from "../http/web-client.ts";
import { PaperError } from "./paper-error.ts";
import { captionLine, gfmTable, type PaperSection, type PaperText, type Tried } from "./paper-text.ts";
import { paperTextOf } from "./paper-text-of.ts";
import { badRequest } from "./search-papers.ts";

export interface PaperReading {
  readonly title: string | null;
  readonly url: string;
  readonly source: PaperText["source"];
  readonly note: string | null;
  readonly tried: readonly Tried[];
  /** All sections, so that the next one can be asked for by its anchor. */
  readonly contents: readonly (Omit<PaperSection, "markdown"> & { readonly characters: number })[];
  /** The anchor of what was asked for; null for the paper from its beginning. */
  readonly anchor: string | null;
  readonly text: string;
  /** How to go on: the same question with this `from`; null at the end. */
  readonly next: { readonly from: number; readonly left: number } | null;
}

const LIMIT = 12_000;

/**
 * A paper, or a part of it, as Markdown. `section` is an anchor (`S3.SS2`, `S4.T1`, `bib.bib7`), a number, or words of a title;
 * a section comes with those within it. Throws `papers/no_section` with the names that there are.
 */
export async function readPaper(options: {
  readonly web: WebClient;
  readonly id: string;
  readonly section?: string;
  /** Characters of the text to leave out; by default 0. */
  readonly from?: number;
  /** By default 12 000 characters. */
  readonly limit?: number;
  readonly signal: AbortSignal;
}): Promise<PaperReading> {
  const { web, id, section, from = 0, limit = LIMIT, signal } = options;
  if (!(from >= 0) || !(limit >= 1)) {
    throw badRequest("`from` and `limit` are counts of characters.", "Take `from` from `next`.");
  }
  const text = await paperTextOf({ web, id, signal });
  const { title, url, source, note, tried, sections } = text;
  const part =
    section === undefined ? { anchor: null, markdown: sectionsAsMarkdown(sections) } : partOf(text, section);
  const end = cutAt(part.markdown, from, limit);
  const left = part.markdown.length - end;
  return {
    title,
    url,
    source,
    note,
    tried,
    contents: sections.map(({ markdown, ...rest }) => ({ ...rest, characters: markdown.length })),
    anchor: part.anchor,
    text: part.markdown.slice(from, end).trim(),
    next: left > 0 ? { from: end, left } : null,
  };
}

/** Sections with their headings, which carry their anchors. */
export function sectionsAsMarkdown(sections: readonly PaperSection[]): string {
  return sections
    .map(({ level, number, title, anchor, markdown }) => {
      const heading = `${"#".repeat(Math.min(level + 1, 6))} ${`${number} ${title}`.trim()} {#${anchor}}`;
      return markdown === "" ? heading : `${heading}\n\n${markdown}`;
    })
    .join("\n\n");
}

function partOf(text: PaperText, wanted: string): { readonly anchor: string; readonly markdown: string } {
  const { sections, tables, figures, equations, references } = text;
  const name = wanted.trim().replace(/^#/, "").toLowerCase();
  const isIt = ({ anchor }: { readonly anchor: string }): boolean => anchor.toLowerCase() === name;
  const found = sectionOf(sections, name);
  if (found !== null) {
    const start = sections.indexOf(found);
    const after = sections.findIndex(({ level }, index) => index > start && level <= found.level);
    const within = sections.slice(start, after < 0 ? sections.length : after);
    return { anchor: found.anchor, markdown: sectionsAsMarkdown(within) };
  }
  const table = tables.find(isIt);
  if (table) return { anchor: table.anchor, markdown: `${captionLine(table)}\n\n${gfmTable(table.rows)}` };
  const figure = figures.find(isIt);
  if (figure) {
    const images = figure.images.map((src) => `![](${src})`).join("\n");
    return { anchor: figure.anchor, markdown: `${captionLine(figure)}\n\n${images}` };
  }
  const equation = equations.find(isIt);
  if (equation) return { anchor: equation.anchor, markdown: `$$\n${equation.tex}\n$$` };
  const reference = references.find(isIt);
  if (reference) return { anchor: reference.anchor, markdown: `[${reference.label}] ${reference.text}` };
  const names = sections
    .map(({ anchor, number, title }) => `${anchor} (${`${number} ${title}`.trim()})`)
    .join(", ");
  throw new PaperError(
    "papers/no_section",
    `The paper has no section ${JSON.stringify(wanted.slice(0, 80))}.`,
    {
      mend: `Ask for one of: ${names.length > 1500 ? `${names.slice(0, 1500)}…` : names}.`,
    },
  );
}

function sectionOf(sections: readonly PaperSection[], name: string): PaperSection | null {
  const number = name.replace(/^(section|appendix|sec\.|§)\s*/, "").replace(/\.$/, "");
  const tests: ((section: PaperSection) => boolean)[] = [
    ({ anchor }) => anchor.toLowerCase() === name,
    (section) => section.number !== "" && section.number.toLowerCase() === number,
    ({ slug, title }) => slug === name || title.toLowerCase() === name,
    ({ title }) => name.length > 2 && title.toLowerCase().includes(name),
  ];
  for (const test of tests) {
    const found = sections.find(test);
    if (found !== undefined) return found;
  }
  return null;
}

/** The end of a piece: between paragraphs where there is one in its second half, else between lines, else where the limit is. */
function cutAt(text: string, from: number, limit: number): number {
  const end = from + limit;
  if (text.length <= end) return text.length;
  for (const mark of ["\n\n", "\n", " "]) {
    const place = text.lastIndexOf(mark, end);
    if (place > from + limit / 2) return place;
  }
  return end;
}
