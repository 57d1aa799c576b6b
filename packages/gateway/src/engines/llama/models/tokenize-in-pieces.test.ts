import type { Token } from "node-llama-cpp";
import { expect, test } from "vitest";
import { tokenizeInPieces, type Vocabulary } from "./tokenize-in-pieces.ts";

/** Counts how many characters were tokenized at once, at most. */
function tokenizer(tokenize: (text: string) => readonly string[]) {
  const spellings: string[] = [];
  let longest = 0;
  const read = (text: string): Token[] => {
    longest = Math.max(longest, text.length);
    return tokenize(text).map((spelling) => {
      if (!spellings.includes(spelling)) spellings.push(spelling);
      return spellings.indexOf(spelling) as Token;
    });
  };
  const detokenize = (tokens: readonly Token[]): string => tokens.map((token) => spellings[token]).join("");
  const vocabulary: Vocabulary = { tokenize: read, tokenizeRest: read, detokenize };
  const inPieces = (text: string): readonly Token[] =>
    [...tokenizeInPieces(text, vocabulary)].flatMap(({ tokens }) => tokens);
  return { read, inPieces, longest: () => longest };
}

test("digits that are grouped from the first one on are cut between two groups", () => {
  const { read, inPieces, longest } = tokenizer((text) => text.match(/\d{1,3}|\D/g) ?? []);
  const text = `n = ${"1234567890".repeat(5000)};`;
  const tokens = inPieces(text);
  expect(longest()).toBeLessThan(10_000);
  expect(tokens).toEqual(read(text));
});

test("digits that are grouped from the last one on are not cut before the last one is there", () => {
  const { read, inPieces } = tokenizer((text) => text.match(/\d{1,3}(?=(?:\d{3})*(?!\d))|\D/g) ?? []);
  const text = `n = ${"1234567890".repeat(1500)};`;
  const tokens = inPieces(text);
  expect(tokens).toEqual(read(text));
});

test("a text without any place for a cut is tokenized as a whole", () => {
  const { read, inPieces } = tokenizer((text) => [`${text.length} characters`]);
  expect(inPieces("x".repeat(50_000))).toEqual(read("x".repeat(50_000)));
});

test("nothing comes of nothing, and a short text is tokenized at once", () => {
  const { read, inPieces } = tokenizer((text) => text.split(" "));
  expect(inPieces("")).toEqual(read(""));
  expect(inPieces("so it is")).toEqual(read("so it is"));
});
