import { existsSync, readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { htmlToMarkdown } from "../src/markdown/html-to-markdown.ts";
import { readablePage } from "../src/markdown/readable-page.ts";
import { latexmlPaper } from "../src/papers/latexml-paper.ts";
import { sectionsAsMarkdown } from "../src/papers/read-paper.ts";
import { recipeOf } from "../src/papers/recipe.ts";
import { recordings } from "../src/testing/recorded-fetch.ts";

// What is read of papers, counted against their pages, and how long it takes.
//   npm run bench:papers
const PAGES = 100;
/** A page of a paper that is set in one column. */
const WORDS_OF_A_PAGE = 500;
const TIMES = 5;
const BYTES = 5_000_000;
const HOSTILE = [
  "<div>",
  "<b><p>",
  "<table><tr><td>",
  "<ul><li>",
  "<a href=x>",
  "<br>",
  "<li>x",
  "<",
  "*_[`",
  "&amp;",
  "<!--",
  "<script>",
  "<math>",
];
const url = "https://arxiv.org/html/0000.00000v1";

const folder = recordings();
if (folder === null || !existsSync(join(folder, "arxiv"))) {
  console.log("There are no recordings beside this checkout: nothing to count.");
  process.exit(0);
}
console.log(
  `${cpus().length} x ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(2)}\n`,
);

console.log("| paper | sections | tables | equations | figures | references |\n|---|--:|--:|--:|--:|--:|");
for (const file of ["html.paper.html", "ar5iv.paper.html"]) {
  const html = readFileSync(join(folder, "arxiv", file), "utf8");
  countParts(file, html);
}
const long = longPaper(readFileSync(join(folder, "arxiv", "html.paper.html"), "utf8"));
countParts(`${PAGES} pages`, long);

const read = (): void => {
  const paper = latexmlPaper(long, url);
  if (paper !== null) sectionsAsMarkdown(paper.sections);
};
console.log(
  `\n${PAGES} pages (${Math.round(long.length / 1000)} kB of HTML), all sections as Markdown: ${told(times(read))}`,
);
const paper = latexmlPaper(long, url);
if (paper !== null) console.log(`The recipe of it: ${told(times(() => void recipeOf(paper)))}`);

console.log(`\n${BYTES / 1e6} MB of one piece, as Markdown and as a readable page, in milliseconds:`);
for (const piece of HOSTILE) {
  const html = piece.repeat(BYTES / piece.length);
  const [markdown, readable] = [htmlToMarkdown, readablePage].map((convert) =>
    Math.round(timeOf(() => void convert(html, { url }))),
  );
  console.log(`${piece.padEnd(16)} ${markdown} ${readable}`);
}

/** Counted in the page by its marks, without its tree. */
function countParts(name: string, html: string): void {
  const read = latexmlPaper(html, url);
  if (read === null) throw new Error(`${name} is no paper`);
  const count = (pattern: RegExp): number => html.match(pattern)?.length ?? 0;
  const inPage = {
    sections:
      count(
        /<section [^>]*class="ltx_(?:section|subsection|subsubsection|paragraph|appendix|bibliography)"/g,
      ) + count(/class="ltx_abstract"/g),
    tables: count(/<table class="ltx_tabular/g),
    equations: count(/<tr class="ltx_equation ltx_eqn_row/g),
    figures: count(/<figure [^>]*class="ltx_figure"/g),
    references: count(/class="ltx_bibitem"/g),
  };
  const cells = Object.entries(inPage).map(
    ([kind, number]) => `${read[kind as keyof typeof inPage].length} of ${number}`,
  );
  console.log(`| ${name} | ${cells.join(" | ")} |`);
}

/** The body of a paper again and again, under new names, until it has the words of many pages. */
function longPaper(html: string): string {
  const from = html.indexOf('<section id="S1"');
  const to = html.indexOf("</article>");
  const body = html.slice(from, to);
  const words = htmlToMarkdown(body, { url }).split(/\s+/).length;
  const copies = Math.ceil((PAGES * WORDS_OF_A_PAGE) / words);
  const bodies = Array.from({ length: copies }, (_, copy) => body.replaceAll(/ id="/g, ` id="c${copy}.`));
  return html.slice(0, from) + bodies.join("\n") + html.slice(to);
}

function times(work: () => void): number[] {
  return Array.from({ length: TIMES }, () => timeOf(work));
}

function timeOf(work: () => void): number {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}

function told(milliseconds: readonly number[]): string {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  return `${Math.round(sorted[Math.floor(TIMES / 2)] ?? 0)} ms (median of ${TIMES}, ${Math.round(sorted[0] ?? 0)} to ${Math.round(sorted.at(-1) ?? 0)})`;
}
