import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { EMPTY_TEXT, grow, textSoFar, wholeText } from "./growing-text.ts";

it("is the pieces one after the other, whatever their sizes", () => {
  const pieces = Array.from({ length: 2_000 }, (_, index) =>
    String.fromCharCode(97 + (index % 26)).repeat(index % 7),
  );
  let growing = EMPTY_TEXT;
  let expected = "";
  for (const piece of [...pieces, "x".repeat(5_000), "", "end"]) {
    growing = grow(growing, piece);
    expected += piece;
    if (textSoFar(growing) !== expected) expect.fail(`wrong after ${expected.length} characters`);
  }
  expect(wholeText(growing)).toBe(expected);
});

it("is a plain value: what it was before stays", () => {
  const before = grow(EMPTY_TEXT, "a");
  grow(before, "b");
  expect(textSoFar(before)).toBe("a");
  expect(textSoFar(EMPTY_TEXT)).toBe("");
});

it("takes about the memory of its characters, also in pieces of four", () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const live = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const characters = 4 * 2 ** 20;
  const before = live();
  let growing = EMPTY_TEXT;
  for (let count = 0; count < characters / 4; count++)
    growing = grow(growing, String(1_000 + (count % 9_000)));
  const taken = live() - before;
  expect(textSoFar(growing)).toHaveLength(characters);
  expect(taken).toBeLessThan(2 * characters); // As a chain of its pieces it takes fourteen times its characters.
});
