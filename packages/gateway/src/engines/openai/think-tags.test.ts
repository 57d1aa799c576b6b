import { expect, it } from "vitest";
import { ThinkTags } from "./think-tags.ts";

function read(pieces: readonly string[]): { thinking: string; text: string } {
  const tags = new ThinkTags();
  const found = [...pieces.flatMap((piece) => tags.push(piece)), ...tags.end()];
  const of = (kind: string): string =>
    found.flatMap((each) => (each.kind === kind ? each.text : [])).join("");
  return { thinking: of("thinking"), text: of("text") };
}

it.each([
  ["<think>a < b</think>Hello", "a < b", "Hello"],
  [
    "\n <think>\nLet me see.\n\n</think>\n\nHi </think> <think>x</think>",
    "Let me see.",
    "Hi </think> <think>x</think>",
  ],
  ["<think></think>Hi", "", "Hi"],
  ["<think>never closed </thin", "never closed </thin", ""],
  ["<think>", "", ""],
  ["<thinking>Hi", "", "<thinking>Hi"],
  ["<thi", "", "<thi"],
  ["Hi <think>a</think>", "", "Hi <think>a</think>"],
  ["  Hi", "", "  Hi"],
  ["", "", ""],
])("%j is told apart wherever it is cut", (whole, thinking, text) => {
  for (let first = 0; first <= whole.length; first++) {
    for (let second = first; second <= whole.length; second++) {
      const pieces = [whole.slice(0, first), whole.slice(first, second), whole.slice(second)];
      expect(read(pieces)).toEqual({ thinking, text });
    }
  }
  expect(read(whole.split(""))).toEqual({ thinking, text });
});

it("nothing that is clear is held back", () => {
  const tags = new ThinkTags();
  expect(tags.push("<think>a b")).toEqual([{ kind: "thinking", text: "a b" }]);
  expect(tags.push("c</think>")).toEqual([{ kind: "thinking", text: "c" }]);
  expect(tags.push("Hi <")).toEqual([{ kind: "text", text: "Hi <" }]);
});
