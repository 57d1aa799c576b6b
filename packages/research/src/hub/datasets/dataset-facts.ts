import type { Access } from "../repo-facts.ts";
import type { ChatFacts, TrainingForm } from "./chat-facts.ts";

/**
 * What is known of a data set, wherever it lies: on a hub, or in local files, whose inspector fills in the same fields. What it
 * does not know is null or empty, and told in a note.
 */
export interface DatasetFacts {
  readonly name: string;
  /** Its page; null for local files. */
  readonly url: string | null;
  /** The state that was looked at: a commit, or a checksum. */
  readonly version: string | null;
  /** Null for local files. */
  readonly access: Access | null;
  readonly description: string | null;
  /** A local file is one table without a configuration. */
  readonly tables: readonly TableFacts[];
  /** The table that columns and rows are of. */
  readonly shown: Pick<TableFacts, "config" | "split"> | null;
  readonly columns: readonly ColumnFacts[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly url: string | null }[];
  readonly chat: ChatFacts | null;
  /** What it can be trained on as it is. */
  readonly forms: readonly TrainingForm[];
  readonly notes: readonly DatasetNote[];
}

export interface TableFacts {
  readonly config: string | null;
  readonly split: string | null;
  readonly rows: number | null;
  readonly bytes: number | null;
}

export interface ColumnFacts {
  readonly name: string;
  readonly type: string;
  /** Names of a label's classes, in the order of their numbers. */
  readonly classes: readonly string[] | null;
  readonly missing: number | null;
  readonly distinct: number | null;
  /** Of the values; of texts and lists their lengths. */
  readonly figures: Figures | null;
  /** The most frequent values. */
  readonly top: readonly { readonly value: string; readonly count: number }[];
}

export interface Figures {
  readonly of: "values" | "lengths" | "widths" | "seconds";
  readonly min: number | string | null;
  readonly max: number | string | null;
  readonly mean: number | string | null;
  readonly median: number | string | null;
  readonly std: number | string | null;
}

/** Something that one should know before using it: `stop` means that it cannot be used as it is. */
export interface DatasetNote {
  readonly severity: "info" | "warn" | "stop";
  readonly text: string;
  readonly mend: string | null;
}
