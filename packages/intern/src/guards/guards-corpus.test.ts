import { expect, test } from "vitest";
import type { GuardName } from "./guard-step.ts";

type Measure = (corpus: readonly unknown[]) => {
  readonly loops: Readonly<Record<GuardName, number>>;
  readonly caught: Readonly<Record<GuardName, number>>;
  readonly right: Readonly<Record<GuardName, number>>;
  readonly wrong: Readonly<Record<GuardName, number>>;
  readonly falsePositives: readonly string[];
  readonly falseNegatives: readonly string[];
};

// The corpus lies beside the sources, out of the build's reach.
const place = new URL("../../corpus/guards/", import.meta.url);
const { corpus, hard } = (await import(new URL("index.ts", place).href)) as Record<
  "corpus" | "hard",
  readonly unknown[]
>;
const { measure } = (await import(new URL("measure.ts", place).href)) as { measure: Measure };

test("in the corpus every loop is caught by its guard in time, and no honest session is disturbed", () => {
  expect(corpus.length).toBeGreaterThanOrEqual(100);
  const { falsePositives, falseNegatives } = measure(corpus);
  expect({ falsePositives, falseNegatives }).toEqual({ falsePositives: [], falseNegatives: [] });
});

test.each(["repetition", "cycle"] as const)(
  "with the hard sessions, %s keeps 0.95 of precision and recall",
  (guard) => {
    const { loops, caught, right, wrong } = measure([...corpus, ...hard]);
    expect(caught[guard] / loops[guard]).toBeGreaterThanOrEqual(0.95);
    expect(right[guard] / (right[guard] + wrong[guard])).toBeGreaterThanOrEqual(0.95);
  },
);
