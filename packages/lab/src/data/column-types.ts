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

/** What the first rows of a column look like; the full scan then tests only for that. */
export type ColumnLook = "number" | "comma" | "word" | "moment" | "any";

/** A column with its look: the unit of the type scan. */
export interface ColumnGuess {
  readonly id: string;
  readonly look: ColumnLook;
}

const missingWords = ["NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "?"];
/** Missing too where the rest are numbers or dates; in a column of words they may be words. */
const missingAmongNumbers = ["None", "none", "-", "--", ".", "inf", "-inf", "Inf", "-Inf", "missing"];
/** Beside ISO, which has tests of its own. Where two fit, the first is taken and the column is called ambiguous. */
const dateFormats = [
  "%d.%m.%Y",
  "%Y/%m/%d",
  "%d/%m/%Y",
  "%m/%d/%Y",
  "%b %d %Y",
  "%d %b %Y",
  "%d-%b-%Y",
  "%B %d, %Y",
  "%d.%m.%Y %H:%M",
  "%Y/%m/%d %H:%M",
  "%Y/%m/%d %H:%M:%S",
  "%d/%m/%Y %H:%M",
  "%m/%d/%Y %H:%M",
  "%m/%d/%Y %H:%M:%S",
] as const;

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const commaNumber = /^[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?$/;
const moment =
  /^(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|[a-z]{3,9}\.? \d{1,2},? \d{4}$|\d{1,2}[- ][a-z]{3,9}[- ]\d{4}$)/i;

/** Looks at a column's first values. */
export function lookAtColumn(values: readonly string[]): ColumnLook {
  const present = values
    .map((value) => value.trim())
    .filter((value) => value !== "" && !missingWords.includes(value) && !missingAmongNumbers.includes(value));
  if (present.length === 0) return "any";
  if (present.every((value) => number.test(value))) return "number";
  if (present.every((value) => commaNumber.test(value))) return "comma";
  if (present.every((value) => moment.test(value))) return "moment";
  const numbers = present.filter((value) => number.test(value)).length;
  return numbers >= present.length / 2 ? "any" : "word";
}

type Test =
  | "filled"
  | "raw"
  | "odd"
  | "number"
  | "whole"
  | "fraction"
  | "coded"
  | "comma"
  | "truth"
  | "date"
  | "time"
  | `format${number}`;

const formatTests = dateFormats.map((_, index) => `format${index}` as const);

const testsOf: Record<ColumnLook, readonly Test[]> = {
  number: ["filled", "raw", "odd", "number", "whole", "fraction", "coded"],
  comma: ["filled", "raw", "odd", "coded", "comma"],
  word: ["filled", "raw", "odd", "truth"],
  moment: ["filled", "raw", "odd", "date", "time", ...formatTests],
  any: [
    ...([
      "filled",
      "raw",
      "odd",
      "number",
      "whole",
      "fraction",
      "coded",
      "comma",
      "truth",
      "date",
      "time",
    ] as const),
    ...formatTests,
  ],
};

/** An expression that is not null for the values of column `id` which pass the test. */
function testSql(test: Test, id: string): string {
  const value = withoutMissing(id);
  switch (test) {
    case "filled":
      return value;
    case "raw":
      return id;
    case "odd":
      return when(`${id} IN (${list(missingAmongNumbers)})`);
    case "number":
      return `try_cast(${value} AS DOUBLE)`;
    case "whole":
      return `try_cast(${value} AS BIGINT)`;
    case "fraction":
      return when(`try_cast(${value} AS DOUBLE) <> try_cast(${value} AS BIGINT)`);
    case "coded":
      return when(`regexp_matches(${id}, '^[+-]?0[0-9]|^[+-]?[0-9]{16,}$|_')`);
    case "comma":
      return when(`regexp_matches(${id}, '^[+-]?([0-9]+|[0-9]{1,3}([.][0-9]{3})+)(,[0-9]+)?$')`);
    case "truth":
      return when(`lower(${id}) IN ('true', 'false')`);
    case "date":
      return `CASE WHEN regexp_matches(${id}, '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$') THEN try_cast(${id} AS DATE) END`;
    case "time":
      return `CASE WHEN regexp_matches(${id}, '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}') THEN try_cast(${id} AS TIMESTAMP) END`;
    default:
      return `try_strptime(${id}, '${dateFormats[Number(test.slice("format".length))]}')`;
  }
}

/** A statement that counts, in one scan of `table`, what `readColumns` needs to know of each column. */
export function countTypesSql(table: string, columns: readonly ColumnGuess[]): string {
  const counts = columns.flatMap(({ id, look }) =>
    testsOf[look].map((test) => `count(${testSql(test, id)})`),
  );
  return `SELECT ${counts.join(", ")} FROM ${table}`;
}

/**
 * Decides how each counted column is read: the narrowest type that every value fits. Null for a column whose
 * first rows looked like something that the rest is not: it has to be counted again, for everything.
 */
export function readColumns(row: QueryRow, columns: readonly ColumnGuess[]): (ColumnReading | null)[] {
  let at = 0;
  return columns.map(({ id, look }) => {
    const counts: Partial<Record<Test, number>> = {};
    for (const test of testsOf[look]) counts[test] = Number(row[at++] ?? 0);
    const reading = readColumn(id, counts);
    return reading.type === "VARCHAR" && look !== "any" && look !== "word" ? null : reading;
  });
}

function readColumn(id: string, counts: Partial<Record<Test, number>>): ColumnReading {
  const count = (test: Test): number => counts[test] ?? 0;
  const odd = count("odd");
  const due = count("filled") - odd;
  const words = count("raw") - count("filled");
  const plain = { decimalComma: false, ambiguousDate: false, strayValues: 0, missingWords: words };
  const withOdd = { ...plain, missingWords: words + odd };
  // Expressions are kept short where the counts allow it: DuckDB holds every intermediate result of every column.
  const text: ColumnReading = {
    ...plain,
    type: "VARCHAR",
    expression: words === 0 ? id : withoutMissing(id),
  };
  if (due <= 0) return text;
  // "inf" and "-inf" are among the odd words, and numbers to DuckDB.
  const infinite = Math.max(0, count("number") - due);
  if (count("coded") === 0 && count("number") - infinite === due) {
    const whole = count("whole") === due && count("fraction") === 0;
    const type = whole ? "BIGINT" : "DOUBLE";
    const cast = `try_cast(${id} AS ${type})`;
    // "nan" and "inf" are numbers to DuckDB and missing values to everybody else.
    const finite =
      whole || (words === 0 && infinite === 0) ? cast : `CASE WHEN isfinite(${cast}) THEN ${cast} END`;
    return { ...withOdd, type, expression: finite };
  }
  if (count("coded") === 0 && count("comma") === due) {
    const expression = `try_cast(replace(replace(${id}, '.', ''), ',', '.') AS DOUBLE)`;
    return { ...withOdd, type: "DOUBLE", decimalComma: true, expression };
  }
  if (count("truth") === due) {
    return { ...withOdd, type: "BOOLEAN", expression: `try_cast(lower(${id}) AS BOOLEAN)` };
  }
  if (count("date") === due) return { ...withOdd, type: "DATE", expression: `try_cast(${id} AS DATE)` };
  if (count("time") === due)
    return { ...withOdd, type: "TIMESTAMP", expression: `try_cast(${id} AS TIMESTAMP)` };
  const fitting = dateFormats.filter((_, index) => count(`format${index}`) === due);
  const [format] = fitting;
  if (format !== undefined) {
    const type = format.includes("%H") ? "TIMESTAMP" : "DATE";
    const expression = `CAST(try_strptime(${id}, '${format}') AS ${type})`;
    return { ...withOdd, type, ambiguousDate: fitting.length > 1, expression };
  }
  const stray = due - count("number");
  return { ...text, strayValues: count("coded") === 0 && stray > 0 && stray <= due / 20 ? stray : 0 };
}

function withoutMissing(id: string): string {
  return `CASE WHEN ${id} NOT IN (${list(missingWords)}) THEN ${id} END`;
}

function when(condition: string): string {
  return `CASE WHEN ${condition} THEN 1 END`;
}

function list(words: readonly string[]): string {
  return words.map(sqlText).join(", ");
}
