import type { Scorer } from "./bootstrap.ts";

/** True and predicted classes of the same rows, as indices into the contract's classes. */
export interface ClassPairs {
  readonly truth: Int32Array;
  readonly predicted: Int32Array;
  readonly classes: number;
}

/** Weighted share of rows whose class is right. */
export function accuracy({ truth, predicted }: ClassPairs): Scorer {
  return (weights) => {
    let right = 0;
    let all = 0;
    for (let row = 0; row < truth.length; row++) {
      const weight = weights?.[row] ?? 1;
      all += weight;
      if (truth[row] === predicted[row]) right += weight;
    }
    return right / all;
  };
}

/** Mean recall over the classes that occur. */
export function balancedAccuracy(pairs: ClassPairs): Scorer {
  return (weights) => {
    const { hits, occurs } = countClasses(pairs, weights);
    return mean(pairs.classes, (index) => (occurs[index] === 0 ? null : at(hits, index) / at(occurs, index)));
  };
}

/** Mean F1 over the classes that occur or are predicted. */
export function macroF1(pairs: ClassPairs): Scorer {
  return (weights) => {
    const { hits, occurs, predicted } = countClasses(pairs, weights);
    return mean(pairs.classes, (index) => {
      const both = at(occurs, index) + at(predicted, index);
      return both === 0 ? null : (2 * at(hits, index)) / both;
    });
  };
}

/** F1 of one class; 0 when it neither occurs nor is predicted. */
export function f1(pairs: ClassPairs, positive: number): Scorer {
  return (weights) => {
    const { hits, occurs, predicted } = countClasses(pairs, weights);
    const both = at(occurs, positive) + at(predicted, positive);
    return both === 0 ? 0 : (2 * at(hits, positive)) / both;
  };
}

interface ClassCounts {
  readonly hits: Float64Array;
  readonly occurs: Float64Array;
  readonly predicted: Float64Array;
}

function countClasses({ truth, predicted, classes }: ClassPairs, weights: Float64Array | null): ClassCounts {
  const counts = {
    hits: new Float64Array(classes),
    occurs: new Float64Array(classes),
    predicted: new Float64Array(classes),
  };
  for (let row = 0; row < truth.length; row++) {
    const weight = weights?.[row] ?? 1;
    const real = truth[row] ?? 0;
    const guess = predicted[row] ?? 0;
    counts.occurs[real] = at(counts.occurs, real) + weight;
    counts.predicted[guess] = at(counts.predicted, guess) + weight;
    if (real === guess) counts.hits[real] = at(counts.hits, real) + weight;
  }
  return counts;
}

function mean(count: number, valueFor: (index: number) => number | null): number {
  let sum = 0;
  let counted = 0;
  for (let index = 0; index < count; index++) {
    const value = valueFor(index);
    if (value === null) continue;
    sum += value;
    counted++;
  }
  return sum / counted;
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? 0;
}
