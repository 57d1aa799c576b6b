import { expect, it } from "vitest";
import { mcpToolName } from "./tool-name.ts";

const VALID = /^[a-zA-Z0-9_-]{1,64}$/;

it("keeps names that models can write", () => {
  expect(mcpToolName("git-hub", "get_file")).toBe("mcp__git-hub__get_file");
});

it("tells apart what reads alike", () => {
  const names = [
    mcpToolName("a_b", "c"),
    mcpToolName("a", "b_c"),
    mcpToolName("a", "b__c"),
    mcpToolName("a", "b.c"),
    mcpToolName("a", "b c"),
    mcpToolName("a", "x".repeat(100)),
    mcpToolName("a", `${"x".repeat(99)}y`),
    mcpToolName("a", "数据"),
    mcpToolName("a", "模型"),
  ];
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(VALID);
});

it("is the same whenever it is asked", () => {
  expect(mcpToolName("a", "b c")).toBe("mcp__a__b_c_47d8a4a8");
});
