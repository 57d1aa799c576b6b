import { readFileSync } from "node:fs";
import { readSettings, section } from "@ml-intern/gateway/settings";
import { expect, test } from "vitest";
import { limitsOf } from "./budget-limits.ts";
import { NO_TOKENS } from "./budget-line.ts";
import { budgetSchema } from "./budget-schema.ts";
import { type BudgetPrices, createPrices, type Prices } from "./prices.ts";

const isLocal = (model: string): boolean => model.startsWith("llama/");

function prices(settings: BudgetPrices = {}, override?: string): Prices {
  return createPrices(settings, { isLocal, override });
}

test("this machine costs nothing, what is not known is not free", () => {
  expect(prices().ofTokens("llama/qwen3", NO_TOKENS)?.input).toBe(0n);
  expect(prices().ofComputeHour("local")).toBe(0n);
  expect(prices().ofGigabyteMonth("local")).toBe(0n);
  expect(prices().ofTokens("vllm/qwen3", NO_TOKENS)).toBeNull();
  expect(prices().ofComputeHour("a10g-small")).toBeNull();
  expect(prices().ofGigabyteMonth("hf")).toBeNull();
});

test("settings come before the list, also for what is local", () => {
  const own = prices({
    models: { "vllm/*": { input: 0.3, output: 1.2 }, "llama/big": { input: 1, output: 1 } },
    computePerHour: { "a10g-*": 1.5, "a10g-small": 1, "*": 9 },
    storagePerGigabyteMonth: { hf: 0.02 },
  });
  expect(own.ofTokens("vllm/qwen3", NO_TOKENS)).toMatchObject({ input: 300_000n, cache_read: 30_000n });
  expect(own.ofTokens("llama/big", NO_TOKENS)?.output).toBe(1_000_000n);
  expect(own.ofTokens("llama/small", NO_TOKENS)?.output).toBe(0n);
  expect(own.ofTokens("anthropic/claude-opus-5-5", NO_TOKENS)?.input).toBe(4_000_000n);
  expect(own.ofComputeHour("a10g-small")).toBe(1_000_000_000_000n);
  expect(own.ofComputeHour("a10g-large")).toBe(1_500_000_000_000n);
  expect(own.ofComputeHour("h100")).toBe(9_000_000_000_000n);
  expect(own.ofComputeHour("local")).toBe(0n);
  expect(own.ofGigabyteMonth("hf")).toBe(20_000_000_000n);
});

test("electricity is the price of this machine, unless that is said outright", () => {
  const electricity = { usdPerKilowattHour: 0.4, watts: 250 };
  expect(prices({ electricity }).ofComputeHour("local")).toBe(100_000_000_000n);
  expect(prices({ electricity, computePerHour: { local: 2 } }).ofComputeHour("local")).toBe(
    2_000_000_000_000n,
  );
});

test("the variable comes before all", () => {
  const own = prices({ models: { "vllm/qwen3": { input: 9, output: 9 } } }, "3,15");
  for (const model of ["vllm/qwen3", "llama/qwen3", "anthropic/claude-opus-5-5"]) {
    expect(own.ofTokens(model, NO_TOKENS)).toMatchObject({ input: 3_000_000n, output: 15_000_000n });
  }
  expect(prices({}, "nonsense").ofTokens("vllm/qwen3", NO_TOKENS)).toBeNull();
});

test("a long prompt has the price that is set for it", () => {
  const long = prices({
    models: { m: { input: 1, output: 1, longPrompt: { above: 1_000, input: 2, output: 3 } } },
  });
  expect(long.ofTokens("e/m", { ...NO_TOKENS, cache_read: 1_001 })?.output).toBe(3_000_000n);
});

test("the section is checked as it is read", () => {
  const section = {
    usd: 20,
    computeHours: 1.5,
    keepBackPercent: 5,
    prices: { models: { "vllm/*": { input: 0.3, output: 1.2 } }, computePerHour: { "a10g-*": 1.5 } },
  };
  expect(budgetSchema.parse(section)).toEqual(section);
  expect(budgetSchema.parse({ usd: "20", tokens: "5_000" })).toEqual({ usd: 20, tokens: 5_000 });
  for (const slip of [
    { usd: 0 },
    { usd: "much" },
    { keepBackPercent: 80 },
    { dollars: 20 },
    { prices: { computePerHour: { "a*b": 1 } } },
    { prices: { computePerHour: { a: 0.0000001 } } },
    { prices: { models: { m: { input: 1 } } } },
  ]) {
    expect(budgetSchema.safeParse(slip).success, JSON.stringify(slip)).toBe(false);
  }
});

test("the example of docs/budget.md is a section", () => {
  const text = readFileSync(new URL("../../../../docs/budget.md", import.meta.url), "utf8");
  const yaml = /```yaml\n(.*?)```/s.exec(text)?.[1] ?? "";
  const schema = section({ budget: budgetSchema });
  const { budget } = readSettings(yaml, { file: "", variables: {}, schema, secrets: new Set(), mend: "" });
  expect(limitsOf(budget).most).toEqual({
    usd: 20_000_000_000_000n,
    tokens: 20_000_000n,
    compute: 36_000n,
    storage: 50_000_000_000n,
  });
  const own = prices(budget.prices);
  expect(own.ofComputeHour("local")).toBe(140_000_000_000n);
  expect(own.ofTokens("vllm/qwen3", NO_TOKENS)?.cache_read).toBe(30_000n);
});
