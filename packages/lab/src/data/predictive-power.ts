import type { QueryValue } from "./dataset.ts";

const folds = 5;
const bins = 32;
/** A column with more different values than this is cut into bins, if it is numeric. */
const mostValues = 64;

/**
 * How well one column alone foretells a class: the share of rows whose class is the majority of their bin, each
 * bin's majority taken from the other four fifths of the rows. `base` is the same without the column.
 */
export function classPower(
  feature: readonly QueryValue[],
  target: readonly string[],
): { accuracy: number; base: number } {
  const bin = toBins(feature);
  let right = 0;
  let rightBase = 0;
  for (let fold = 0; fold < folds; fold++) {
    const votes = new Map<string, Map<string, number>>();
    const all = new Map<string, number>();
    for (const [row, label] of target.entries()) {
      if (row % folds === fold) continue;
      const key = bin[row] ?? "";
      const box = votes.get(key) ?? new Map<string, number>();
      box.set(label, (box.get(label) ?? 0) + 1);
      votes.set(key, box);
      all.set(label, (all.get(label) ?? 0) + 1);
    }
    const majority = mode(all);
    const guesses = new Map([...votes].map(([key, box]) => [key, mode(box)]));
    for (let row = fold; row < target.length; row += folds) {
      if ((guesses.get(bin[row] ?? "") ?? majority) === target[row]) right++;
      if (majority === target[row]) rightBase++;
    }
  }
  return { accuracy: right / target.length, base: rightBase / target.length };
}

/** The same for a quantity: the share of its variance that the means of the bins explain on held-out rows. */
export function quantityPower(feature: readonly QueryValue[], target: readonly number[]): number {
  const bin = toBins(feature);
  const mean = target.reduce((sum, value) => sum + value, 0) / target.length;
  let residual = 0;
  for (let fold = 0; fold < folds; fold++) {
    const sums = new Map<string, { sum: number; count: number }>();
    for (const [row, value] of target.entries()) {
      if (row % folds === fold) continue;
      const key = bin[row] ?? "";
      const box = sums.get(key) ?? { sum: 0, count: 0 };
      sums.set(key, { sum: box.sum + value, count: box.count + 1 });
    }
    for (let row = fold; row < target.length; row += folds) {
      const box = sums.get(bin[row] ?? "");
      const guess = box === undefined ? mean : box.sum / box.count;
      residual += ((target[row] ?? 0) - guess) ** 2;
    }
  }
  const total = target.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return total === 0 ? 0 : 1 - residual / total;
}

/** Spearman's correlation over the rows in which both are present: 1 or -1 for a copy, however transformed. */
export function rankCorrelation(feature: readonly QueryValue[], target: readonly number[]): number {
  const pairs: [number, number][] = [];
  for (const [row, value] of feature.entries()) {
    const truth = target[row];
    if (typeof value === "number" && truth !== undefined) pairs.push([value, truth]);
  }
  return pearson(ranks(pairs.map(([x]) => x)), ranks(pairs.map(([, y]) => y)));
}

function pearson(x: readonly number[], y: readonly number[]): number {
  const n = x.length;
  if (n < 10) return 0;
  const meanX = x.reduce((a, b) => a + b, 0) / n;
  const meanY = y.reduce((a, b) => a + b, 0) / n;
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let row = 0; row < n; row++) {
    const dx = (x[row] ?? 0) - meanX;
    const dy = (y[row] ?? 0) - meanY;
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 ? 0 : xy / Math.sqrt(xx * yy);
}

/** Ranks with ties at their mean. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((value, row) => ({ value, row })).sort((a, b) => a.value - b.value);
  const result = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && order[end]?.value === order[start]?.value) end++;
    for (let at = start; at < end; at++) result[order[at]?.row ?? 0] = (start + end - 1) / 2;
    start = end;
  }
  return result;
}

/** Missing values are a bin of their own: that something is missing can tell as much as what is there. */
function toBins(feature: readonly QueryValue[]): string[] {
  const values = new Set(feature);
  const numbers = feature.filter((value) => typeof value === "number");
  const present = feature.filter((value) => value !== null);
  if (values.size <= mostValues || numbers.length < present.length) {
    return feature.map((value) => (value === null ? "missing" : `=${value}`));
  }
  const sorted = numbers.sort((a, b) => a - b);
  const edges = Array.from(
    { length: bins - 1 },
    (_, index) => sorted[Math.floor(((index + 1) * sorted.length) / bins)] ?? 0,
  );
  return feature.map((value) => (typeof value === "number" ? String(binOf(value, edges)) : "missing"));
}

function binOf(value: number, edges: readonly number[]): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value < (edges[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function mode(counts: ReadonlyMap<string, number>): string {
  let best = "";
  let most = -1;
  for (const [value, count] of counts) {
    if (count > most || (count === most && value < best)) [best, most] = [value, count];
  }
  return best;
}
