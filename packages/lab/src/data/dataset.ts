import type { Alarm, DataFormat } from "./report.ts";

/** A column as it lies in the dataset's table: `id` is its name in SQL, `name` the one that people know. */
export interface DatasetColumn {
  readonly id: string;
  readonly name: string;
  readonly type: string;
}

/**
 * An opened data set. Its rows lie in the DuckDB table `data`, in the order of the file, under `rowid`;
 * columns are called c0, c1, … there, so that no name of the data ever stands in SQL.
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
  /** Runs one statement and returns its rows as plain JavaScript values (dates as ISO strings). */
  query(sql: string, options: { signal: AbortSignal }): Promise<QueryRow[]>;
}

export type QueryValue = string | number | boolean | null;
export type QueryRow = readonly QueryValue[];
