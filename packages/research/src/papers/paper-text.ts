import type { Missing } from "./paper.ts";

/** A paper's text with names for its parts that stay the same: those that LaTeXML gives (`S3.SS2`, `S4.T1`, `bib.bib7`). */
export interface PaperText {
  readonly url: string;
  readonly source: "arXiv HTML" | "ar5iv" | "PDF";
  /** What a reader should know of how it was read; null where there is nothing. */
  readonly note: string | null;
  readonly title: string | null;
  readonly sections: readonly PaperSection[];
  readonly tables: readonly PaperTable[];
  readonly equations: readonly PaperEquation[];
  readonly figures: readonly PaperFigure[];
  readonly references: readonly PaperReference[];
}

export interface PaperSection {
  readonly anchor: string;
  /** Its title for an address: `paired-comparison`. */
  readonly slug: string;
  /** `2.2`, `A`; empty for one without. */
  readonly number: string;
  readonly title: string;
  /** From 1. */
  readonly level: number;
  /** Without its heading, and without the sections within it. */
  readonly markdown: string;
}

export interface PaperTable {
  readonly anchor: string;
  /** `Table 1`; empty for one without. */
  readonly label: string;
  readonly caption: string;
  /** Cells as Markdown, what spans several repeated in each; the first row is the header. */
  readonly rows: readonly (readonly string[])[];
  readonly section: string;
}

export interface PaperEquation {
  readonly anchor: string;
  readonly number: string;
  readonly tex: string;
}

export interface PaperFigure {
  readonly anchor: string;
  readonly label: string;
  readonly caption: string;
  readonly images: readonly string[];
}

export interface PaperReference {
  readonly anchor: string;
  /** As the text cites it: `1`, `Hu et al. (2021)`. */
  readonly label: string;
  readonly text: string;
  readonly links: readonly string[];
  readonly arxiv: string | null;
}

/** A source of the text that was tried before, and why it is not what was read. */
export type Tried = Omit<Missing, "source" | "mend"> & { readonly source: PaperText["source"] };

export function slugOf(title: string, taken: Set<string>): string {
  const words = title
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  const base = words.slice(0, 60) || "section";
  let slug = base;
  for (let number = 2; taken.has(slug); number++) slug = `${base}-${number}`;
  taken.add(slug);
  return slug;
}

/** Rows as a GFM table. */
export function gfmTable(rows: readonly (readonly string[])[]): string {
  const [header, ...body] = rows;
  if (header === undefined) return "";
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(header), `|${" - |".repeat(header.length)}`, ...body.map(line)].join("\n");
}

/** The label and caption of a figure or table, with its anchor. */
export function captionLine(item: {
  readonly anchor: string;
  readonly label: string;
  readonly caption: string;
}): string {
  const label = item.label === "" ? "" : `**${item.label}:** `;
  return `${label}${item.caption} {#${item.anchor}}`.trim();
}
