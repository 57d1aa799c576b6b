import type { Contract } from "../contract/contract.ts";
import type { TrainSummary } from "../contract/seal-rows.ts";
import { classIndex } from "./class-index.ts";
import type { Outcome } from "./outcome.ts";
import { scorerOf } from "./scorer-of.ts";

/** What a model that has learnt nothing but how often each label occurs would reach on the same rows. */
export function baselineOf(
  train: TrainSummary,
  outcome: Outcome,
  contract: Contract,
): { readonly name: string; readonly value: number } {
  const { name, guess } = guessFrom(train, outcome, contract);
  return { name, value: scorerOf(contract.metric, guess, contract)?.(null) ?? Number.NaN };
}

function guessFrom(
  train: TrainSummary,
  outcome: Outcome,
  contract: Contract,
): { name: string; guess: Outcome } {
  if (train.kind === "classes" && outcome.kind === "classes") return classGuess(train, outcome, contract);
  if (train.kind === "quantity" && outcome.kind === "numbers") return constantGuess(train, outcome, contract);
  throw new TypeError(`a summary of ${train.kind} cannot be a baseline for ${outcome.kind}`);
}

/** The most frequent class is the best constant, but not for the F1 of a rare one: there that is always "yes". */
function classGuess(
  { counts }: Extract<TrainSummary, { kind: "classes" }>,
  { classes, truth }: Extract<Outcome, { kind: "classes" }>,
  { metric, positive_class }: Contract,
): { name: string; guess: Outcome } {
  const indexOf = classIndex(classes);
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const shares = new Float64Array(classes.length);
  for (const { value, count } of counts) {
    const index = indexOf(value);
    if (index !== null) shares[index] = count / total;
  }
  const positive = metric === "f1" && positive_class !== null ? indexOf(positive_class) : null;
  const constant = positive ?? shares.indexOf(Math.max(...shares));
  const probabilities = new Float64Array(truth.length * classes.length);
  for (let row = 0; row < truth.length; row++) probabilities.set(shares, row * classes.length);
  const predicted = new Int32Array(truth.length).fill(constant);
  return {
    name: `always "${classes[constant]}"`,
    guess: { kind: "classes", classes, truth, predicted, probabilities },
  };
}

/** The mean is the best constant for squared errors, the median for absolute ones. */
function constantGuess(
  { mean, median }: Extract<TrainSummary, { kind: "quantity" }>,
  { truth }: Extract<Outcome, { kind: "numbers" }>,
  { metric }: Contract,
): { name: string; guess: Outcome } {
  const predicted = new Float64Array(truth.length).fill(metric === "mae" ? median : mean);
  return {
    name: metric === "mae" ? "train median" : "train mean",
    guess: { kind: "numbers", truth, predicted },
  };
}
