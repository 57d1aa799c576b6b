import { describe, expect, it } from "vitest";
import { parseGitignore, parseLfsAttributes } from "./path-pattern.ts";

describe("parseGitignore", () => {
  it.each([
    ["*.log", "a.log", true],
    ["*.log", "deep/down/a.log", true],
    ["*.log", "a.log.txt", false],
    ["build/", "build/out.bin", true],
    ["build/", "src/build/out.bin", true],
    ["build/", "build", false],
    ["/top.txt", "top.txt", true],
    ["/top.txt", "in/top.txt", false],
    ["docs/*.md", "docs/a.md", true],
    ["docs/*.md", "docs/in/a.md", false],
    ["docs/**", "docs/in/a.md", true],
    ["**/tmp", "a/b/tmp/c", true],
    ["data?.csv", "data1.csv", true],
    ["data[0-4].csv", "data7.csv", false],
    ["a+b.txt", "a+b.txt", true],
    ["# comment", "# comment", false],
    ["[z-a]", "b", false],
  ])("%s and %s", (pattern, path, ignored) => {
    expect(parseGitignore(pattern)(path)).toBe(ignored);
  });

  it("lets a later line take a file back", () => {
    const ignored = parseGitignore("*.csv\n!keep.csv\n");
    expect([ignored("a.csv"), ignored("keep.csv")]).toEqual([true, false]);
  });
});

describe("parseLfsAttributes", () => {
  it("finds what is filtered through LFS", () => {
    const lfs = parseLfsAttributes("*.bin filter=lfs diff=lfs -text\n*.txt text\nsmall.bin -filter\n");
    expect([lfs("a/b.bin"), lfs("a.txt"), lfs("small.bin")]).toEqual([true, false, false]);
  });
});
