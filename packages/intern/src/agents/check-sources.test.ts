import { expect, test } from "vitest";
import { checkSources, describeSources } from "./check-sources.ts";

const RESULTS = [
  '<material source="https://arxiv.org/html/2106.09685v2" read="2026-01-01T00:00Z">\nWe freeze …\n</material>',
  '<material source="search by duckduckgo">\n- A\n  https://example.org/a\n</material>',
];

test("a place counts as read when its text was a tool's answer, however it is written", () => {
  const answer =
    "| LoRA | r = 8 | [table 11](https://arxiv.org/abs/2106.09685#S4), arXiv:2106.09685, https://huggingface.co/papers/2106.09685 |";
  expect(checkSources(answer, RESULTS)).toMatchObject({ read: [expect.any(String)], seen: [], unknown: [] });
});

test("places that were only in a list, and those that were nowhere, are told apart", () => {
  const checked = checkSources("See https://www.example.org/a/. And https://example.org/b, too.", RESULTS);
  expect(checked).toEqual({
    read: [],
    seen: ["https://www.example.org/a/"],
    unknown: ["https://example.org/b"],
  });
  expect(describeSources(checked)).toBe(
    "[sources in nothing that the agent has read: https://example.org/b; named by others, and not opened: https://www.example.org/a/]",
  );
});

test("an answer that names no place, or only places that were read, needs no word", () => {
  expect(describeSources(checkSources("train.py:12 does it.", RESULTS))).toBeNull();
  expect(describeSources(checkSources("arXiv:2106.09685", RESULTS))).toBeNull();
});
