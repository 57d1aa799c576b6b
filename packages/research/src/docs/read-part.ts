import { DocumentationError } from "./documentation-error.ts";
import { readPage, type Section } from "./markdown/read-page.ts";

export interface ContentsEntry {
  readonly heading: string;
  readonly anchor: string;
  /** Of the section alone, without those below it. */
  readonly characters: number;
}

/** A page or a section of it, as Markdown. */
export interface DocsPart {
  readonly title: string | null;
  /** The headings that lead to the section; empty for the whole page. */
  readonly headings: readonly string[];
  readonly anchor: string;
  readonly markdown: string;
  /** Whether `markdown` is only the beginning. */
  readonly isCut: boolean;
  /** The sections of the page, where not all of it is in `markdown`. */
  readonly contents: readonly ContentsEntry[];
}

/**
 * The page, or the section that is asked for with all below it, up to about `limit` characters. A section is named by its anchor,
 * its heading, or several headings as `Above > Below`. Throws `docs/unknown_section`, which says what sections there are.
 */
export function readPart(
  markdown: string,
  { section, limit }: { readonly section: string | null; readonly limit: number },
): DocsPart {
  const { title, sections } = readPage(markdown);
  const range = section === null ? whole(markdown) : rangeOf(sections, section);
  const text = markdown.slice(range.start, range.end).trim();
  const isCut = text.length > limit;
  const isAll = section === null && !isCut;
  return {
    title,
    headings: range.headings,
    anchor: range.anchor,
    markdown: isCut ? text.slice(0, Math.max(text.lastIndexOf("\n", limit), limit / 2)) : text,
    isCut,
    contents: isAll ? [] : sections.map((each) => entryOf(each, title)),
  };
}

interface Range extends Pick<Section, "headings" | "anchor" | "start" | "end"> {}

function rangeOf(sections: readonly Section[], wanted: string): Range {
  const at = find(sections, wanted);
  const first = sections[at];
  if (first === undefined) {
    const there = sections.map(({ anchor }) => anchor).filter((anchor) => anchor !== "");
    const shown = there.slice(0, 40).join(", ");
    throw new DocumentationError("docs/unknown_section", `The page has no section "${wanted}".`, {
      mend:
        there.length === 0
          ? "It has no sections: read it whole."
          : `It has: ${shown}${there.length > 40 ? ", …" : ""}.`,
    });
  }
  const next = sections.findIndex(({ level }, index) => index > at && level <= first.level);
  const last = sections[(next === -1 ? sections.length : next) - 1] ?? first;
  return { ...first, end: last.end };
}

/** First what is named exactly, then what is named nearly. */
function find(sections: readonly Section[], wanted: string): number {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N}>]+/gu, "");
  const name = plain(wanted.replace(/^#+/, ""));
  const tests: readonly ((section: Section) => boolean)[] = [
    ({ anchor }) => anchor === wanted.replace(/^#+\s*/, ""),
    ({ headings }) => plain(headings.join(">")) === name,
    ({ headings, anchor }) => plain(headings.at(-1) ?? "") === name || plain(anchor) === name,
    ({ headings }) => name !== "" && plain(headings.join(">")).endsWith(`>${name}`),
    ({ headings }) => name !== "" && plain(headings.at(-1) ?? "").includes(name),
  ];
  for (const test of tests) {
    const at = sections.findIndex(test);
    if (at !== -1) return at;
  }
  return -1;
}

/** Without the licence that files of the source begin with. */
function whole(markdown: string): Range {
  const start = /^\s*<!--[\s\S]*?-->/.exec(markdown)?.[0].length ?? 0;
  return { headings: [], anchor: "", start, end: markdown.length };
}

function entryOf({ headings, anchor, start, end }: Section, title: string | null): ContentsEntry {
  return { heading: headings.join(" > ") || (title ?? ""), anchor, characters: end - start };
}
