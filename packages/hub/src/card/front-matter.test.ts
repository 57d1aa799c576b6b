import { describe, expect, it } from "vitest";
import { hasFrontMatter, parseFrontMatter } from "./front-matter.ts";

const card = (yaml: string): string => `---\n${yaml}\n---\n\n# Title\n\n---\nnot: metadata\n---\n`;

describe("parseFrontMatter", () => {
  it("reads scalars of every kind", () => {
    const yaml =
      "a: text here\nb: 3\nc: -0.25\nd: true\ne: null\nf: \"x: \\\"y\\\"\"\ng: 'it''s'\nh: 1e-3\ni:";
    expect(parseFrontMatter(card(yaml))).toEqual({
      a: "text here",
      b: 3,
      c: -0.25,
      d: true,
      e: null,
      f: 'x: "y"',
      g: "it's",
      h: 0.001,
      i: null,
    });
  });

  it("reads lists, indented or not, and one-line lists", () => {
    expect(
      parseFrontMatter(card("tags:\n- a\n- b\nother:\n  - 1\n  - two\nflow: [x, 'y, z', 3]\nnone: []")),
    ).toEqual({
      tags: ["a", "b"],
      other: [1, "two"],
      flow: ["x", "y, z", 3],
      none: [],
    });
  });

  it("reads the model-index that our cards write", () => {
    const yaml = [
      "license: apache-2.0",
      "model-index:",
      "- name: digits",
      "  results:",
      "  - task:",
      "      type: tabular-classification",
      "    dataset:",
      '      name: "digits.csv"',
      "      type: csv",
      "    metrics:",
      "    - type: accuracy",
      "      value: 0.9833",
      "      name: Accuracy (ledger row 12)",
      "      verified: false",
      "    - type: macro_f1",
      "      value: 0.98",
    ].join("\n");
    expect(parseFrontMatter(card(yaml))).toEqual({
      license: "apache-2.0",
      "model-index": [
        {
          name: "digits",
          results: [
            {
              task: { type: "tabular-classification" },
              dataset: { name: "digits.csv", type: "csv" },
              metrics: [
                { type: "accuracy", value: 0.9833, name: "Accuracy (ledger row 12)", verified: false },
                { type: "macro_f1", value: 0.98 },
              ],
            },
          ],
        },
      ],
    });
  });

  it("reads text blocks and leaves comments out", () => {
    const yaml =
      "# about\na: | # note\n  one\n    two\n\n  # three\nb: >-\n  folded\n  text\nc: v # why\nd: a#b";
    expect(parseFrontMatter(card(yaml))).toEqual({
      a: "one\n  two\n\n# three\n",
      b: "folded text",
      c: "v",
      d: "a#b",
    });
  });

  it("keeps versions, dates and addresses as text", () => {
    expect(parseFrontMatter(card("v: 1.2.3\nd: 2026-01-02\nu: https://example.org/a:b\nz: 007"))).toEqual({
      v: "1.2.3",
      d: "2026-01-02",
      u: "https://example.org/a:b",
      z: "007",
    });
  });

  it("reads Windows line ends and a byte order mark", () => {
    expect(parseFrontMatter("\uFEFF---\r\nlicense: mit\r\ntags:\r\n- a\r\n---\r\nText")).toEqual({
      license: "mit",
      tags: ["a"],
    });
  });

  it("answers an empty map for an empty block", () => {
    expect(parseFrontMatter("---\n---\n# Title")).toEqual({});
  });

  it.each([
    ["no block", "# Title"],
    ["a block that is not first", "text\n---\na: 1\n---\n"],
    ["a block that never ends", "---\na: 1\n"],
    ["a list at the top", card("- a\n- b")],
    ["an anchor", card("a: &x 1")],
    ["an open quote", card('a: "x')],
    ["a one-line map", card("a: {b: 1}")],
    ["tabs", card("a:\n\tb: 1")],
    ["a repeated key", card("a: 1\na: 2")],
    ["a line that is no pair", card("just words")],
    ["text over several lines", card("a: one\n  two")],
    ["wild indentation", card("a:\n    b: 1\n  c: 2")],
    ["a broken one-line list", card("a: [x, y")],
    ["a key that could reach a prototype", card("__proto__: 1")],
  ])("does not guess: %s", (_name, text) => {
    expect(parseFrontMatter(text)).toBeNull();
  });

  it("tells a block that it cannot read from no block", () => {
    expect(hasFrontMatter(card("a: &x 1"))).toBe(true);
    expect(hasFrontMatter("# Title\n")).toBe(false);
  });
});
