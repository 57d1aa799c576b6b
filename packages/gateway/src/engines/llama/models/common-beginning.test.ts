import { expect, test } from "vitest";
import { randomNumbers } from "../grammar/testing/random-numbers.ts";
import { commonBeginning } from "./common-beginning.ts";

test("the common beginning of random texts is what comparing character by character finds", () => {
  const random = randomNumbers(1122);
  for (let round = 0; round < 500; round++) {
    const one = "ab".repeat(Math.floor(random() * 2000));
    const at = Math.floor(random() * (one.length + 1));
    const other = one.slice(0, at) + (random() < 0.8 ? "c".repeat(random() * 900) : "");
    expect(commonBeginning(one, other), `${one.length} and ${other.length} characters`).toBe(at);
    expect(commonBeginning(other, one)).toBe(at);
  }
});

test("of texts without anything in common it is empty", () => {
  expect(commonBeginning("", "text")).toBe(0);
  expect(commonBeginning("text", "")).toBe(0);
  expect(commonBeginning("a".repeat(5000), "b".repeat(5000))).toBe(0);
});
