import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "../lab-error.ts";
import { uniqueColumnNames } from "./column-names.ts";
import { type ColumnReading, countTypesSql, lookAtColumn, readColumns } from "./column-types.ts";
import { commonWidth, hasHeader, sniffCsvDialect } from "./csv-dialect.ts";
import { type CsvDialect, type CsvRow, csvRows } from "./csv-rows.ts";
import { columnsPerTable, type DatasetColumn } from "./dataset.ts";
import { type Database, sqlText } from "./duckdb.ts";
import { groupsOf } from "./groups-of.ts";
import { emptyTable, maximumColumns, refuseTooManyColumns } from "./limits.ts";
import type { Loaded } from "./loaded.ts";
import type { Alarm } from "./report.ts";
import { examineText, readHead, refuseBinary, transcode } from "./text-encoding.ts";

/** Every column is put to some fifteen tests, each of which needs memory while the statement runs. */
const columnsPerCount = 16;

/** Loads a CSV or TSV file. Every value is read as text first, so that nothing is guessed from a sample. */
export async function openCsv(
  path: string,
  { database, signal }: { database: Database; signal: AbortSignal },
): Promise<Loaded> {
  const text = await examineText(path, { signal });
  const source = join(database.directory, "source.csv");
  const rewrite = text.encoding !== "utf-8" || text.mixedLineEnds;
  if (rewrite) await transcode({ from: path, to: source, encoding: text.encoding, signal });
  // A link of our own: no character of the given path is ever taken for a pattern.
  else await symlink(path, source);
  const head = await readHead(source, 1 << 20);
  if (text.encoding === "utf-8") refuseBinary(head.subarray(0, 1 << 16), path);
  const partial = head.length === 1 << 20;
  const sample = new TextDecoder().decode(head);
  const { dialect, rows } = sniffCsvDialect(sample, { partial, path });
  const width = commonWidth(rows);
  if (rows.length === 0) throw emptyTable(path);
  refuseTooManyColumns(path, Math.max(width, rows[0]?.fields.length ?? 0), maximumColumns);
  const header = hasHeader(rows);
  const given = header
    ? (rows[0]?.fields ?? [])
    : Array.from({ length: width }, (_, index) => `column_${index + 1}`);
  if (given.length !== width)
    throw ragged(path, { line: rows[0]?.line ?? 1, found: given.length, due: width });
  const { names, alarms } = uniqueColumnNames(given);
  const named = names.map((name, index) => ({ name, id: `c${index}` }));
  const columns: DatasetColumn[] = [];
  const readings: ColumnReading[] = [];
  for (const [table, group] of groupsOf(named, columnsPerTable).entries()) {
    const ids = group.map(({ id }) => id);
    await loadText({ database, source, path, dialect, header, width, ids, signal });
    const read = await readTypes(database, { ids, rows: header ? rows.slice(1) : rows, signal });
    const select = read.map(({ expression }, index) => `${expression} AS ${ids[index]}`);
    await database.query(`CREATE TABLE data_${table} AS SELECT ${select.join(", ")} FROM raw`, signal);
    await database.query("DROP TABLE raw", signal);
    for (const [index, reading] of read.entries()) {
      columns.push({
        id: ids[index] ?? "",
        table: `data_${table}`,
        name: group[index]?.name ?? "",
        type: reading.type,
      });
      readings.push(reading);
    }
  }
  return {
    sha256: text.sha256,
    columns,
    alarms: [
      ...encodingAlarms(text.encoding),
      ...headerAlarms(header, width),
      ...alarms,
      ...readingAlarms(columns, readings),
    ],
  };
}

async function readTypes(
  database: Database,
  { ids, rows, signal }: { ids: readonly string[]; rows: readonly CsvRow[]; signal: AbortSignal },
): Promise<ColumnReading[]> {
  const guesses = ids.map((id) => ({
    id,
    look: lookAtColumn(rows.map(({ fields }) => fields[Number(id.slice(1))] ?? "")),
  }));
  const readings: ColumnReading[] = [];
  for (const some of groupsOf(guesses, columnsPerCount)) {
    const [counts = []] = await database.query(countTypesSql("raw", some), signal);
    for (const [index, reading] of readColumns(counts, some).entries()) {
      readings.push(reading ?? (await readAgain(database, some[index]?.id ?? "", signal)));
    }
  }
  return readings;
}

async function readAgain(database: Database, id: string, signal: AbortSignal): Promise<ColumnReading> {
  const guess = { id, look: "any" } as const;
  const [counts = []] = await database.query(countTypesSql("raw", [guess]), signal);
  const [reading] = readColumns(counts, [guess]);
  if (reading == null) throw new Error(`Column ${id} has no reading.`);
  return reading;
}

async function loadText(options: {
  database: Database;
  source: string;
  path: string;
  dialect: CsvDialect;
  header: boolean;
  width: number;
  ids: readonly string[];
  signal: AbortSignal;
}): Promise<void> {
  const { database, source, path, dialect, header, width, ids, signal } = options;
  const types = Array.from({ length: width }, (_, index) => `'c${index}': 'VARCHAR'`).join(", ");
  const reader = `read_csv(${sqlText(source)}, auto_detect = false, header = ${header}, delim = ${sqlText(dialect.delimiter)}, quote = '"', escape = ${sqlText(dialect.escape)}, max_line_size = 2000000, buffer_size = 4000000, columns = {${types}})`;
  const select = ids.map((id) => `nullif(trim(${id}), '') AS ${id}`).join(", ");
  try {
    await database.query(`CREATE TABLE raw AS SELECT ${select} FROM ${reader}`, signal);
  } catch (error) {
    if (error instanceof LabError || signal.aborted) throw error;
    throw (await findRaggedRow({ source, path, dialect, width })) ?? unreadable(path, error);
  }
}

/** DuckDB counts rows, not lines, and names only the first kind of damage: look again, slowly and exactly. */
async function findRaggedRow({
  source,
  path,
  dialect,
  width,
}: {
  source: string;
  path: string;
  dialect: CsvDialect;
  width: number;
}): Promise<LabError | null> {
  const text = await readFile(source, "utf8").catch(() => "");
  for (const { fields, line } of csvRows(text, dialect)) {
    if (fields.length !== width) return ragged(path, { line, found: fields.length, due: width });
  }
  return null;
}

function ragged(path: string, { line, found, due }: { line: number; found: number; due: number }): LabError {
  return new LabError(
    "data/unreadable",
    `${path}, line ${line}: ${found} values where the other rows have ${due}.`,
    {
      mend: `Mend line ${line}: a text that holds the separator or a line end has to stand in double quotes, and every row needs ${due} values. Lines above the header have to go.`,
    },
  );
}

function unreadable(path: string, error: unknown): LabError {
  const detail =
    error instanceof Error
      ? (error.message.split("\nPossible")[0] ?? "").replace(/\s+/g, " ")
      : String(error);
  return new LabError("data/unreadable", `${path} cannot be read as a CSV: ${detail.slice(0, 300)}`, {
    mend: "Check the quotes in the line that is named: a quote inside a quoted text is written twice.",
    cause: error,
  });
}

function encodingAlarms(encoding: string): Alarm[] {
  if (encoding === "utf-8") return [];
  return [
    {
      kind: "encoding",
      severity: "warn",
      columns: [],
      message: `The file is not UTF-8; it was read as ${encoding}. Check a word with accents in the samples.`,
    },
  ];
}

function headerAlarms(header: boolean, width: number): Alarm[] {
  if (header) return [];
  return [
    {
      kind: "no_header",
      severity: "warn",
      columns: [],
      message: `The first line holds values, not names: the columns are called column_1 to column_${width}.`,
    },
  ];
}

function readingAlarms(columns: readonly DatasetColumn[], readings: readonly ColumnReading[]): Alarm[] {
  const named = (fits: (reading: ColumnReading) => boolean): string[] =>
    columns
      .filter((_, index) => {
        const reading = readings[index];
        return reading !== undefined && fits(reading);
      })
      .map(({ name }) => name);
  const alarms: Alarm[] = [];
  const add = (kind: Alarm["kind"], severity: Alarm["severity"], names: string[], message: string): void => {
    if (names.length > 0)
      alarms.push({
        kind,
        severity,
        columns: names.slice(0, 20),
        message: `${message} (${names.length} ${names.length === 1 ? "column" : "columns"})`,
      });
  };
  add(
    "decimal_comma",
    "info",
    named((reading) => reading.decimalComma),
    "Numbers with a decimal comma were read as numbers",
  );
  add(
    "ambiguous_dates",
    "warn",
    named((reading) => reading.ambiguousDate),
    "Dates in which day and month could be exchanged were read day first",
  );
  add(
    "mixed_values",
    "warn",
    named((reading) => reading.strayValues > 0),
    "At least 95 % of the values are numbers but not all, so the column counts as text",
  );
  const words = readings.reduce((sum, reading) => sum + reading.missingWords, 0);
  add(
    "missing_values",
    "info",
    named((reading) => reading.missingWords > 0),
    `${words} values such as "NA", "null" or "?" count as missing`,
  );
  return alarms;
}
