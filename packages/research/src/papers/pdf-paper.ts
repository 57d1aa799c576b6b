import { getDocumentProxy } from "unpdf";
import { type PaperReference, type PaperSection, slugOf } from "./paper-text.ts";
import { plain } from "./plain-text.ts";

const MOST_PAGES = 500;

const NUMBERED = /^(\d{1,2}(?:\.\d{1,2}){0,2}|[A-H](?:\.\d{1,2}){0,2})\.?\s+(\p{Lu}[^.!?;=]{2,80})$/u;
const NAMED =
  /^(abstract|introduction|conclusions?|references|bibliography|acknowledge?ments?|limitations)$/i;

/** The lines of each page, in the order in which the PDF holds them. Throws what the PDF library throws for what is no PDF. */
export async function pdfPages(bytes: Uint8Array, signal: AbortSignal): Promise<string[][]> {
  // The library takes the bytes for itself, and warns on the console unless it is told not to.
  const document = await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0 });
  try {
    const pages: string[][] = [];
    for (let number = 1; number <= Math.min(document.numPages, MOST_PAGES); number++) {
      signal.throwIfAborted();
      const { items } = await (await document.getPage(number)).getTextContent();
      const text = items
        .map((item: { str?: string; hasEOL?: boolean }) =>
          item.str !== undefined ? item.str + (item.hasEOL ? "\n" : "") : "",
        )
        .join("");
      pages.push(text.split("\n").map(plain).filter(Boolean));
    }
    return pages;
  } finally {
    await document.destroy();
  }
}

/** Sections by lines that look like headings, with marks where pages begin; where none does, each page is one. */
export function pdfPaper(pages: readonly (readonly string[])[]): {
  readonly title: string | null;
  readonly sections: readonly PaperSection[];
  readonly references: readonly PaperReference[];
} {
  const slugs = new Set<string>();
  const found: { head: Omit<PaperSection, "markdown">; lines: string[] }[] = [];
  const begin = (anchor: string, number: string, title: string): void => {
    const level = number.split(".").length;
    found.push({ head: { anchor, slug: slugOf(title, slugs), number, title, level }, lines: [] });
  };
  begin("front", "", "Front matter");
  let last = "0";
  for (const [index, lines] of pages.entries()) {
    found.at(-1)?.lines.push("", `[page ${index + 1}]`, "");
    for (const line of lines) {
      const [, number = "", title = line] = NUMBERED.exec(line) ?? [];
      if (number !== "" && follows(last, number)) {
        last = number;
        begin(anchorOf(number), number, title);
      } else if (number === "" && NAMED.test(line)) {
        begin(line.toLowerCase().startsWith("ref") ? "bib" : `Sx-${slugOf(line, new Set())}`, "", line);
      } else {
        found.at(-1)?.lines.push(line);
      }
    }
  }
  const sections = found
    .map(({ head, lines }) => ({ ...head, markdown: paragraphs(lines) }))
    .filter(({ markdown }) => markdown !== "");
  const title = pages[0]?.find((line) => line.length > 10 && !/arxiv/i.test(line)) ?? null;
  const references = found
    .filter(({ head }) => head.anchor === "bib")
    .flatMap(({ lines }) => referencesIn(lines));
  return { title, sections: sections.length > 1 ? sections : byPage(pages), references };
}

function byPage(pages: readonly (readonly string[])[]): PaperSection[] {
  return pages.map((lines, index) => {
    const number = String(index + 1);
    return {
      anchor: `page-${number}`,
      slug: `page-${number}`,
      number: "",
      title: `Page ${number}`,
      level: 1,
      markdown: paragraphs(lines),
    };
  });
}

/** Whether a number can come after another: rows of tables begin with numbers too. */
function follows(last: string, next: string): boolean {
  const [a, b] = [last, next].map((each) => each.split("."));
  if (a === undefined || b === undefined) return false;
  const first = (name = "0"): number => (/\d/.test(name) ? Number(name) : 100 + name.charCodeAt(0));
  const step = first(b[0]) - first(a[0]);
  if (b.length === 1) return step === 1 || (b[0] === "A" && /\d/.test(a[0] ?? ""));
  if (step !== 0) return false;
  const place = b.length - 1;
  const same = b.slice(0, place).every((each, index) => each === a[index]);
  return same && Number(b[place]) === Number(a[place] ?? 0) + 1;
}

/** The names that LaTeXML would give. */
function anchorOf(number: string): string {
  const [section = "", ...rest] = number.split(".");
  const first = /\d/.test(section) ? `S${section}` : `A${section.charCodeAt(0) - 64}`;
  return [first, ...rest.map((each, depth) => `S${"S".repeat(depth + 1)}${each}`)].join(".");
}

/** Lines put together, with words that were broken at their ends. */
function paragraphs(lines: readonly string[]): string {
  const text = lines.join("\n").replaceAll(/(\p{Ll})-\n(?=\p{Ll})/gu, "$1");
  return text
    .split(/\n{2,}/)
    .map((each) => plain(each))
    .filter(Boolean)
    .join("\n\n");
}

function referencesIn(lines: readonly string[]): PaperReference[] {
  const text = plain(lines.filter((line) => !/^\[page \d+\]$/.test(line)).join(" "));
  return [...text.matchAll(/\[(\d{1,3})\]\s*(.+?)(?=\s\[\d{1,3}\]\s|$)/g)].map(
    ([, label = "", words = ""]) => ({
      anchor: `bib.bib${label}`,
      label,
      text: words,
      links: words.match(/https?:\/\/[^\s,]+[^\s,.]/g) ?? [],
      arxiv: /arxiv[:.\s]+(\d{4}\.\d{4,5})/i.exec(words)?.[1] ?? null,
    }),
  );
}
