import { expect, it } from "vitest";
import { globMatcher } from "./glob.ts";

it.each([
  ["*.json", "config.json", true],
  ["*.json", "a/b/config.json", true],
  ["config.json", "config.json", true],
  ["config.json", "a/config.json", false],
  ["a/*.json", "a/b/config.json", false],
  ["a/**/*.json", "a/config.json", true],
  ["a/**", "a/b/c", true],
  ["a/", "a/b/c", true],
  ["a/", "ab/c", false],
  ["model-0000?-of-*.safetensors", "model-00001-of-00002.safetensors", true],
  ["*.{bin,pt}", "x.pt", true],
  ["*.{bin,pt}", "x.ptx", false],
  ["a.b", "aXb", false],
  ["a[1].txt", "a[1].txt", true],
  ["a{b", "a{b", true],
])("%s on %s: %s", (pattern, path, fits) => {
  expect(globMatcher([pattern])(path)).toBe(fits);
});
