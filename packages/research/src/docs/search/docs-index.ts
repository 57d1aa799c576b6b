import { createHash } from "node:crypto";
import type { AnalysedPage, AnalysedSection, Counts } from "./analyse-page.ts";
import { ByteReader } from "./bytes.ts";
import { compare, HEAD_BYTES, MAGIC, type TablePage } from "./index-file.ts";

export interface Posting {
  readonly section: number;
  readonly counts: Counts;
}

/** An index as it lies on disk. What a query needs is read out of the bytes when it is asked for. */
export class DocsIndex {
  readonly pages: readonly TablePage[];
  /** The page of each section. */
  readonly pageOf: Uint32Array;
  /** The first section of each page, and one past the last. */
  readonly firstSection: Uint32Array;
  /** Of each section: terms in its four fields. */
  readonly lengths: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #texts: Uint8Array;
  readonly #textStarts: Uint32Array;
  readonly #postingStarts: Uint32Array;
  readonly #postingsAt: number;

  /** Null where the bytes are no whole index of this version. */
  static open(bytes: Uint8Array): DocsIndex | null {
    if (bytes.length < HEAD_BYTES || Buffer.from(bytes.subarray(0, 8)).toString("latin1") !== MAGIC)
      return null;
    const sum = createHash("sha256").update(bytes.subarray(40)).digest();
    return sum.equals(bytes.subarray(8, 40)) ? new DocsIndex(bytes) : null;
  }

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    let at = 40;
    const numbers = (count: number): Uint32Array => {
      const values = new Uint32Array(count);
      for (let index = 0; index < count; index++, at += 4) values[index] = view.getUint32(at, true);
      return values;
    };
    const [sections = 0, terms = 0, textBytes = 0, postingBytes = 0] = numbers(6);
    this.lengths = numbers(sections * 4);
    this.#textStarts = numbers(terms + 1);
    this.#postingStarts = numbers(terms + 1);
    this.#texts = bytes.subarray(at, at + textBytes);
    this.#postingsAt = at + textBytes;
    const table = bytes.subarray(this.#postingsAt + postingBytes);
    this.pages = JSON.parse(Buffer.from(table).toString("utf8")) as TablePage[]; // the checksum says that it is ours
    this.pageOf = new Uint32Array(sections);
    this.firstSection = new Uint32Array(this.pages.length + 1);
    let next = 0;
    for (const [index, page] of this.pages.entries()) {
      this.firstSection[index] = next;
      this.pageOf.fill(index, next, next + page.sections.length);
      next += page.sections.length;
    }
    this.firstSection[this.pages.length] = next;
  }

  /** Where a term stands, by section; empty for a term that stands nowhere. */
  postings(term: string): Posting[] {
    const found = this.#find(term);
    return found === null ? [] : [...this.#postingsAtTerm(found)];
  }

  /** The pages as they were when the index was made of them. */
  *analysedPages(): Generator<AnalysedPage> {
    const terms = Array.from(this.pageOf, () => new Map<string, Counts>());
    for (let term = 0; term < this.#textStarts.length - 1; term++) {
      const text = this.#textOf(term);
      for (const { section, counts } of this.#postingsAtTerm(term)) terms[section]?.set(text, counts);
    }
    for (const [index, page] of this.pages.entries()) {
      const first = this.firstSection[index] ?? 0;
      const sections = page.sections.map((section, offset): AnalysedSection => {
        const at = first + offset;
        const [title = 0, headings = 0, text = 0, code = 0] = this.lengths.subarray(at * 4, at * 4 + 4);
        return { ...section, lengths: [title, headings, text, code], terms: terms[at] ?? new Map() };
      });
      yield { ...page, sections };
    }
  }

  *#postingsAtTerm(term: number): Generator<Posting> {
    const reader = new ByteReader(this.#bytes, this.#postingsAt + (this.#postingStarts[term] ?? 0));
    const end = this.#postingsAt + (this.#postingStarts[term + 1] ?? 0);
    let section = 0;
    while (reader.at < end) {
      section += reader.next();
      const mask = reader.next();
      const count = (field: number): number => (mask & (1 << field) ? reader.next() : 0);
      yield { section, counts: [count(0), count(1), count(2), count(3)] };
    }
  }

  #find(term: string): number | null {
    let low = 0;
    let high = this.#textStarts.length - 2;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const order = compare(this.#textOf(middle), term);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return null;
  }

  #textOf(term: number): string {
    const bytes = this.#texts.subarray(this.#textStarts[term], this.#textStarts[term + 1]);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  }
}
