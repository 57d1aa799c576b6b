import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { isDiskFull } from "../files/disk-full.ts";
import { LabError } from "../lab-error.ts";
import { uniqueColumnNames } from "./column-names.ts";
import { countTypesSql, readColumns } from "./column-types.ts";
import { type ColumnType, columnsPerTable, type DatasetColumn } from "./dataset.ts";
import { type Database, sqlText } from "./duckdb.ts";
import { groupsOf } from "./groups-of.ts";
import { emptyTable, maximumColumns, refuseTooManyColumns } from "./limits.ts";
import type { Loaded } from "./loaded.ts";
import type { Alarm } from "./report.ts";
import { examineText, readHead, refuseBinary, transcode } from "./text-encoding.ts";

/** Loads a JSON array of objects, or one object per line. */
export async function openJson(
  path: string,
  { database, format, signal }: { database: Database; format: "json" | "jsonl"; signal: AbortSignal },
): Promise<Loaded> {
  const text = await examineText(path, { signal });
  if (text.encoding === "utf-8") refuseBinary(await readHead(path), path);
  if (text.encoding === "windows-1252") {
    throw new LabError("data/encoding", `${path} is not UTF-8, as JSON has to be.`, {
      mend: `Save it as UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8 ${path} > utf8.json`,
    });
  }
  const source = join(database.directory, "source.json");
  if (text.encoding === "utf-8") await symlink(path, source);
  else await transcode({ from: path, to: source, encoding: text.encoding, signal });
  const kind = format === "json" ? "auto" : "newline_delimited";
  const reader = `read_json(${sqlText(source)}, format = '${kind}', records = true, sample_size = -1, maximum_object_size = 4194304)`;
  return { ...(await loadTyped(path, { reader, database, signal })), sha256: text.sha256 };
}

/** Loads a Parquet file. */
export async function openParquet(
  path: string,
  { database, sha256, signal }: { database: Database; sha256: string; signal: AbortSignal },
): Promise<Loaded> {
  const source = join(database.directory, "source.parquet");
  await symlink(path, source);
  return {
    ...(await loadTyped(path, { reader: `read_parquet(${sqlText(source)})`, database, signal })),
    sha256,
  };
}

async function loadTyped(
  path: string,
  { reader, database, signal }: { reader: string; database: Database; signal: AbortSignal },
): Promise<Omit<Loaded, "sha256">> {
  try {
    const described = await database.query(
      `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${reader})`,
      signal,
    );
    if (described.length === 0) throw emptyTable(path);
    if (described.length === 1 && described[0]?.[0] === "json") throw notRecords(path);
    refuseTooManyColumns(path, described.length, maximumColumns);
    const { names, alarms } = uniqueColumnNames(described.map(([name]) => String(name)));
    const sources = described.map(([name, type], index) => ({
      name: names[index] ?? "",
      id: `c${index}`,
      ...convert(`"${String(name).replaceAll('"', '""')}"`, String(type)),
    }));
    const columns: DatasetColumn[] = [];
    for (const [table, group] of groupsOf(sources, columnsPerTable).entries()) {
      const select = group.map(({ expression, id }) => `${expression} AS ${id}`).join(", ");
      await database.query(`CREATE TABLE data_${table} AS SELECT ${select} FROM ${reader}`, signal);
      const read = await readWords(group, { table: `data_${table}`, database, signal });
      columns.push(...read.map(({ id, name, type }) => ({ id, name, type, table: `data_${table}` })));
    }
    const nested = sources.filter((column) => column.nested).map(({ name }) => name);
    return { columns, alarms: [...alarms, ...nestedAlarms(nested)] };
  } catch (error) {
    if (error instanceof LabError || signal.aborted || isDiskFull(error)) throw error;
    const detail = readerComplaint(error);
    throw new LabError("data/unreadable", `${path} cannot be read: ${detail}`, {
      mend: "Check that the file is complete. JSON has to be a list of objects with the same fields, or one such object per line.",
      cause: error,
    });
  }
}

/** Text that is nothing but numbers or dates becomes what it is, as in a CSV; JSON has no dates of its own. */
async function readWords<Column extends { id: string; type: ColumnType; nested: boolean }>(
  columns: readonly Column[],
  { table, database, signal }: { table: string; database: Database; signal: AbortSignal },
): Promise<Column[]> {
  const read: Column[] = [];
  for (const column of columns) {
    if (column.type !== "VARCHAR" || column.nested) {
      read.push(column);
      continue;
    }
    const guess = { id: column.id, look: "any" } as const;
    const [counts = []] = await database.query(countTypesSql(table, [guess]), signal);
    const [reading] = readColumns(counts, [guess]);
    const type = reading?.type ?? "VARCHAR";
    if (reading !== undefined && reading !== null && type !== "VARCHAR") {
      await database.query(
        `ALTER TABLE ${table} ALTER ${column.id} TYPE ${type} USING ${reading.expression}`,
        signal,
      );
    }
    read.push({ ...column, type });
  }
  return read;
}

/** What the reader says about the file itself, without its own name for it and without the query. */
function readerComplaint(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [about = ""] = message.split(/\n\s*\n|\bLINE \d+:/);
  return about
    .replace(/ in file "[^"]*"/g, "")
    .replace(/^[A-Z][A-Za-z ]* Error: /, "")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 300);
}

function notRecords(path: string): LabError {
  return new LabError("data/unreadable", `${path} holds JSON, but not a list of objects.`, {
    mend: 'Write it as [{"column": value, …}, …], or as one object per line.',
  });
}

/** Every type becomes one of the few that the rest of the lab knows. */
function convert(column: string, type: string): { type: ColumnType; expression: string; nested: boolean } {
  const plain = { nested: false };
  if (/^(U?TINYINT|U?SMALLINT|U?INTEGER|BIGINT|UINTEGER)$/.test(type))
    return { ...plain, type: "BIGINT", expression: `CAST(${column} AS BIGINT)` };
  // Wider than they need to be, as DuckDB infers some JSON: read again as text, like every column of words.
  // By way of text, 0.1 as a 32-bit float stays 0.1 and does not become 0.10000000149.
  if (/^(FLOAT|DOUBLE|DECIMAL.*)$/.test(type))
    return { ...plain, type: "DOUBLE", expression: finite(`CAST(CAST(${column} AS VARCHAR) AS DOUBLE)`) };
  if (type === "BOOLEAN" || type === "DATE") return { ...plain, type, expression: column };
  if (type.startsWith("TIMESTAMP"))
    return { ...plain, type: "TIMESTAMP", expression: `CAST(${column} AS TIMESTAMP)` };
  if (/\[\]$|^STRUCT|^MAP|\[\d+\]$|^UNION/.test(type))
    return { nested: true, type: "VARCHAR", expression: `CAST(to_json(${column}) AS VARCHAR)` };
  return { ...plain, type: "VARCHAR", expression: `nullif(trim(CAST(${column} AS VARCHAR)), '')` };
}

function finite(expression: string): string {
  return `CASE WHEN isfinite(${expression}) THEN ${expression} END`;
}

function nestedAlarms(columns: readonly string[]): Alarm[] {
  if (columns.length === 0) return [];
  const message = `${columns.length} columns hold lists or objects; they were read as JSON text. Flatten them if they matter.`;
  return [{ kind: "nested_values", severity: "warn", columns: columns.slice(0, 20), message }];
}
