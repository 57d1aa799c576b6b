import { expect, it } from "vitest";
import type { Contract } from "../contract/contract.ts";
import { baselineOf } from "./baseline.ts";
import type { Outcome } from "./outcome.ts";

const outcome: Outcome = {
  kind: "classes",
  classes: ["no", "yes"],
  truth: Int32Array.from({ length: 10 }, (_, row) => (row < 2 ? 1 : 0)),
  predicted: new Int32Array(10),
  probabilities: null,
};
const counts = [
  { value: "no", count: 80 },
  { value: "yes", count: 20 },
];

it.each([
  ["accuracy", 'always "no"', 0.8],
  // A precision of 0.2 and a recall of 1. That F1 is 0 without any "yes" would make every model look good.
  ["f1", 'always "yes"', 0.4 / 1.2],
] as const)("the best constant answers for %s", (metric, name, value) => {
  const contract = { metric, positive_class: "yes", classes: ["no", "yes"] } as unknown as Contract;
  const baseline = baselineOf({ kind: "classes", counts }, outcome, contract);
  expect(baseline.name).toBe(name);
  expect(baseline.value).toBeCloseTo(value, 10);
});
