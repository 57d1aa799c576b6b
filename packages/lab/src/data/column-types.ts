import type { ColumnType, QueryRow } from "./dataset.ts";
import { sqlText } from "./duckdb.ts";

/** How a column of text is read: its type, and the SQL that turns the text (in `id`) into it. */
export interface ColumnReading {
  readonly type: ColumnType;
  readonly expression: string;
  readonly decimalComma: boolean;
  /** Day and month cannot be told apart. */
  readonly ambiguousDate: boolean;
  /** Numbers but for a few values: how many those are. */
  readonly strayValues: number;
  /** Values such as "NA" that count as missing. */
  readonly missingWords: number;
}

const missingWords = ["NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "?"];
/** Missing too where the rest are numbers or dates; in a column of words they may be words. */
const missingAmongNumbers = ["None", "none", "-", "--", ".", "inf", "-inf", "Inf", "-Inf", "missing"];

const dateFormats = [
  { format: "%d.%m.%Y", dayFirst: null },
  { format: "%Y/%m/%d", dayFirst: null },
  { format: "%d/%m/%Y", dayFirst: true },
  { format: "%m/%d/%Y", dayFirst: false },
] as const;

/** The tests that a column's values are put to, each counted over the values that are not missing. */
function tests(id: string): readonly [string, string][] {
  const value = `nullif_words(${id})`;
  return [
    ["filled", value],
    ["raw", id],
    ["odd", `CASE WHEN ${id} IN (${list(missingAmongNumbers)}) THEN 1 END`],
    ["whole", `try_cast(${value} AS BIGINT)`],
    ["number", `try_cast(${value} AS DOUBLE)`],
    [
      "coded",
      `CASE WHEN regexp_matches(${value}, '^[+-]?0[0-9]|^[+-]?[0-9]{16,}$|_|^[+-]?(inf|nan)') THEN 1 END`,
    ],
    ["fraction", `CASE WHEN regexp_matches(${value}, '[.eE]') THEN 1 END`],
    [
      "comma",
      `CASE WHEN regexp_matches(${value}, '^[+-]?([0-9]+|[0-9]{1,3}([.][0-9]{3})+)(,[0-9]+)?$') THEN 1 END`,
    ],
    ["truth", `CASE WHEN lower(${value}) IN ('true', 'false') THEN 1 END`],
    [
      "date",
      `CASE WHEN regexp_matches(${value}, '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$') THEN try_cast(${value} AS DATE) END`,
    ],
    [
      "time",
      `CASE WHEN regexp_matches(${value}, '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}') THEN try_cast(${value} AS TIMESTAMP) END`,
    ],
    ...dateFormats.map(({ format }, index): [string, string] => [
      `format${index}`,
      `try_strptime(${value}, '${format}')`,
    ]),
  ];
}

/** A statement that counts, in one scan of `table`, what `readColumn` needs to know of each column. */
export function countTypesSql(table: string, ids: readonly string[]): string {
  const counts = ids.flatMap((id) => tests(id).map(([, expression]) => `count(${expandMacro(expression)})`));
  return `SELECT ${counts.join(", ")} FROM ${table}`;
}

/** Decides how each of the counted columns is read: the narrowest type that every value fits. */
export function readColumns(row: QueryRow, ids: readonly string[]): ColumnReading[] {
  const names = tests("x").map(([name]) => name);
  return ids.map((id, index) => {
    const counts = Object.fromEntries(
      names.map((name, at) => [name, Number(row[index * names.length + at] ?? 0)]),
    ) as Record<string, number>;
    return readColumn(id, counts);
  });
}

function readColumn(id: string, counts: Record<string, number>): ColumnReading {
  const count = (name: string): number => counts[name] ?? 0;
  const value = expandMacro(`nullif_words(${id})`);
  const known = `CASE WHEN ${id} IN (${list(missingAmongNumbers)}) THEN NULL ELSE ${value} END`;
  const odd = count("odd");
  const due = count("filled") - odd;
  const plain = {
    decimalComma: false,
    ambiguousDate: false,
    strayValues: 0,
    missingWords: count("raw") - count("filled"),
  };
  const withOdd = { ...plain, missingWords: plain.missingWords + odd };
  const text: ColumnReading = { ...plain, type: "VARCHAR", expression: value };
  if (due <= 0) return text;
  // "inf" is a number to DuckDB and "-inf" too; both are in the list of odd words, so the count leaves them out.
  const infinite = Math.max(0, count("number") - due);
  if (count("coded") <= infinite) {
    if (count("number") - infinite === due) {
      if (count("whole") === due && count("fraction") === 0) {
        return { ...withOdd, type: "BIGINT", expression: `CAST(${known} AS BIGINT)` };
      }
      return { ...withOdd, type: "DOUBLE", expression: `CAST(${known} AS DOUBLE)` };
    }
    if (count("comma") === due) {
      const dotted = `replace(replace(${known}, '.', ''), ',', '.')`;
      return { ...withOdd, type: "DOUBLE", decimalComma: true, expression: `CAST(${dotted} AS DOUBLE)` };
    }
  }
  if (count("truth") === due)
    return { ...withOdd, type: "BOOLEAN", expression: `CAST(lower(${known}) AS BOOLEAN)` };
  if (count("date") === due) return { ...withOdd, type: "DATE", expression: `CAST(${known} AS DATE)` };
  if (count("time") === due)
    return { ...withOdd, type: "TIMESTAMP", expression: `CAST(${known} AS TIMESTAMP)` };
  const fitting = dateFormats.filter((_, index) => count(`format${index}`) === due);
  const [format] = fitting;
  if (format !== undefined) {
    return {
      ...withOdd,
      type: "DATE",
      ambiguousDate: fitting.length > 1,
      expression: `CAST(strptime(${known}, '${format.format}') AS DATE)`,
    };
  }
  const stray = due - count("number");
  return { ...text, strayValues: count("number") > 0 && stray <= due / 20 ? stray : 0 };
}

/** SQL has no local names: the one helper expression is written out. */
function expandMacro(expression: string): string {
  return expression.replace(
    /nullif_words\((\w+)\)/g,
    (_, id: string) => `CASE WHEN ${id} IN (${list(missingWords)}) THEN NULL ELSE ${id} END`,
  );
}

function list(words: readonly string[]): string {
  return words.map(sqlText).join(", ");
}
