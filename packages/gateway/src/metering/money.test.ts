import { expect, it } from "vitest";
import { formatDollars, isDollars, parseDollars } from "./money.ts";

it.each([
  [0n, "0"],
  [1n, "0.000000000001"],
  [4_200_000_000n, "0.0042"],
  [1_000_000_000_000n, "1"],
  [-1_500_000_000_000n, "-1.5"],
  [-1n, "-0.000000000001"],
  [123_456_789_012_345_678_901n, "123456789.012345678901"],
])("%d picodollars are %s dollars, and back", (amount, text) => {
  expect(formatDollars(amount)).toBe(text);
  expect(isDollars(text)).toBe(true);
  expect(parseDollars(text)).toBe(amount);
});

it.each(["", ".", "1.", ".5", "1e3", "+1", "0x1", " 1", "1 ", "1.0000000000001", "--1", "NaN"])(
  "%j is no amount",
  (text) => {
    expect(isDollars(text)).toBe(false);
  },
);
