import type { Alarm, DataFormat } from "./report.ts";

/** The types that a column can have once it is in the dataset. */
export type ColumnType = "BIGINT" | "DOUBLE" | "BOOLEAN" | "DATE" | "TIMESTAMP" | "VARCHAR";

/**
 * A column as it lies in the database: `id` is its name in SQL and `table` the table that holds it, `name` the
 * one that people know.
 */
export interface DatasetColumn {
  readonly id: string;
  readonly table: string;
  readonly name: string;
  readonly type: ColumnType;
}

/**
 * An opened data set. Its rows lie in DuckDB tables in the order of the file: row n has `rowid` n in each.
 * A wide data set is cut into several tables of `columnsPerTable` columns, because DuckDB needs memory in
 * proportion to the columns that one statement touches. Columns are called c0, c1, … in SQL, so that no name
 * of the data ever stands in a statement.
 */
export interface Dataset extends AsyncDisposable {
  readonly path: string;
  readonly name: string;
  readonly kind: "table" | "images";
  readonly format: DataFormat;
  /** SHA-256 of the file, or of the sorted list of the folder's images and their digests. */
  readonly sha256: string;
  readonly rows: number;
  readonly columns: readonly DatasetColumn[];
  /** What had to be decided or repaired while reading: encoding, header, names, damaged images. */
  readonly alarms: readonly Alarm[];
  /** Runs one statement and returns its rows as plain values (dates as ISO strings). */
  query(sql: string, options: { signal: AbortSignal }): Promise<QueryRow[]>;
}

export type QueryValue = string | number | boolean | null;
export type QueryRow = readonly QueryValue[];

export const columnsPerTable = 64;
