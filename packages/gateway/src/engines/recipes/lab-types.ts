/** The lab's documents, reduced to what the policy reads. */

export interface Column {
  readonly name: string;
  readonly kind: string;
}

export interface DataReport {
  readonly kind: string;
  readonly rows: number;
  readonly columns: readonly Column[];
  readonly columns_omitted: number;
  readonly duplicates: { readonly rows: number };
  readonly target: {
    readonly name: string;
    readonly classes: readonly { readonly value: string; readonly count: number }[] | null;
  } | null;
  readonly alarms: readonly { readonly kind: string; readonly severity: string; readonly message: string }[];
  readonly suggestion: Proposal | null;
}

/** Passed on as it came: whatever else it holds is the lab's to read. */
export interface Proposal {
  readonly [field: string]: unknown;
  readonly task_type: string;
  readonly input_kind: string;
  readonly target: string;
}

export interface Contract {
  /** `images` is a folder of files; a table of pixel columns is a `table` whose input kind is `image`. */
  readonly data: { readonly kind: string };
  readonly task_type: "classification" | "regression";
  readonly input_kind: "tabular" | "text" | "image";
  readonly target: string;
  readonly classes: readonly string[] | null;
  /** Empty when the list was too long for a tool result: see {@link Contract.feature_count}. */
  readonly features: readonly Column[];
  /** Counted here, from the list or else from the data report. */
  readonly feature_count: number;
  readonly excluded: readonly { readonly column: string; readonly reason: string }[];
  readonly metric: string;
  readonly direction: "maximize" | "minimize";
  readonly split: {
    readonly kind: string;
    readonly train: number;
    readonly validation: number;
    readonly test: number;
  };
  readonly budget: { readonly run_seconds: number };
  readonly stop: { readonly target_value: number | null };
}

export interface Run {
  readonly id: string;
  readonly seed: number;
  readonly ended: string;
  readonly exit_code: number | null;
  readonly duration_s: number;
  readonly claimed: Readonly<Record<string, number>>;
  readonly has_model: boolean;
  readonly log_tail: string;
}

export interface Score {
  readonly ledger_seq: number;
  readonly run: string;
  readonly metric: string;
  readonly value: number;
  readonly interval: readonly [number, number];
  readonly rows: number;
  readonly baseline: { readonly name: string; readonly value: number } | null;
}

export interface Comparison {
  readonly run: string;
  readonly against: string;
  /** Positive means that `run` is better, whatever the metric's direction. */
  readonly difference: number;
  readonly interval: readonly [number, number];
  readonly noise: number | null;
  readonly verdict: "better" | "worse" | "indistinguishable";
  readonly reason: string;
}

export interface Evaluation {
  readonly scores: readonly Score[];
  readonly replicates: { readonly runs: number; readonly mean: number; readonly sd: number } | null;
  readonly comparison: Comparison | null;
}

export interface Release {
  readonly repo: string;
  readonly url: string;
  readonly files: readonly string[];
  readonly reloaded: { readonly rows: number; readonly agrees: boolean } | null;
  readonly ledger_seq: number | null;
}
