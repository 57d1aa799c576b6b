import type { Usage } from "@ml-intern/messages";
import { expect, test } from "vitest";
import type { SessionState } from "../session/session-state.ts";
import { affordableOutput } from "./budget.ts";
import { costOf, priceOf, savedOf } from "./price-table.ts";

const price = {
  input: 2_000_000n,
  cache_write_5m: 2_500_000n,
  cache_write_1h: 4_000_000n,
  cache_read: 100_000n,
  output: 10_000_000n,
};

function state(usd: number): SessionState {
  return {
    messages: [],
    spent: { usd, unpriced: false, input_tokens: 0, output_tokens: 0 },
    options: { model: "x/y" },
  } as unknown as SessionState;
}

test("each kind of token is charged at its own price", () => {
  const usage = {
    input_tokens: 1_000_000,
    cache_creation_input_tokens: 3_000_000,
    cache_read_input_tokens: 10_000_000,
    cache_creation: { ephemeral_5m_input_tokens: 2_000_000, ephemeral_1h_input_tokens: 1_000_000 },
    output_tokens: 100_000,
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: null,
  };
  expect(costOf(usage, price)).toBe(2 + 2 * 2.5 + 4 + 1 + 1);
});

test("what a cache saves is counted against the prompt at full price, and a write that nobody reads costs", () => {
  const usage = (read: number, written: number): Usage => ({
    input_tokens: 1_000_000,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
    output_tokens: 1,
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: null,
  });
  expect(savedOf(usage(0, 0), price)).toBe(0);
  expect(savedOf(usage(10_000_000, 0), price)).toBe(20 - 1);
  expect(savedOf(usage(0, 1_000_000), price)).toBe(2 - 2.5);
});

test("the output that is asked for shrinks to what the budget still pays", () => {
  expect(affordableOutput({ usd: 10, price, maxTokens: 16_000 }, state(0))).toEqual({
    kind: "granted",
    maxTokens: 16_000,
  });
  const tight = affordableOutput({ usd: 0.1, price, maxTokens: 16_000 }, state(0));
  expect(tight).toMatchObject({ kind: "granted" });
  if (tight.kind === "granted") expect(tight.maxTokens).toBeLessThan(16_000);
});

test("a prompt that was counted is not guessed", () => {
  const budget = { usd: 0.1, price, maxTokens: 16_000 };
  // 32,000 tokens at $2.50 are $0.08, and what is left pays for 2,000 tokens at $10.
  expect(affordableOutput(budget, state(0), 32_000)).toEqual({ kind: "granted", maxTokens: 2_000 });
  expect(affordableOutput(budget, state(0), 40_001).kind).toBe("refused");
});

test("a request that could exceed the budget is refused before it is sent", () => {
  expect(affordableOutput({ usd: 1, price, maxTokens: 16_000 }, state(0.99))).toMatchObject({
    kind: "refused",
    cause: { code: "budget/spent", mend: expect.stringContaining("--budget-usd") },
  });
});

test("a cap with an unknown price is refused, since it could not be kept", () => {
  expect(affordableOutput({ usd: 1, price: null, maxTokens: 100 }, state(0))).toMatchObject({
    kind: "refused",
    cause: { mend: expect.stringContaining("ML_INTERN_PRICE") },
  });
  expect(affordableOutput({ usd: null, price: null, maxTokens: 100 }, state(0)).kind).toBe("granted");
});

test("a local model costs nothing and keeps within any budget", () => {
  const free = priceOf("ollama/llama", { local: true });
  expect(affordableOutput({ usd: 0.01, price: free, maxTokens: 500 }, state(0))).toEqual({
    kind: "granted",
    maxTokens: 500,
  });
});

test("the most specific known name decides the price, an override beats it, an unknown one is null", () => {
  expect(priceOf("anthropic/claude-opus-5-5-20261001", { local: false })?.input).toBe(4_000_000n);
  expect(priceOf("anthropic/claude-opus-5-20260101", { local: false })?.input).toBe(5_000_000n);
  expect(priceOf("openai/some-model", { local: false })).toBeNull();
  expect(priceOf("openai/some-model", { local: false, override: "3,15" })).toMatchObject({
    input: 3_000_000n,
    cache_read: 3_000_000n,
    output: 15_000_000n,
  });
});
