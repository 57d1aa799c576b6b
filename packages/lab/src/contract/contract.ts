import type { ColumnKind } from "../data/report.ts";

export type TaskType = "classification" | "regression";
export type InputKind = "tabular" | "text" | "image";
export type MetricName =
  | "accuracy"
  | "balanced_accuracy"
  | "macro_f1"
  | "f1"
  | "roc_auc"
  | "log_loss"
  | "rmse"
  | "mae"
  | "r2";
export type SplitKind = "stratified" | "random" | "grouped" | "time";

export interface Exclusion {
  readonly column: string;
  readonly reason: string;
}

/** The terms that somebody proposes; whatever is left out is decided from the data. */
export interface ContractProposal {
  readonly task_type: TaskType;
  readonly input_kind: InputKind;
  readonly target: string;
  readonly metric?: MetricName;
  readonly positive_class?: string;
  readonly exclude?: readonly Exclusion[];
  readonly text_column?: string;
  readonly split?: { readonly kind: SplitKind; readonly column?: string };
  readonly target_value?: number;
}

export interface ContractBudget {
  readonly usd: number | null;
  readonly iterations: number;
  readonly run_seconds: number;
}

/** The fixed terms of a task. Once `fixContract` has returned one it does not change for the session. */
export interface Contract {
  readonly version: 1;
  readonly task: string;
  readonly data: {
    readonly name: string;
    readonly sha256: string;
    readonly rows: number;
    readonly kind: "table" | "images";
  };
  readonly task_type: TaskType;
  readonly input_kind: InputKind;
  readonly target: string;
  /** The labels as strings, sorted; null for regression. */
  readonly classes: readonly string[] | null;
  readonly positive_class: string | null;
  readonly features: readonly { readonly name: string; readonly kind: ColumnKind }[];
  readonly text_column: string | null;
  readonly excluded: readonly Exclusion[];
  readonly metric: MetricName;
  readonly direction: "maximize" | "minimize";
  readonly split: {
    readonly kind: SplitKind;
    readonly column: string | null;
    readonly seed: number;
    readonly train: number;
    readonly validation: number;
    readonly test: number;
    /** Rows that are in no part: those without a target, and shown rows that a time split would have sealed. */
    readonly dropped: number;
  };
  /** How many different models the evaluator scores on each set. */
  readonly queries: { readonly validation: number; readonly test: number };
  readonly budget: ContractBudget;
  readonly stop: { readonly target_value: number | null; readonly rule: string };
  /** What had to be decided while the rows were split, in sentences. */
  readonly notes: readonly string[];
}
