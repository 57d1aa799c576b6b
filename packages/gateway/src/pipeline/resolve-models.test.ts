import { scriptedEngine } from "@ml-intern/testkit";
import { describe, expect, it } from "vitest";
import { modelResolver } from "./resolve-models.ts";

const engines = { anthropic: scriptedEngine([]), vllm: scriptedEngine([]) };

function resolved(model: string, models: Readonly<Record<string, readonly string[]>> = {}): unknown {
  return modelResolver({ engines, models })(model).map(({ fullName, name, engine }) => {
    expect(Object.values(engines)).toContain(engine);
    expect(fullName.endsWith(`/${name}`)).toBe(true);
    return fullName;
  });
}

describe("a model name", () => {
  const models = {
    "claude-sonnet-5-5": ["anthropic/claude-sonnet-5-5", "vllm/qwen3"],
    "claude-*": ["anthropic/claude-*", "vllm/small"],
    "claude-haiku-*": ["vllm/small"],
    "*": ["vllm/any"],
    "vllm/qwen3": ["anthropic/instead"],
  };

  it.each([
    ["claude-sonnet-5-5", ["anthropic/claude-sonnet-5-5", "vllm/qwen3"]],
    ["claude-opus-5-5", ["anthropic/claude-opus-5-5", "vllm/small"]],
    ["claude-haiku-5-5-20260901", ["vllm/small"]],
    ["gpt", ["vllm/any"]],
    ["anthropic/claude-x", ["anthropic/claude-x"]],
    ["anthropic/org/name", ["anthropic/org/name"]],
    ["vllm/qwen3", ["anthropic/instead"]],
    ["none/of/ours", ["vllm/any"]],
  ])("%s means %j", (model, expected) => {
    expect(resolved(model, models)).toEqual(expected);
  });

  it.each(["gpt", "", "/", "vllm/", "vllm", "none/x", "__proto__/x", "constructor/x"])(
    "%j means nothing without aliases",
    (model) => {
      expect(resolved(model)).toEqual([]);
    },
  );

  it.each<[string, readonly string[], string]>([
    ["a", [], "stands for no model"],
    ["a", ["none/x"], "engines are: anthropic, vllm"],
    ["a", ["vllm/x", "vllm/"], "stands for vllm/,"],
    ["a", ["vllm/*"], "stands for vllm/*,"],
  ])("%s that stands for %j is refused at the start", (alias, targets, words) => {
    expect(() => modelResolver({ engines, models: { [alias]: targets } })).toThrow(words);
  });
});
