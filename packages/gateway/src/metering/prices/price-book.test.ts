import { expect, it } from "vitest";
import { verifies } from "../../conformance/verifies.ts";
import type { TokenCounts } from "../token-counts.ts";
import { createPriceBook, type PricedRequest } from "./price-book.ts";
import type { PriceSettings } from "./price-setting.ts";
import type { Rates } from "./rates.ts";

const NONE: TokenCounts = { input: 0, cache_write_5m: 0, cache_write_1h: 0, cache_read: 0, output: 0 };

function rates(
  name: string,
  { settings = {}, ...request }: { settings?: PriceSettings } & Partial<PricedRequest> = {},
): Rates | null {
  const [engine = "", ...model] = name.split("/");
  const asked = { engine, model: model.join("/"), batch: false, tokens: NONE, ...request };
  return createPriceBook(settings)(asked);
}

/** USD per million tokens: input, 5 m write, 1 h write, read, output. */
function dollars(found: Rates | null): readonly number[] | null {
  if (!found) return null;
  const { input, cache_write_5m, cache_write_1h, cache_read, output } = found;
  return [input, cache_write_5m, cache_write_1h, cache_read, output].map((rate) => Number(rate) / 1e6);
}

it.each([
  ["claude-opus-5-5", [4, 5, 8, 0.2, 20]],
  ["claude-sonnet-5-5", [2, 2.5, 4, 0.1, 10]],
  ["claude-opus-5", [5, 6.25, 10, 0.5, 25]],
  ["claude-haiku-4-5", [1, 1.25, 2, 0.1, 5]],
])("%s costs what the list says, at any engine and with any date", (model, expected) => {
  verifies("caching.listed-prices", "caching.price-multiples");
  for (const name of [`anthropic/${model}`, `other/${model}-20261007`, `claude/${model}-latest`]) {
    expect(dollars(rates(name)), name).toEqual(expected);
  }
});

it.each([
  "vllm/qwen3",
  "anthropic/claude-opus-5-6",
  "anthropic/claude-opus-5-5-turbo",
  "anthropic/claude",
  "anthropic/constructor",
  "anthropic/__proto__",
  // The list knows only a part of their prices.
  "anthropic/claude-fable-5-1",
  "anthropic/claude-fable-5-2",
  "anthropic/claude-haiku-5-5",
])("the price of %s is not known", (name) => {
  verifies("caching.listed-prices");
  expect(rates(name)).toBeNull();
});

it("the configuration names other models, completed with the multipliers of the list", () => {
  verifies("caching.price-multiples");
  const settings = {
    "vllm/qwen3": { input: 0.3, output: 1.2 },
    "claude-fable-5-2": { input: 8, output: 40 },
    "full/model": { input: 1, output: 2, cacheWrite5m: 0, cacheWrite1h: 3, cacheRead: 0.5, batch: 1 },
  };
  expect(dollars(rates("vllm/qwen3", { settings }))).toEqual([0.3, 0.375, 0.6, 0.03, 1.2]);
  expect(dollars(rates("anthropic/claude-fable-5-2", { settings }))).toEqual([8, 10, 16, 0.2, 40]);
  expect(dollars(rates("full/model", { settings }))).toEqual([1, 0, 3, 0.5, 2]);
  expect(dollars(rates("full/model", { settings, batch: true }))).toEqual([1, 0, 3, 0.5, 2]);
});

it("a price of nothing is a price, and only where it is said", () => {
  const settings = { "llama/*": { input: 0, output: 0 } };
  expect(dollars(rates("llama/qwen3", { settings }))).toEqual([0, 0, 0, 0, 0]);
  expect(rates("ollama/qwen3", { settings })).toBeNull();
});

it("the configuration comes before the list, and what fits more closely before what fits less", () => {
  const settings = {
    "*": { input: 1, output: 1 },
    "vllm/*": { input: 2, output: 2 },
    "vllm/Qwen/*": { input: 3, output: 3 },
    "Qwen/Qwen3": { input: 4, output: 4 },
    "claude-opus-5-5": { input: 5, output: 5 },
  };
  const input = (name: string): number | undefined => dollars(rates(name, { settings }))?.[0];
  expect(["x/y", "vllm/y", "vllm/Qwen/y", "vllm/Qwen/Qwen3", "anthropic/claude-opus-5-5"].map(input)).toEqual(
    [1, 2, 3, 4, 5],
  );
});

it("requests of a batch cost half", () => {
  verifies("caching.price-multiples");
  expect(dollars(rates("anthropic/claude-haiku-4-5", { batch: true }))).toEqual([0.5, 0.625, 1, 0.05, 2.5]);
});

it("a prompt beyond a length has another price, whatever of it was cached", () => {
  const settings = {
    m: { input: 0.1, output: 1, longPrompt: { above: 100_000, input: 0.5, output: 1 } },
  };
  const tokens = { ...NONE, input: 1, cache_read: 99_999, output: 500_000 };
  expect(dollars(rates("e/m", { settings, tokens }))?.[0]).toBe(0.1);
  expect(dollars(rates("e/m", { settings, tokens: { ...tokens, input: 2 } }))).toEqual([
    0.5, 0.625, 1, 0.05, 1,
  ]);
});

it("the list knows of such a price, too", () => {
  verifies("caching.listed-prices");
  const settings = { "claude-haiku-5-5": { input: 0.1, output: 0.5 } };
  const name = "anthropic/claude-haiku-5-5";
  const tokens = { ...NONE, input: 100_001 };
  expect(dollars(rates(name, { settings }))).toEqual([0.1, 0.125, 0.2, 0.01, 0.5]);
  expect(dollars(rates(name, { settings, tokens }))).toEqual([0.5, 0.625, 1, 0.05, 0.5]);
});

it("names without end are not remembered, and thousands of them neither", () => {
  const book = createPriceBook({ "e/*": { input: 1, output: 1 } });
  for (let index = 0; index < 3000; index++) {
    const model = index % 100 === 0 ? `${index}${"x".repeat(100_000)}` : String(index);
    expect(book({ engine: "e", model, batch: false, tokens: NONE })?.input).toBe(1_000_000n);
  }
});
