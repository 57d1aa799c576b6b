import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { toDiskFull } from "../files/disk-full.ts";
import { workingFolder } from "../files/working-folder.ts";
import type { QueryRow } from "./dataset.ts";

/** A private database, small in memory, with a temporary folder to spill into; both go when it is disposed. */
export interface Database extends AsyncDisposable {
  /** For files that live as long as the database. */
  readonly directory: string;
  query(sql: string, signal: AbortSignal): Promise<QueryRow[]>;
}

const settings: Record<string, string> = {
  default_block_size: "16384",
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
};

/**
 * Opens an empty database that can read files but never fetches an extension. For large data it lies in a file,
 * from which DuckDB reads again what it had to drop from memory, and gets a second thread.
 */
export async function openDatabase({ large = false }: { large?: boolean } = {}): Promise<Database> {
  const folder = await workingFolder();
  const directory = folder.path;
  let instance: DuckDBInstance | undefined;
  let connection: DuckDBConnection;
  try {
    instance = await DuckDBInstance.create(large ? join(directory, "data.duckdb") : ":memory:", {
      ...settings,
      threads: large ? "2" : "1",
      // The whole process is to stay near 300 MB; what does not fit here goes to the temporary folder.
      memory_limit: large ? "200MB" : "120MB",
      temp_directory: join(directory, "spill"),
    });
    connection = await instance.connect();
  } catch (error) {
    instance?.closeSync();
    await folder[Symbol.asyncDispose]();
    throw toDiskFull(error, directory);
  }
  let open = true;
  return {
    directory,
    query: (sql, signal) => runQuery(connection, { sql, directory, signal }),
    async [Symbol.asyncDispose]() {
      if (!open) return;
      open = false;
      connection.closeSync();
      instance.closeSync();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function runQuery(
  connection: DuckDBConnection,
  { sql, directory, signal }: { sql: string; directory: string; signal: AbortSignal },
): Promise<QueryRow[]> {
  signal.throwIfAborted();
  const interrupt = () => connection.interrupt();
  signal.addEventListener("abort", interrupt, { once: true });
  try {
    // One JSON text per row: DuckDB's own result vectors are freed only when JavaScript's collector comes by,
    // and a wide result holds 16 KB of them per column.
    const text = /^SELECT\b/.test(sql)
      ? `SELECT CAST(json_array(*COLUMNS(*)) AS VARCHAR) FROM (${sql})`
      : sql;
    const result = await connection.run(text);
    const [rows = []] = text === sql ? [] : await result.getColumns();
    return rows.map((row) => JSON.parse(String(row)) as QueryRow);
  } catch (error) {
    signal.throwIfAborted();
    throw toDiskFull(error, directory);
  } finally {
    signal.removeEventListener("abort", interrupt);
  }
}

/** A text as an SQL literal. */
export function sqlText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
