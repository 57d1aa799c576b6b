import type { MetricName } from "../contract/contract.ts";

export type SealedSet = "validation" | "test";

/** A verified number: what the evaluator measured on sealed rows and wrote into the ledger. */
export interface Score {
  readonly ledger_seq: number;
  readonly set: SealedSet;
  readonly run: string;
  readonly seed: number;
  readonly code_sha256: string;
  readonly metric: MetricName;
  readonly value: number;
  /** 95 % percentile bootstrap over rows. */
  readonly interval: readonly [number, number];
  readonly rows: number;
  readonly baseline: { readonly name: string; readonly value: number };
  readonly secondary: Readonly<Partial<Record<MetricName, number>>>;
  readonly model_sha256: string;
  readonly queries_left: number;
}

export interface Comparison {
  readonly run: string;
  readonly against: string;
  /** Positive means that `run` is better, whatever the metric's direction. */
  readonly difference: number;
  /** 95 % paired bootstrap: both models on the same resampled rows. */
  readonly interval: readonly [number, number];
  /** Standard deviation of the same code over seeds, when it was measured. */
  readonly noise: number | null;
  readonly verdict: "better" | "worse" | "indistinguishable";
  readonly reason: string;
}

/** Mean and sample standard deviation of the same code over its seeds. */
export interface Replicates {
  readonly runs: number;
  readonly mean: number;
  readonly sd: number;
}
