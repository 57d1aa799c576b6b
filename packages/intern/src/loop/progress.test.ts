import { expect, test } from "vitest";
import { progressOf } from "./progress.ts";

test("what is left follows from what the steps so far have taken; skipped steps do not count", () => {
  const plan = [
    { title: "inspect", status: "done" },
    { title: "tune", status: "skipped" },
    { title: "train", status: "active" },
    { title: "publish", status: "pending" },
  ] as const;
  expect(progressOf(plan, 10_000)).toEqual({
    type: "progress",
    text: "step 2 of 3: train",
    elapsed_ms: 10_000,
    remaining_ms: 20_000,
  });
  expect(progressOf([{ title: "inspect", status: "active" }], 5)).toMatchObject({ remaining_ms: null });
  expect(progressOf([], 5)).toBeNull();
});
