import { expect, test } from "vitest";
import { keptTokens, nextPieceLength } from "./prompt-pieces.ts";

function pieces(length: number, longest: number): number[] {
  const lengths: number[] = [];
  for (let left = length; left > 0; left -= lengths.at(-1) ?? left)
    lengths.push(nextPieceLength(left, longest));
  return lengths;
}

test("a prompt is read in long pieces, and the last one borrows from the one before when it would be too short", () => {
  expect(pieces(512, 512)).toEqual([512]);
  expect(pieces(552, 512)).toEqual([488, 64]);
  expect(pieces(1100, 512)).toEqual([512, 512, 76]);
  expect(pieces(40, 512)).toEqual([40]);
});

test("whatever the length, the pieces add up and none but a lone one is short", () => {
  for (const longest of [128, 512]) {
    for (let length = 1; length < 2000; length++) {
      const lengths = pieces(length, longest);
      expect(lengths.reduce((sum, each) => sum + each, 0)).toBe(length);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(longest);
      if (length >= 64) expect(Math.min(...lengths)).toBeGreaterThanOrEqual(64);
    }
  }
});

test("at least one usual piece of a prompt is evaluated, even when all of it is held", () => {
  expect(keptTokens(1000, 1000)).toBe(936);
  expect(keptTokens(100, 1000)).toBe(100);
  expect(keptTokens(50, 60)).toBe(0);
});
