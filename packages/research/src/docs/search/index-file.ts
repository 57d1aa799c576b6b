import { createHash } from "node:crypto";
import type { AnalysedPage, AnalysedSection, Counts } from "./analyse-page.ts";
import { ByteWriter } from "./bytes.ts";

/**
 * The layout of the index on disk, little-endian, so that it opens without being read through:
 *
 *     magic (8 bytes), SHA-256 of the rest (32), 6 × u32: sections, terms, and the lengths in bytes of the four last blocks
 *     u32 × 4 × sections          lengths of the fields of each section
 *     u32 × (terms + 1)           where each term begins among the texts
 *     u32 × (terms + 1)           where each term begins among the postings
 *     texts                       the terms, sorted, in UTF-8
 *     postings                    of each term: for each section, how many sections further, which fields, how often in each
 *     table                       JSON: the pages and their sections
 */
export const MAGIC = "mldocs02";
export const HEAD_BYTES: number = 8 + 32 + 6 * 4;

/** A page as the table of the index holds it. */
export interface TablePage extends Pick<AnalysedPage, "source" | "path" | "stamp" | "title"> {
  readonly sections: readonly Omit<AnalysedSection, "lengths" | "terms">[];
}

/** The whole index of some pages. The same pages give the same bytes, in whatever order they come. */
export function encodeIndex(pages: readonly AnalysedPage[]): Uint8Array {
  const sorted = [...pages].sort((a, b) => compare(keyOf(a), keyOf(b)));
  const sections = sorted.flatMap((page) => page.sections);
  const postings = new Map<string, { readonly section: number; readonly counts: Counts }[]>();
  for (const [section, { terms }] of sections.entries()) {
    for (const [term, counts] of terms) {
      const list = postings.get(term);
      if (list === undefined) postings.set(term, [{ section, counts }]);
      else list.push({ section, counts });
    }
  }
  const terms = [...postings.keys()].sort(compare);
  const texts = terms.map((term) => Buffer.from(term));
  const written = new ByteWriter();
  const postingStarts = terms.map((term) => {
    const start = written.length;
    let previous = 0;
    for (const { section, counts } of postings.get(term) ?? []) {
      written.add(section - previous);
      previous = section;
      written.add(counts.reduce((mask, count, field) => mask | (count > 0 ? 1 << field : 0), 0));
      for (const count of counts) if (count > 0) written.add(count);
    }
    return start;
  });
  const table = Buffer.from(JSON.stringify(sorted.map(tablePage)));
  const text = Buffer.concat(texts);
  const body = Buffer.concat([
    numbers([sections.length, terms.length, text.length, written.length, table.length, 0]),
    numbers(sections.flatMap(({ lengths }) => [...lengths])),
    numbers([...starts(texts), text.length]),
    numbers([...postingStarts, written.length]),
    text,
    written.take(),
    table,
  ]);
  return Buffer.concat([Buffer.from(MAGIC), createHash("sha256").update(body).digest(), body]);
}

export function keyOf({ source, path }: { readonly source: string; readonly path: string }): string {
  return `${source}\n${path}`;
}

/** By code units: the same everywhere. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function tablePage({ source, path, stamp, title, sections }: AnalysedPage): TablePage {
  return { source, path, stamp, title, sections: sections.map(({ lengths, terms, ...section }) => section) };
}

function starts(texts: readonly Buffer[]): number[] {
  let at = 0;
  return texts.map(({ length }) => {
    at += length;
    return at - length;
  });
}

function numbers(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4);
  return bytes;
}
