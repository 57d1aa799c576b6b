import { expect, test } from "vitest";
import { wrapWords } from "./wrap-words.ts";

test("lines break between words and keep their indent; a word that is too long breaks in itself", () => {
  expect(wrapWords("a line that is too long", 10)).toEqual(["a line", "that is", "too long"]);
  expect(wrapWords("  │ one two three", 10)).toEqual(["  │ one", "  │ two", "  │ three"]);
  expect(wrapWords("  ✗ abcdefghijkl", 8)).toEqual(["  ✗", "  abcdef", "  ghijkl"]);
  expect(wrapWords("日本語日本語", 4)).toEqual(["日本", "語日", "本語"]);
  expect(wrapWords("short", 10)).toEqual(["short"]);
});

test("colours take no room and go on in the next row", () => {
  expect(wrapWords("\u001b[2mone two\u001b[0m", 5)).toEqual(["\u001b[2mone", "two\u001b[0m"]);
});
