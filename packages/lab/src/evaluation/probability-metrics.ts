import type { Scorer } from "./bootstrap.ts";

/** True classes and the probabilities that a model gives: row by row, one column a class. */
export interface ClassProbabilities {
  readonly truth: Int32Array;
  readonly probabilities: Float64Array;
  readonly classes: number;
}

/** Area under the ROC curve: of the positive class for two classes, else the mean of one class against the rest. */
export function rocAuc(options: ClassProbabilities, positive: number): Scorer {
  const { classes } = options;
  if (classes === 2) return binaryAuc(options, positive);
  const scorers = Array.from({ length: classes }, (_, index) => binaryAuc(options, index));
  return (weights) => {
    const areas = scorers.map((scorer) => scorer(weights)).filter(Number.isFinite);
    return areas.reduce((sum, area) => sum + area, 0) / areas.length;
  };
}

/** Sorted once, so that each resample is one pass; ties count half. NaN when one side does not occur. */
function binaryAuc({ truth, probabilities, classes }: ClassProbabilities, positive: number): Scorer {
  const score = (row: number): number => probabilities[row * classes + positive] ?? 0;
  const order = Int32Array.from(truth.keys()).sort((a, b) => score(a) - score(b));
  return (weights) => {
    let area = 0;
    let below = 0;
    let positives = 0;
    for (let start = 0; start < order.length; ) {
      let end = start;
      let tiedPositive = 0;
      let tiedNegative = 0;
      const value = score(order[start] ?? 0);
      for (; end < order.length && score(order[end] ?? 0) === value; end++) {
        const row = order[end] ?? 0;
        const weight = weights?.[row] ?? 1;
        if (truth[row] === positive) tiedPositive += weight;
        else tiedNegative += weight;
      }
      area += tiedPositive * (below + tiedNegative / 2);
      below += tiedNegative;
      positives += tiedPositive;
      start = end;
    }
    return area / (positives * below);
  };
}

/** Mean negative logarithm of the true class's probability, after rows are made to sum to 1. */
export function logLoss({ truth, probabilities, classes }: ClassProbabilities): Scorer {
  const losses = Float64Array.from(truth, (label, row) => {
    let sum = 0;
    for (let index = 0; index < classes; index++) sum += probabilities[row * classes + index] ?? 0;
    const share = (probabilities[row * classes + label] ?? 0) / sum;
    return -Math.log(Math.min(1, Math.max(Number.EPSILON, share)));
  });
  return (weights) => {
    let loss = 0;
    let all = 0;
    for (let row = 0; row < losses.length; row++) {
      const weight = weights?.[row] ?? 1;
      loss += weight * (losses[row] ?? 0);
      all += weight;
    }
    return loss / all;
  };
}
