import { expect, test } from "vitest";
import { canonicalInput } from "./canonical-input.ts";
import { codeShape } from "./code-shape.ts";
import { steadyText } from "./steady-text.ts";

test.each([
  ["a clock", "2026-11-23T01:02:03.456Z ready", "2026-11-24 11:12:13 ready"],
  ["a duration", "done in 1.23s (2 min)", "done in 45.6 s (3 min)"],
  ["a process", "worker pid=123 [pid 99]", "worker pid=9 [pid 1]"],
  ["an address", "<A at 0x7f00ab>", "<A at 0x11>"],
  ["a temporary path", "wrote /tmp/tmpab/x.csv", "wrote /tmp/tmpzz/y.csv"],
  ["a run's id and duration", '{"id":"run_3","duration_s":1.5}', '{"id":"run_14","duration_s":22}'],
  ["a progress bar", "10%|█   | 1/10 [00:01<00:09]\ndone", "50%|█████   | 5/10 [00:03<00:05]\ndone"],
  ["a line written over", "1/3\r2/3\r3/3", "1/4\r2/3\r3/3"],
  ["a line in JSON", '{"log":"took 3s\\nworker 7: ok"}', '{"log":"took 4s\\nworker 8: ok"}'],
  ["colours", "\u001b[31mred\u001b[0m", "red"],
])("%s makes no difference", (_, a, b) => {
  expect(steadyText(a)).toBe(steadyText(b));
});

test.each([
  ["a metric", "accuracy 0.81", "accuracy 0.82"],
  ["a count", "3 failed, 2 passed", "2 failed, 3 passed"],
  ["a status", '{"status":"RUNNING"}', '{"status":"FAILED"}'],
  ["a digest", '{"sha256":"ab12cd34"}', '{"sha256":"ab12cd35"}'],
])("%s does", (_, a, b) => {
  expect(steadyText(a)).not.toBe(steadyText(b));
});

test("arguments are compared without the order of keys and the amount of white space", () => {
  expect(canonicalInput({ a: " x  y\n", b: [{ c: 1, d: null }] })).toBe(
    canonicalInput({ b: [{ d: null, c: 1 }], a: "x y" }),
  );
  expect(canonicalInput({ a: "x" })).not.toBe(canonicalInput({ a: "y" }));
});

test("the shape of code does not depend on the names it gives, nor on comments", () => {
  const code = "import numpy as np\nrows = np.load('a')\nfor row in rows:\n    print(row)  # each";
  expect(codeShape(code)).toBe(
    codeShape(code.replaceAll("rows", "table").replaceAll("row", "line").replace("each", "all")),
  );
  for (const [from, to] of [
    ["load", "open"],
    ["'a'", "'b'"],
    ["print", "save"],
  ] as const)
    expect(codeShape(code)).not.toBe(codeShape(code.replace(from, to)));
  expect(codeShape("m = Ridge(alpha=1)")).not.toBe(codeShape("m = Ridge(tol=1)"));
});
