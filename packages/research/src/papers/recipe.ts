import type { WebClient } from "../http/web-client.ts";
import { gfmTable, type PaperTable, type PaperText } from "./paper-text.ts";
import { paperTextOf } from "./paper-text-of.ts";
import { DATA, METRIC, MODELS, NAMED_SETTINGS, SETTINGS } from "./recipe-patterns.ts";

/** A value as the paper writes it, with the line that says so and where that line stands. */
export interface RecipeField {
  readonly value: string;
  readonly quote: string;
  readonly anchor: string;
}

/** How a paper trained and what came of it, as far as its text says by rules that one can check. Fields that it does not name are absent. */
export interface Recipe {
  readonly data: readonly RecipeField[];
  readonly model: readonly RecipeField[];
  readonly hyperParameters: readonly (RecipeField & { readonly name: string })[];
  readonly metrics: readonly RecipeField[];
  readonly results: readonly (RecipeField & {
    readonly metric: string | null;
    readonly on: string | null;
    readonly method: string | null;
  })[];
}

/** Of each kind, those named most often. */
const MOST = 12;
const MOST_RESULTS = 40;
const LONGEST_SENTENCE = 600;

const NUMBER = String.raw`[-+−]?\d[\d.,]*\d?(?:e[-+−]?\d+|\s?[×x·]\s?10\^?\{?[-−]?\d+\}?)?(?:%|[kKM]\b)?(?![\d.]|\s?\\(?:cdot|times))`;
const FOLLOWS = String.raw`["']?\s*(?:\([^()]{1,20}\)\s*)?(?:of|is|was|are|to|set to|=|:)?\s*(?:about |up to )?`;

/** Reads a paper and tells its recipe. Fails as reading it does. */
export async function extractRecipe(options: {
  readonly web: WebClient;
  readonly id: string;
  readonly signal: AbortSignal;
}): Promise<Recipe & Pick<PaperText, "title" | "url" | "source" | "note">> {
  const text = await paperTextOf(options);
  const { title, url, source, note } = text;
  return { title, url, source, note, ...recipeOf(text) };
}

export function recipeOf({ sections, tables }: Pick<PaperText, "sections" | "tables">): Recipe {
  const sentences = sections
    .filter(({ anchor, title }) => anchor !== "bib" && !/^(related work|references)/i.test(title))
    .flatMap(({ anchor, markdown }) => sentencesIn(markdown).map((quote) => ({ quote, anchor })));
  const rows = tables.flatMap(rowsOf);
  const captions = tables.map(({ caption, anchor }) => ({ quote: caption, anchor }));
  return {
    data: mostNamed(DATA.flatMap((pattern) => matches(pattern, [...sentences, ...captions]))),
    model: mostNamed(MODELS.flatMap((pattern) => matches(pattern, [...sentences, ...captions]))),
    hyperParameters: distinct([...sentences.flatMap(settingsIn), ...rows.flatMap(settingsInRow)]),
    metrics: mostNamed(matches(METRIC, [...captions, ...sentences])),
    results: distinct([...rows.flatMap(resultsInRow), ...sentences.flatMap(resultsIn)]).slice(
      0,
      MOST_RESULTS,
    ),
  };
}

interface Line {
  readonly quote: string;
  readonly anchor: string;
}

interface Row extends Line {
  readonly header: readonly string[];
  readonly cells: readonly string[];
  readonly caption: string;
}

/** The sentences of a section, and the lines of its code; tables and formulas of their own line have their own rules. */
function sentencesIn(markdown: string): string[] {
  const words = markdown.replaceAll(/^\$\$\n[\s\S]*?\n\$\$$/gm, "").replaceAll(/^\|.*$| \{#[^{}]*\}$/gm, "");
  return words
    .split("\n")
    .flatMap((line) => line.split(/(?<=[.!?])\s+(?=[A-Z$([])/))
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence.length > 3 && sentence.length <= LONGEST_SENTENCE);
}

function rowsOf({ rows, anchor, caption }: PaperTable): Row[] {
  const [header = [], ...body] = rows;
  const lines = gfmTable(rows).split("\n").slice(2);
  return body.map((cells, index) => ({ header, cells, caption, anchor, quote: lines[index] ?? "" }));
}

function matches(pattern: RegExp, lines: readonly Line[]): RecipeField[] {
  return lines.flatMap(({ quote, anchor }) =>
    [...quote.matchAll(pattern)].map((match) => ({ value: (match[1] ?? match[0]).trim(), quote, anchor })),
  );
}

const settingPatterns = SETTINGS.map(({ name, words }) => ({
  name,
  after: new RegExp(`(?:${words})${FOLLOWS}(\\$[^$]{1,60}\\$|${NUMBER})`, "gi"),
  // Within a formula, or a line of code.
  within: new RegExp(`\\$[^$]{0,40}?(?:${words})\\s*=\\s*([^$]{1,40})\\$`, "gi"),
  cell: new RegExp(`^(?:${words})(?: ?\\([^()]{1,20}\\))?$`, "i"),
}));

function settingsIn({ quote, anchor }: Line): Recipe["hyperParameters"] {
  const valued = settingPatterns.flatMap(({ name, after, within }) =>
    [after, within].flatMap((pattern) =>
      [...quote.matchAll(pattern)].map((match) => ({ name, value: tidy(match[1] ?? ""), quote, anchor })),
    ),
  );
  const named = NAMED_SETTINGS.flatMap(({ name, pattern }) =>
    [...quote.matchAll(pattern)].map((match) => ({ name, value: tidy(match[1] ?? ""), quote, anchor })),
  );
  return [...valued.filter(({ value }) => /\d/.test(value)), ...named];
}

/** Settings stand in the first column of a table, or in its header. */
function settingsInRow({ header, cells, quote, anchor }: Row): Recipe["hyperParameters"] {
  const [first = "", ...values] = cells;
  const own = settingNamed(first);
  const across =
    own === null ? [] : [...new Set(values)].map((value) => ({ name: own, value, quote, anchor }));
  const down = header.flatMap((heading, index) => {
    const name = settingNamed(heading);
    return name === null ? [] : [{ name, value: cells[index] ?? "", quote, anchor }];
  });
  return [...across, ...down].filter(({ value }) => /\d/.test(value));
}

function settingNamed(cell: string): string | null {
  const words = cell.replaceAll(/[*`]/g, "").trim();
  return settingPatterns.find((each) => each.cell.test(words))?.name ?? null;
}

/** Values in bold are those that a table wants to show. */
function resultsInRow({ header, cells, quote, anchor, caption }: Row): Recipe["results"] {
  const method = cells
    .slice(0, 3)
    .filter((cell) => /\p{L}/u.test(cell) && !isValue(cell))
    .join(" ");
  return cells.flatMap((cell, index) => {
    const bold = /^\*\*(.+)\*\*$/.exec(cell)?.[1];
    if (bold === undefined || !isValue(bold)) return [];
    const on = header[index] ?? "";
    const metric = (on.match(METRIC) ?? caption.match(METRIC))?.[0] ?? null;
    return [
      { value: bold, metric, on: on || null, method: method.replaceAll("**", "") || null, quote, anchor },
    ];
  });
}

function isValue(cell: string): boolean {
  return /^[^\p{L}]*\d/u.test(cell.replaceAll(/\$\\pm\$/g, "±"));
}

const METRIC_THEN_VALUE = new RegExp(
  `(${METRIC.source})(?: score)? (?:of|is|=|:|reaches|to) (${NUMBER})`,
  "gi",
);
const VALUE_THEN_METRIC = new RegExp(`(?<![\\w-])(${NUMBER}) (${METRIC.source})`, "gi");

function resultsIn({ quote, anchor }: Line): Recipe["results"] {
  const result = (metric: string, value: string, end: number): Recipe["results"][number] => {
    const on = /^ (?:on|in) (?:the )?([A-Z][\w-]*(?: [A-Z0-9][\w-]*)*)/.exec(quote.slice(end))?.[1] ?? null;
    return { value: tidy(value), metric, on, method: null, quote, anchor };
  };
  return [
    ...[...quote.matchAll(METRIC_THEN_VALUE)].map((each) =>
      result(each[1] ?? "", each[2] ?? "", each.index + each[0].length),
    ),
    ...[...quote.matchAll(VALUE_THEN_METRIC)].map((each) =>
      result(each[2] ?? "", each[1] ?? "", each.index + each[0].length),
    ),
  ];
}

function tidy(value: string): string {
  return value.trim().replace(/[.,;]+$/, "");
}

/** Each value once, with the first line that names it; those that most lines name first. */
function mostNamed(fields: readonly RecipeField[]): RecipeField[] {
  const counts = new Map<string, { readonly field: RecipeField; count: number }>();
  for (const field of fields) {
    const key = field.value.toLowerCase();
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { field, count: 1 });
    else known.count++;
  }
  return [...counts.values()]
    .sort((a, b) => b.count - a.count)
    .map(({ field }) => field)
    .slice(0, MOST);
}

function distinct<Field extends RecipeField & { readonly name?: string; readonly on?: string | null }>(
  fields: readonly Field[],
): Field[] {
  const known = new Map(fields.toReversed().map((each) => [`${each.name ?? each.on}\n${each.value}`, each]));
  return fields.filter((each) => known.get(`${each.name ?? each.on}\n${each.value}`) === each);
}
