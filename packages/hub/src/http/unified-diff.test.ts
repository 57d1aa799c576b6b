import { expect, it } from "vitest";
import { unifiedDiff } from "./unified-diff.ts";

const numbers = (...numbers: number[]): string => numbers.map((number) => `line ${number}\n`).join("");

it("shows what changed with three lines around it", () => {
  const before = numbers(1, 2, 3, 4, 5, 6, 7, 8, 9);
  const after = numbers(1, 2, 3, 4, 50, 6, 7, 8, 9);
  expect(unifiedDiff([{ path: "a.txt", before, after }])).toBe(
    [
      "diff --git a/a.txt b/a.txt",
      "--- a/a.txt",
      "+++ b/a.txt",
      "@@ -2,7 +2,7 @@",
      " line 2",
      " line 3",
      " line 4",
      "-line 5",
      "+line 50",
      " line 6",
      " line 7",
      " line 8",
      "",
    ].join("\n"),
  );
});

it("shows files that come and go", () => {
  expect(unifiedDiff([{ path: "new", before: null, after: "x\n" }])).toBe(
    "diff --git a/new b/new\nnew file mode 100644\n--- /dev/null\n+++ b/new\n@@ -0,0 +1,1 @@\n+x\n",
  );
  expect(unifiedDiff([{ path: "old", before: "x", after: null }])).toBe(
    "diff --git a/old b/old\ndeleted file mode 100644\n--- a/old\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-x\n\\ No newline at end of file\n",
  );
});

it("does not print what is no text", () => {
  expect(unifiedDiff([{ path: "a.png", before: { binary: true }, after: { binary: true } }])).toBe(
    "diff --git a/a.png b/a.png\nBinary files a/a.png and b/a.png differ\n",
  );
});
