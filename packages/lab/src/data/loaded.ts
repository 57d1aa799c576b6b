import type { DatasetColumn } from "./dataset.ts";
import type { Alarm } from "./report.ts";

/** What a reader of one format has put into the database. */
export interface Loaded {
  readonly sha256: string;
  readonly columns: readonly DatasetColumn[];
  readonly alarms: readonly Alarm[];
}
