import type { MetricName } from "../contract/contract.ts";
import type { SealedSet } from "./score.ts";

/** What a plot of one evaluation needs, as plain JSON. */
export type PlotData = ClassificationPlotData | RegressionPlotData;

export interface ClassificationPlotData {
  readonly kind: "classification";
  readonly run: string;
  readonly set: SealedSet;
  readonly ledger_seq: number;
  readonly metric: MetricName;
  readonly value: number;
  readonly interval: readonly [number, number];
  readonly baseline: { readonly name: string; readonly value: number };
  /** The classes drawn: the fifty most frequent, the rest together as "(others)". */
  readonly classes: readonly string[];
  /** Counts; rows are true classes, columns predicted ones. */
  readonly confusion: readonly (readonly number[])[];
  readonly per_class: readonly {
    readonly class: string;
    readonly rows: number;
    readonly precision: number | null;
    readonly recall: number | null;
    readonly f1: number | null;
  }[];
}

export interface RegressionPlotData {
  readonly kind: "regression";
  readonly run: string;
  readonly set: SealedSet;
  readonly ledger_seq: number;
  readonly metric: MetricName;
  readonly value: number;
  readonly interval: readonly [number, number];
  readonly baseline: { readonly name: string; readonly value: number };
  /** Prediction minus truth. */
  readonly residuals: {
    readonly mean: number;
    readonly sd: number;
    readonly quantiles: Readonly<Record<"p05" | "p25" | "p50" | "p75" | "p95", number>>;
    readonly histogram: { readonly edges: readonly number[]; readonly counts: readonly number[] };
  };
  /** At most five hundred rows, evenly taken, for a scatter plot. */
  readonly points: readonly { readonly truth: number; readonly prediction: number }[];
}

/** Reads the rows kept for a score and sums them up for plotting. */
export async function plotData(_options: { labDirectory: string; ledgerSeq: number }): Promise<PlotData> {
  throw new Error("not written yet");
}
