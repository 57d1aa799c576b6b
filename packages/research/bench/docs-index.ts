/**
 * Search over documentation: how well it finds, beside plain BM25 and MiniSearch, and how fast. Needs the corpus beside the
 * checkout, in ../shared/fixtures/docs-corpus.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDocumentation } from "../src/docs/documentation.ts";
import { analysePage } from "../src/docs/search/analyse-page.ts";
import { DocsIndex } from "../src/docs/search/docs-index.ts";
import { encodeIndex } from "../src/docs/search/index-file.ts";
import { rank } from "../src/docs/search/rank.ts";
import { WebClient } from "../src/http/web-client.ts";
import { type DocsQuestion, halves } from "./docs-questions.ts";
import {
  type CorpusPage,
  type Finder,
  miniSearchPages,
  miniSearchSections,
  plainBm25,
} from "./docs-rivals.ts";

const corpus = new URL("../../../../shared/fixtures/docs-corpus", import.meta.url).pathname;
if (!existsSync(corpus)) throw new Error(`The corpus is not there: ${corpus}`);
const libraries = ["accelerate", "datasets", "peft", "smolagents", "trl"];
const signal = new AbortController().signal;

const pages: CorpusPage[] = libraries.flatMap((library) =>
  readdirSync(join(corpus, library), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.mdx?$/.test(name))
    .map((name) => ({
      path: `${library}/${name.replace(/\.mdx?$/, "")}`,
      markdown: readFileSync(join(corpus, library, name), "utf8"),
    })),
);
const bytes = pages.reduce((sum, { markdown }) => sum + Buffer.byteLength(markdown), 0);
console.log(
  `${pages.length} pages, ${(bytes / 1e6).toFixed(1)} MB; machine: ${process.arch}, Node ${process.version}`,
);

const index = DocsIndex.open(
  encodeIndex(
    pages.map(({ path, markdown }) => {
      const [source = "", ...rest] = path.split("/");
      return analysePage({ source, path: rest.join("/"), stamp: "", listedTitle: null, markdown });
    }),
  ),
);
if (index === null) throw new Error("The index cannot be opened.");
const found = (question: string) =>
  rank(index, { query: question, limit: 50 }).map(({ page, section }) => {
    const entry = index.pages[page];
    return {
      path: `${entry?.source}/${entry?.path}`,
      headings: entry?.sections[section]?.headings ?? [],
    };
  });
const finders: readonly (readonly [name: string, find: Finder])[] = [
  ["this index", (question) => found(question).map(({ path }) => path)],
  ["plain BM25 on whole pages", plainBm25(pages)],
  ["MiniSearch, pages, prefixes and fuzzy", miniSearchPages(pages)],
  ["MiniSearch, sections", miniSearchSections(pages)],
];

for (const [half, questions] of Object.entries(halves)) {
  console.log(`\n${half}: ${questions.length} questions`);
  for (const [name, find] of finders) {
    const { first, five, reciprocal } = measure(find, questions);
    console.log(
      `  ${name.padEnd(40)} first ${first.toFixed(3)}   recall@5 ${five.toFixed(3)}   MRR ${reciprocal.toFixed(3)}`,
    );
  }
  const sections = questions.flatMap(({ question, pages: [page], section }) => {
    if (section === undefined) return [];
    const answer = found(question).find(({ path }) => path === page);
    return answer === undefined ? [] : [answer.headings.some((heading) => bare(heading) === bare(section))];
  });
  console.log(`  the right section of the page: ${sections.filter(Boolean).length} of ${sections.length}`);
  for (const kind of new Set(questions.map((each) => each.kind))) {
    const of = questions.filter((each) => each.kind === kind);
    const { five, reciprocal } = measure(finders[0]?.[1] ?? (() => []), of);
    console.log(
      `    ${kind.padEnd(12)} ${of.length} questions: recall@5 ${five.toFixed(3)}, MRR ${reciprocal.toFixed(3)}`,
    );
  }
}

const home = await mkdtemp(join(tmpdir(), "docs-bench-"));
try {
  const web = new WebClient({ cache: null, offline: true });
  const documentation = await openDocumentation({ folder: home, web });
  let began = performance.now();
  for (const library of libraries) {
    await documentation.add({
      origin: { kind: "folder", path: join(corpus, library), name: library },
      signal,
    });
  }
  console.log(`\nbuilt, from the files to the index on disk: ${seconds(began)} (wanted: at most 20 s)`);
  began = performance.now();
  await documentation.update({ signal });
  console.log(`updated, nothing changed: ${seconds(began)}`);
  const opened: number[] = [];
  for (let round = 0; round < 11; round++) {
    began = performance.now();
    await openDocumentation({ folder: home, web });
    opened.push(performance.now() - began);
  }
  console.log(
    `opened: first ${opened[0]?.toFixed(1)} ms, median ${middle(opened, 0.5).toFixed(1)} ms (wanted: at most 200 ms)`,
  );
  const size = (await stat(join(home, "search.index"))).size;
  console.log(
    `index on disk: ${(size / 1e6).toFixed(2)} MB, ${((100 * size) / bytes).toFixed(0)} % of the Markdown`,
  );
  const all = [...halves.tune, ...halves.held];
  for (const { question } of all.slice(0, 20)) await documentation.search({ query: question, signal });
  const asked: number[] = [];
  for (const { question } of all) {
    began = performance.now();
    await documentation.search({ query: question, signal });
    asked.push(performance.now() - began);
  }
  console.log(
    `query with excerpts: p50 ${middle(asked, 0.5).toFixed(1)} ms (wanted: at most 10 ms), p95 ${middle(asked, 0.95).toFixed(1)} ms`,
  );
} finally {
  await rm(home, { recursive: true });
}

function measure(
  find: Finder,
  questions: readonly DocsQuestion[],
): { readonly first: number; readonly five: number; readonly reciprocal: number } {
  const places = questions.map(({ question, pages: right }) =>
    find(question).findIndex((path) => right.includes(path)),
  );
  const share = (limit: number): number =>
    places.filter((place) => place >= 0 && place < limit).length / places.length;
  const reciprocal =
    places.reduce((sum, place) => sum + (place < 0 ? 0 : 1 / (place + 1)), 0) / places.length;
  return { first: share(1), five: share(5), reciprocal };
}

function bare(heading: string): string {
  return heading.replaceAll(/[`*]/g, "");
}

function seconds(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(2)} s`;
}

function middle(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
