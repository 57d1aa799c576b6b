import { expect, test } from "vitest";
import { percentileInterval, quantile, resampled } from "./bootstrap.ts";
import { classIndex } from "./class-index.ts";
import type { Outcome } from "./outcome.ts";
import { scorerOf } from "./scorer-of.ts";
import { seededIntegers } from "./seeded-random.ts";

/**
 * Expected values come from scikit-learn 1.7.2, computed by packages/lab/python/metric_values.py in the base environment
 * on the same rows (the generator below is the same in both).
 */
const EXPECTED = {
  weighted: {
    accuracy: 0.7733333333333333,
    balanced_accuracy: 0.7757524261468086,
    macro_f1: 0.7703337687840458,
    f1: 0.7450980392156863,
    f1_no: 0.912751677852349,
    roc_auc: 0.44219054580896683,
    roc_auc_ovr: 0.4759818619835119,
    log_loss: 1.2674081842446268,
    rmse: 6.112447786052632,
    mae: 5.235426008968608,
    r2: 0.958814088120611,
  },
  plain: {
    accuracy: 0.74,
    balanced_accuracy: 0.7409425524595804,
    macro_f1: 0.7378391967533567,
    f1: 0.7068965517241379,
    f1_no: 0.8802816901408451,
    roc_auc: 0.43602012023064657,
    roc_auc_ovr: 0.47614572040962133,
    log_loss: 1.268919046360314,
    rmse: 5.870604738866347,
    mae: 5.030666666666666,
    r2: 0.9610513821173017,
  },
} as const;

const signal = new AbortController().signal;

function three(): Extract<Outcome, { kind: "classes" }> {
  const draw = seededIntegers(7);
  const rows = 200;
  const truth = Int32Array.from({ length: rows }, () => draw(3));
  const predicted = Int32Array.from(truth, (label) => (draw(10) < 6 ? label : draw(3)));
  const probabilities = Float64Array.from({ length: rows * 3 }, () => 1 + draw(8));
  for (let row = 0; row < rows; row++) {
    const total = [0, 1, 2].reduce((sum, column) => sum + (probabilities[row * 3 + column] ?? 0), 0);
    for (let column = 0; column < 3; column++)
      probabilities[row * 3 + column] = (probabilities[row * 3 + column] ?? 0) / total;
  }
  return { kind: "classes", classes: ["a", "b", "c"], truth, predicted, probabilities };
}

function two(): Outcome {
  const { truth, predicted, probabilities } = three();
  const positive = Float64Array.from(truth, (_, row) => probabilities?.[row * 3] ?? 0);
  return {
    kind: "classes",
    classes: ["no", "yes"],
    truth: truth.map((label) => (label === 0 ? 1 : 0)),
    predicted: predicted.map((label) => (label === 0 ? 1 : 0)),
    probabilities: Float64Array.from({ length: truth.length * 2 }, (_, at) =>
      at % 2 === 1 ? (positive[at >> 1] ?? 0) : 1 - (positive[at >> 1] ?? 0),
    ),
  };
}

function numbers(): Outcome {
  const draw = seededIntegers(11);
  const truth = Float64Array.from({ length: 150 }, () => draw(1000) / 10);
  return { kind: "numbers", truth, predicted: truth.map((value) => value + (draw(200) - 100) / 10) };
}

const weightsFor = (rows: number): Float64Array => Float64Array.from({ length: rows }, (_, row) => row % 4);

const cases = {
  accuracy: three,
  balanced_accuracy: three,
  macro_f1: three,
  f1: two,
  roc_auc: two,
  log_loss: three,
  rmse: numbers,
  mae: numbers,
  r2: numbers,
} as const;

test.each(Object.keys(cases) as (keyof typeof cases)[])(
  "%s is what scikit-learn says, also with weights",
  (metric) => {
    const outcome = cases[metric]();
    const scorer = scorerOf(metric, outcome, { positive_class: null });
    expect(scorer?.(null)).toBeCloseTo(EXPECTED.plain[metric], 10);
    expect(scorer?.(weightsFor(outcome.truth.length))).toBeCloseTo(EXPECTED.weighted[metric], 10);
  },
);

test("the area for several classes is the mean of one against the rest", () => {
  expect(scorerOf("roc_auc", three(), { positive_class: null })?.(null)).toBeCloseTo(
    EXPECTED.plain.roc_auc_ovr,
    10,
  );
});

test("the contract's positive class decides, not the order", () => {
  const scorer = scorerOf("f1", two(), { positive_class: "no" });
  expect(scorer?.(null)).toBeCloseTo(EXPECTED.plain.f1_no, 10);
});

test("a metric that needs probabilities is not made up without them", () => {
  const outcome = { ...three(), probabilities: null };
  expect(scorerOf("log_loss", outcome, { positive_class: null })).toBeNull();
  expect(scorerOf("roc_auc", outcome, { positive_class: null })).toBeNull();
});

test("the interval of a share agrees with the textbook, and is the same every time", async () => {
  const truth = new Int32Array(400);
  const predicted = truth.map((_, row) => (row < 80 ? 1 : 0));
  const outcome: Outcome = { kind: "classes", classes: ["a", "b"], truth, predicted, probabilities: null };
  const statistic = scorerOf("accuracy", outcome, { positive_class: null });
  if (statistic === null) throw new Error("no scorer");
  const values = await resampled({ rows: 400, seed: 3, statistic, signal });
  const [low, high] = percentileInterval(values, 0);
  // 0.8 plus and minus 1.96 standard errors of 0.02.
  expect(low).toBeCloseTo(0.761, 1);
  expect(high).toBeCloseTo(0.839, 1);
  expect(low).toBeGreaterThan(0.74);
  expect(high).toBeLessThan(0.86);
  expect(await resampled({ rows: 400, seed: 3, statistic, signal })).toEqual(values);
  expect(await resampled({ rows: 400, seed: 4, statistic, signal })).not.toEqual(values);
});

test("an interrupt stops the resampling", async () => {
  const controller = new AbortController();
  controller.abort(new Error("stop"));
  await expect(
    resampled({ rows: 10, seed: 1, statistic: () => 1, signal: controller.signal }),
  ).rejects.toThrow("stop");
});

test("quantiles interpolate as numpy's do", () => {
  expect(quantile([1, 2, 4, 8], 0.5)).toBe(3);
  expect(quantile([1, 2, 4, 8], 0.9)).toBeCloseTo(6.8, 12);
  expect(quantile([], 0.5)).toBeNull();
});

test("labels are found by spelling first, then as the same number or word, never by guessing", () => {
  const digits = classIndex(["0", "1", "3"]);
  expect([digits("3"), digits("3.0"), digits(" 1"), digits("2"), digits("")]).toEqual([2, 2, 1, null, null]);
  expect(classIndex(["True", "False"])("true")).toBe(0);
  const alike = classIndex(["yes", "Yes"]);
  expect([alike("yes"), alike("Yes"), alike("YES")]).toEqual([0, 1, null]);
});
