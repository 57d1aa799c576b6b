import type { Scorer } from "./bootstrap.ts";

export interface NumberPairs {
  readonly truth: Float64Array;
  readonly predicted: Float64Array;
}

/** Root of the mean squared error, in the target's unit. */
export function rmse(pairs: NumberPairs): Scorer {
  return (weights) => Math.sqrt(meanOver(pairs, weights, (difference) => difference ** 2));
}

/** Mean absolute error, in the target's unit. */
export function mae(pairs: NumberPairs): Scorer {
  return (weights) => meanOver(pairs, weights, Math.abs);
}

/** 1 minus the share of the variance that is left over; NaN where the truth does not vary. */
export function r2(pairs: NumberPairs): Scorer {
  return (weights) => {
    const centre = meanOver(pairs, weights, (_, truth) => truth);
    const variance = meanOver(pairs, weights, (_, truth) => (truth - centre) ** 2);
    const left = meanOver(pairs, weights, (difference) => difference ** 2);
    return variance === 0 ? Number.NaN : 1 - left / variance;
  };
}

function meanOver(
  { truth, predicted }: NumberPairs,
  weights: Float64Array | null,
  valueFor: (difference: number, truth: number) => number,
): number {
  let sum = 0;
  let all = 0;
  for (let row = 0; row < truth.length; row++) {
    const weight = weights?.[row] ?? 1;
    if (weight === 0) continue;
    const real = truth[row] ?? 0;
    sum += weight * valueFor((predicted[row] ?? 0) - real, real);
    all += weight;
  }
  return sum / all;
}
