import { expect, it } from "vitest";
import type { GatewayConfiguration } from "./gateway-configuration.ts";
import { readConfiguration } from "./read-configuration.ts";

function read(text: string, variables: Record<string, string> = {}): GatewayConfiguration {
  return readConfiguration(text, { file: "gateway.yaml", variables, defaultEngines: [] });
}

it("usage is kept, at the prices of the list, unless the file says otherwise", () => {
  expect(read("")).toMatchObject({ usage: { enabled: true }, prices: {} });
  expect(read("usage: { enabled: false }").usage.enabled).toBe(false);
});

it("reads prices by model, also from the environment", () => {
  const text = `
prices:
  vllm/qwen3: { input: 0.000001, output: "\${PRICE}", longPrompt: { above: 100_000, input: 1, output: 2 } }
  llama/*: { input: 0, output: 0 }
  "*": { input: 1, output: 1, batch: 1 }
`;
  expect(read(text, { PRICE: "1.25" }).prices).toEqual({
    "vllm/qwen3": { input: 0.000001, output: 1.25, longPrompt: { above: 100_000, input: 1, output: 2 } },
    "llama/*": { input: 0, output: 0 },
    "*": { input: 1, output: 1, batch: 1 },
  });
});

it.each([
  ["prices: { m: { input: 1 } }", "1:11  prices.m.output is missing"],
  ["prices: { m: { input: -1, output: 1 } }", "1:23  prices.m.input must be at least 0, not -1"],
  ["prices: { m: { input: free, output: 1 } }", '1:23  prices.m.input should be a number, not "free"'],
  ["prices: { m: { input: 0.0000001, output: 1 } }", "1:23  prices.m.input has more than six decimals"],
  ["prices: { m: { input: 2e6, output: 1 } }", "1:23  prices.m.input must be at most 1000000"],
  ["prices: { m: { input: 1, output: 1, batch: 2 } }", "1:44  prices.m.batch must be at most 1, not 2"],
  ["prices: { m: { input: 1, output: .inf } }", "1:34  prices.m.output"],
  ["prices: { 'a*b': { input: 1, output: 1 } }", "1:11  prices.a*b is not a name that can be used here"],
  ["prices: { m: 1 }", "1:14  prices.m should be settings by name"],
  ["prices: [1]", "1:1  prices should be settings by name"],
  ["prices: { m: { input: 1, output: 1, cacheread: 1 } }", "Did you mean `cacheRead`?"],
])("%s is refused at its place", (text, message) => {
  expect(() => read(text)).toThrow(message);
});
