import type { Contract } from "../contract/contract.ts";
import { quantile } from "./bootstrap.ts";
import { classIndex } from "./class-index.ts";
import type { Outcome } from "./outcome.ts";
import { scorerOf } from "./scorer-of.ts";

/** What a model that has learnt nothing but the training labels would reach on the same rows. */
export function baselineOf(
  trainLabels: readonly string[],
  outcome: Outcome,
  contract: Contract,
): { readonly name: string; readonly value: number } {
  const { name, guess } =
    outcome.kind === "numbers"
      ? constantGuess(trainLabels, outcome, contract)
      : majorityGuess(trainLabels, outcome);
  return { name, value: scorerOf(contract.metric, guess, contract)?.(null) ?? Number.NaN };
}

function majorityGuess(
  trainLabels: readonly string[],
  outcome: Extract<Outcome, { kind: "classes" }>,
): { name: string; guess: Outcome } {
  const { classes, truth } = outcome;
  const indexOf = classIndex(classes);
  const counts = new Float64Array(classes.length);
  for (const label of trainLabels) {
    const index = indexOf(label);
    if (index !== null) counts[index] = (counts[index] ?? 0) + 1;
  }
  const majority = counts.indexOf(Math.max(...counts));
  const shares = counts.map((count) => count / trainLabels.length);
  const probabilities = new Float64Array(truth.length * classes.length);
  for (let row = 0; row < truth.length; row++) probabilities.set(shares, row * classes.length);
  const predicted = new Int32Array(truth.length).fill(majority);
  return {
    name: `always "${classes[majority]}"`,
    guess: { kind: "classes", classes, truth, predicted, probabilities },
  };
}

/** The mean is the best constant for squared errors, the median for absolute ones. */
function constantGuess(
  trainLabels: readonly string[],
  { truth }: Extract<Outcome, { kind: "numbers" }>,
  { metric }: Contract,
): { name: string; guess: Outcome } {
  const values = trainLabels
    .map(Number)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const constant =
    metric === "mae"
      ? (quantile(values, 0.5) ?? 0)
      : values.reduce((sum, value) => sum + value, 0) / values.length;
  const predicted = new Float64Array(truth.length).fill(constant);
  return {
    name: metric === "mae" ? "train median" : "train mean",
    guess: { kind: "numbers", truth, predicted },
  };
}
