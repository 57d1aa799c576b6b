import { expect, test } from "vitest";
import { linesOf, NO_TOKENS, requestAtMost } from "./budget-line.ts";
import { createPrices } from "./prices.ts";

const prices = createPrices(
  {
    models: { "e/m": { input: 2, output: 10 }, "e/flat": { input: 2, cacheWrite5m: 0, output: 10 } },
    computePerHour: { gpu: 1 },
    storagePerGigabyteMonth: { hf: 0.02 },
  },
  { isLocal: () => false },
);

test("a request has a line for each kind of token, and cached ones say what they saved", () => {
  const tokens = { input: 10, cache_write_5m: 1_000, cache_write_1h: 0, cache_read: 100_000, output: 20 };
  expect(linesOf({ kind: "tokens", model: "e/m", tokens }, prices)).toEqual([
    { kind: "input", of: "e/m", quantity: 10, usd: "0.00002" },
    { kind: "cache_write_5m", of: "e/m", quantity: 1_000, usd: "0.0025", saved_usd: "-0.0005" },
    { kind: "cache_read", of: "e/m", quantity: 100_000, usd: "0.02", saved_usd: "0.18" },
    { kind: "output", of: "e/m", quantity: 20, usd: "0.0002" },
  ]);
});

test("a machine is charged by the second and a store by the byte, to the nearest picodollar", () => {
  expect(linesOf({ kind: "compute", machine: "gpu", seconds: 0.2 }, prices)).toEqual([
    { kind: "compute", of: "gpu", quantity: 1, usd: "0.000277777778" },
  ]);
  expect(linesOf({ kind: "storage", place: "hf", bytes: 2.5e9 }, prices)).toEqual([
    { kind: "storage", of: "hf", quantity: 2_500_000_000, usd: "0.05" },
  ]);
});

test("what has no price has a quantity and no money", () => {
  const tokens = { ...NO_TOKENS, cache_read: 5 };
  expect(linesOf({ kind: "tokens", model: "x/y", tokens }, prices)).toEqual([
    { kind: "cache_read", of: "x/y", quantity: 5, usd: null },
  ]);
  expect(linesOf({ kind: "compute", machine: "h100", seconds: 60 }, prices)[0]?.usd).toBeNull();
});

test("the most that a request can come to takes the dearer of reading a prompt and writing it to the cache", () => {
  const request = { promptTokens: 1_000_000, maxTokens: 100_000 };
  expect(requestAtMost({ model: "e/m", ...request }, prices).map(({ usd }) => usd)).toEqual(["2.5", "1"]);
  expect(requestAtMost({ model: "e/flat", ...request }, prices).map(({ usd }) => usd)).toEqual(["2", "1"]);
});
