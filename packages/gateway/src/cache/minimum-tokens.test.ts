import { expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { minimumTokens } from "./minimum-tokens.ts";

it.each<[string, number]>([
  ["claude-opus-5", 512],
  ["claude-fable-5-1", 512],
  ["claude-opus-4-8", 1024],
  ["claude-sonnet-4-5-20250929", 1024],
  ["claude-opus-4-20250514", 1024],
  ["anthropic/claude-opus-4-7", 2048],
  ["claude-3-5-haiku-latest", 2048],
  ["claude-haiku-4-5", 4096],
  ["anthropic/claude-opus-4-5-20251101", 4096],
])("the minimum of %s is %i", (model, tokens) => {
  verifies("caching.minimum-by-model");
  expect(minimumTokens()(model)).toBe(tokens);
});

it("is 1,024 for Claude's that are not documented, and 256 for all others", () => {
  verifies("caching.minimum-where-none-is-known");
  const of = minimumTokens();
  expect([of("claude-opus-5-5"), of("anthropic/claude-haiku-5-5")]).toEqual([1024, 1024]);
  expect([of("llama/qwen3-4b"), of("vllm/meta-llama/Llama-3"), of("")]).toEqual([256, 256, 256]);
});

it("can be set by name and by the beginning of names, the longest first", () => {
  verifies("caching.minimum-by-model");
  const of = minimumTokens({ "llama/*": 0, "llama/qwen*": 64, "claude-opus-5": 1, "vllm/big": 10 });
  expect([of("llama/gemma"), of("llama/qwen3"), of("claude-opus-5"), of("vllm/big")]).toEqual([0, 64, 1, 10]);
  expect([of("claude-opus-4-5"), of("vllm/bigger")]).toEqual([4096, 256]);
});
