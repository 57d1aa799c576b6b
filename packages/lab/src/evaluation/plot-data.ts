import type { MetricName } from "../contract/contract.ts";
import { quantile } from "./bootstrap.ts";
import type { Outcome } from "./outcome.ts";
import { readOutcome } from "./row-outcomes.ts";
import type { Score, SealedSet } from "./score.ts";

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

const DRAWN_CLASSES = 50;
const DRAWN_POINTS = 500;
const BINS = 40;

/** Sums up the rows kept for a score, for plotting. */
export async function plotData(options: {
  readonly labDirectory: string;
  readonly score: Score;
}): Promise<PlotData> {
  const { labDirectory, score } = options;
  const { run, set, ledger_seq, metric, value, interval, baseline } = score;
  const outcome = await readOutcome(labDirectory, ledger_seq);
  const head = { run, set, ledger_seq, metric, value, interval, baseline };
  return outcome.kind === "classes"
    ? { ...head, ...classPlots(outcome) }
    : { ...head, ...numberPlots(outcome) };
}

type ClassPlots = Pick<ClassificationPlotData, "kind" | "classes" | "confusion" | "per_class">;

function classPlots({ classes, truth, predicted }: Extract<Outcome, { kind: "classes" }>): ClassPlots {
  const counts = classes.map(() => new Array<number>(classes.length).fill(0));
  for (const [row, real] of truth.entries()) {
    const line = counts[real];
    const guess = predicted[row] ?? 0;
    if (line !== undefined) line[guess] = (line[guess] ?? 0) + 1;
  }
  const occurs = counts.map(sum);
  const order = [...classes.keys()].sort((a, b) => (occurs[b] ?? 0) - (occurs[a] ?? 0) || a - b);
  const drawn = order.slice(0, DRAWN_CLASSES).sort((a, b) => a - b);
  const others = order.slice(DRAWN_CLASSES);
  const groups =
    others.length === 0 ? drawn.map((index) => [index]) : [...drawn.map((index) => [index]), others];
  const total = (rows: readonly number[], columns: readonly number[]): number =>
    sum(rows.flatMap((row) => columns.map((column) => counts[row]?.[column] ?? 0)));
  const names = drawn.map((index) => classes[index] ?? "");
  return {
    kind: "classification",
    classes: others.length === 0 ? names : [...names, "(others)"],
    confusion: groups.map((rows) => groups.map((columns) => total(rows, columns))),
    per_class: drawn.map((index) => {
      const rows = occurs[index] ?? 0;
      const guessed = sum(counts.map((line) => line[index] ?? 0));
      const hits = counts[index]?.[index] ?? 0;
      return {
        class: classes[index] ?? "",
        rows,
        precision: guessed === 0 ? null : hits / guessed,
        recall: rows === 0 ? null : hits / rows,
        f1: rows + guessed === 0 ? null : (2 * hits) / (rows + guessed),
      };
    }),
  };
}

type NumberPlots = Pick<RegressionPlotData, "kind" | "residuals" | "points">;

function numberPlots({ truth, predicted }: Extract<Outcome, { kind: "numbers" }>): NumberPlots {
  const residuals = Float64Array.from(predicted, (value, row) => value - (truth[row] ?? 0)).sort();
  const mean = sum([...residuals]) / residuals.length;
  const spread = Math.sqrt(
    sum([...residuals].map((value) => (value - mean) ** 2)) / Math.max(1, residuals.length - 1),
  );
  const at = (share: number): number => quantile([...residuals], share) ?? 0;
  const step = Math.max(1, Math.ceil(truth.length / DRAWN_POINTS));
  return {
    kind: "regression",
    residuals: {
      mean,
      sd: spread,
      quantiles: { p05: at(0.05), p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95) },
      histogram: histogramOf(residuals),
    },
    points: [...truth.entries()]
      .filter(([row]) => row % step === 0)
      .map(([row, real]) => ({ truth: real, prediction: predicted[row] ?? 0 })),
  };
}

function histogramOf(sorted: Float64Array): { edges: number[]; counts: number[] } {
  const low = sorted[0] ?? 0;
  const width = Math.max((sorted.at(-1) ?? 0) - low, 1e-12) / BINS;
  const counts = new Array<number>(BINS).fill(0);
  for (const value of sorted) {
    const bin = Math.min(BINS - 1, Math.floor((value - low) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { edges: Array.from({ length: BINS + 1 }, (_, edge) => low + edge * width), counts };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
