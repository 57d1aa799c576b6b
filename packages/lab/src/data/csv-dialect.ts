import { LabError } from "../lab-error.ts";
import { type CsvDialect, type CsvRow, csvRows } from "./csv-rows.ts";

const delimiters = [",", ";", "\t", "|"] as const;
const names: Record<string, string> = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "bar",
  " ": "space",
  ":": "colon",
};
const sampledRows = 1000;
/** Wide rows need not be that many to show their separator. */
const sampledCells = 50_000;

export interface SniffedCsv {
  readonly dialect: CsvDialect;
  readonly rows: readonly CsvRow[];
}

/** Finds the separator and the escape that give the beginning of a file the same number of columns in each row. */
export function sniffCsvDialect(
  text: string,
  { partial, path }: { partial: boolean; path: string },
): SniffedCsv {
  const escapes = text.includes('\\"') ? (['"', "\\"] as const) : (['"'] as const);
  const candidates = escapes.flatMap((mark) =>
    delimiters.map((delimiter) => measure(text, { dialect: { delimiter, escape: mark }, partial })),
  );
  const best = candidates
    .filter(({ width }) => width > 1)
    .sort((a, b) => b.consistency - a.consistency || b.width - a.width)[0];
  if (best === undefined) return oneColumn(text, { partial, path });
  if (best.consistency < 0.6) {
    throw new LabError(
      "data/delimiter",
      `${path}: no separator (comma, semicolon, tab, bar) gives its lines the same number of columns.`,
      {
        mend: "Is it a table? Save it as a CSV with one separator throughout, with a header line, and with texts that hold the separator in double quotes.",
      },
    );
  }
  return { dialect: best.dialect, rows: [...sample(text, best.dialect, partial)] };
}

function* sample(text: string, dialect: CsvDialect, partial: boolean): Generator<CsvRow> {
  let rows = 0;
  let cells = 0;
  for (const row of csvRows(text, dialect, { partial })) {
    yield row;
    rows++;
    cells += row.fields.length;
    if (rows === sampledRows || (rows >= 20 && cells > sampledCells)) return;
  }
}

function measure(
  text: string,
  { dialect, partial }: { dialect: CsvDialect; partial: boolean },
): { dialect: CsvDialect; width: number; consistency: number } {
  const counts = new Map<number, number>();
  let rows = 0;
  for (const { fields } of sample(text, dialect, partial)) {
    rows++;
    counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1);
  }
  const [width, count] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [0, 0];
  return { dialect, width, consistency: rows === 0 ? 0 : count / rows };
}

/** A file of one column is fine, unless its lines are plainly divided by something that is no CSV separator. */
function oneColumn(text: string, { partial, path }: { partial: boolean; path: string }): SniffedCsv {
  const dialect: CsvDialect = { delimiter: ",", escape: '"' };
  const sniffed = { dialect, rows: [...sample(text, dialect, partial)] };
  for (const separator of [" ", ":", "^", "~"]) {
    const counts = sniffed.rows.map(
      ({ fields }) => (fields[0] ?? "").trim().split(separator === " " ? /\s+/ : separator).length,
    );
    const [first] = counts;
    if (first !== undefined && first > 1 && counts.length > 1 && counts.every((count) => count === first)) {
      const name = names[separator] ?? separator;
      throw new LabError(
        "data/delimiter",
        `${path} has one column, although every line is divided into ${first} parts by "${separator}" (${name}).`,
        {
          mend:
            separator === " "
              ? `Separate its columns by commas, for example: sed -E 's/^[ \\t]+//; s/[ \\t]+/,/g' ${path} > table.csv`
              : `Separate its columns by commas, for example: tr '${separator}' ',' < ${path} > table.csv`,
        },
      );
    }
  }
  return sniffed;
}

/** The width that most of the sampled rows have. */
export function commonWidth(rows: readonly CsvRow[]): number {
  const counts = new Map<number, number>();
  for (const { fields } of rows) counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0] ?? 0;
}

/**
 * Whether the first row holds names: yes when it has no number in it and differs from what stands below, or
 * when a word in it stands above a column of numbers.
 */
export function hasHeader(rows: readonly CsvRow[]): boolean {
  const [first, ...below] = rows;
  if (first === undefined || below.length === 0) return true;
  const cells = first.fields.map((cell) => cell.trim());
  if (cells.some((cell, index) => cell !== "" && !isNumber(cell) && isNumericColumn(below, index)))
    return true;
  if (cells.some((cell) => isNumber(cell))) {
    // Columns named 0, 1, 2 … over numbers: an unbroken count is a header, measurements are not.
    const numbers = cells.filter(isNumber).map(Number);
    return (
      numbers.length >= 3 &&
      numbers.every((value, index) => value === (numbers[0] ?? 0) + index) &&
      (numbers[0] ?? 0) <= 1
    );
  }
  const repeated = cells.filter(
    (cell, index) => cell !== "" && below.some((row) => row.fields[index]?.trim() === cell),
  );
  return repeated.length === 0 && new Set(cells).size >= cells.length - 1;
}

function isNumericColumn(rows: readonly CsvRow[], index: number): boolean {
  const values = rows.map((row) => row.fields[index]?.trim() ?? "").filter((cell) => cell !== "");
  return values.length > 0 && values.filter(isNumber).length >= 0.9 * values.length;
}

function isNumber(cell: string): boolean {
  return /^[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?$/i.test(cell);
}
