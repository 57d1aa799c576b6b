import type { ContractProposal } from "../contract/contract.ts";

/** What a column holds, as far as learning from it is concerned. */
export type ColumnKind =
  | "number"
  | "category"
  | "boolean"
  | "date"
  | "text"
  | "identifier"
  | "constant"
  | "empty";

export type DataFormat = "csv" | "tsv" | "json" | "jsonl" | "parquet" | "image-folder";

export interface ColumnReport {
  readonly name: string;
  readonly kind: ColumnKind;
  /** DuckDB's name of the type that all values fit. */
  readonly type: string;
  readonly missing: number;
  /** Distinct values, missing not counted; an estimate above 200,000 rows. */
  readonly distinct: number;
  readonly min?: number | string;
  readonly max?: number | string;
  readonly mean?: number;
  readonly std?: number;
  /** The most frequent values of a category, at most ten. */
  readonly top?: readonly ValueCount[];
}

export interface ValueCount {
  readonly value: string;
  readonly count: number;
}

export type AlarmKind =
  | "leak"
  | "duplicate_rows"
  | "conflicting_labels"
  | "empty_column"
  | "constant_column"
  | "identifier"
  | "group"
  | "time_order"
  | "imbalance"
  | "rare_class"
  | "target"
  | "missing_target"
  | "missing_values"
  | "mixed_values"
  | "column_names"
  | "no_header"
  | "decimal_comma"
  | "ambiguous_dates"
  | "nested_values"
  | "encoding"
  | "images";

/** Something about the data that a person should know before a model is trained on it. */
export interface Alarm {
  readonly kind: AlarmKind;
  /** `stop` means that no contract can be fixed before this is mended. */
  readonly severity: "info" | "warn" | "stop";
  /** The columns concerned, at most twenty; the message tells how many more there are. */
  readonly columns: readonly string[];
  readonly message: string;
}

export interface TargetReport {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly missing: number;
  /** The classes by falling count, at most a hundred; null when the target is a quantity. */
  readonly classes: readonly ValueCount[] | null;
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
}

/** What the lab found in a data set: bounded in size whatever the data, and deterministic. */
export interface DataReport {
  readonly path: string;
  readonly kind: "table" | "images";
  readonly format: DataFormat;
  readonly rows: number;
  /** At most sixty columns (the target always among them); `columns_omitted` counts the rest. */
  readonly columns: readonly ColumnReport[];
  readonly columns_omitted: number;
  /** How many of the omitted columns are of which kind. */
  readonly omitted_kinds: Partial<Record<ColumnKind, number>>;
  readonly duplicates: { readonly rows: number };
  readonly target: TargetReport | null;
  readonly alarms: readonly Alarm[];
  readonly suggestion: ContractProposal | null;
  /** The first five rows. A row that is shown here never becomes a sealed row. */
  readonly samples: readonly Record<string, unknown>[];
}
