import { seededRandom } from "@ml-intern/testkit";
import { expect, test } from "vitest";
import { literally, matchesGlob } from "./glob.ts";

test("a star stands for any characters, also for none, and the whole text has to fit", () => {
  expect(matchesGlob("data/*.csv", "data/2024/train.csv", "narrow")).toBe(true);
  expect(matchesGlob("data/*.csv", "data/.csv", "narrow")).toBe(true);
  expect(matchesGlob("data/*.csv", "my data/a.csv", "narrow")).toBe(false);
  expect(matchesGlob("data/*.csv", "data/a.csv.py", "narrow")).toBe(false);
  expect(matchesGlob("*", "", "narrow")).toBe(true);
});

test("what is allowed does not grow by a second command, another line or a way out of the folder", () => {
  for (const text of [
    "git log; rm -rf .",
    "git log\nrm -rf .",
    "git log $(cat key)",
    "git log | sh",
    "git > /x",
  ]) {
    expect(matchesGlob("git *", text, "narrow"), text).toBe(false);
    expect(matchesGlob("git *", text, "broad"), text).toBe(true);
    expect(matchesGlob("git **", text, "narrow"), text).toBe(true);
  }
  expect(matchesGlob("data/*", "data/../../etc/passwd", "narrow")).toBe(false);
  expect(matchesGlob("data/*", "data/../../etc/passwd", "broad")).toBe(true);
  expect(matchesGlob("git *", "git log v1..v2", "narrow")).toBe(true);
});

test("a backslash takes the next character as it is", () => {
  expect(matchesGlob("a\\*b", "a*b", "broad")).toBe(true);
  expect(matchesGlob("a\\*b", "axb", "broad")).toBe(false);
  for (const text of ["*", "\\", "a\\*", "**;x\n", "plain"]) {
    expect(matchesGlob(literally(text), text, "narrow"), text).toBe(true);
    expect(matchesGlob(literally(text), `${text}x`, "broad"), text).toBe(false);
  }
});

test("broadly read it is what a regular expression would say, for 5,000 patterns and texts", () => {
  const random = seededRandom(11);
  const word = (letters: readonly string[]): string =>
    Array.from({ length: random.below(9) }, () => random.pick(letters)).join("");
  let fitting = 0;
  for (let round = 0; round < 5_000; round++) {
    const pattern = word(["a", "b", "*", "*", ";"]);
    const text = word(["a", "b", ";"]);
    const expected = new RegExp(`^${pattern.replaceAll(/\*+/g, "[^]*")}$`).test(text);
    if (expected) fitting++;
    expect(matchesGlob(pattern, text, "broad"), `${pattern} ${text}`).toBe(expected);
    const narrow = new RegExp(
      `^${pattern.replaceAll(/\*+/g, (stars) => (stars === "*" ? "[^;]*" : "[^]*"))}$`,
    );
    expect(matchesGlob(pattern, text, "narrow"), `${pattern} ${text}`).toBe(narrow.test(text));
  }
  expect(fitting).toBeGreaterThan(250);
});

test("a pattern that makes regular expressions hang is answered", () => {
  const begun = performance.now();
  expect(matchesGlob(`${"*a".repeat(30)}*b`, "a".repeat(5_000), "broad")).toBe(false);
  expect(performance.now() - begun).toBeLessThan(5_000);
});
