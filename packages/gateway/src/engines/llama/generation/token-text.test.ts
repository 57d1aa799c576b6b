import { expect, test } from "vitest";
import { type Detokenize, TokenText } from "./token-text.ts";

/** Each token is a byte. */
const detokenize: Detokenize = (tokens) => Buffer.from([...tokens]).toString("utf8");
const token = (byte: number): never => byte as never;

function pieces(text: string | Uint8Array): string[] {
  const reader = new TokenText(detokenize, [token(0x20)]);
  const out = Array.from(Buffer.from(text as string), (byte) => reader.push(token(byte)));
  return [...out, reader.end()].filter((piece) => piece !== "");
}

test("characters of several bytes come out whole", () => {
  expect(pieces("aé€😀z")).toEqual(["a", "é", "€", "😀", "z"]);
});

test("bytes that are no character come out as replacement characters, and nothing is lost behind them", () => {
  expect(pieces(Uint8Array.of(0x61, 0xe2, 0x82, 0x62)).join("")).toBe("a\uFFFDb");
  expect(pieces(Uint8Array.of(0xf0, 0x9f)).join("")).toBe("\uFFFD");
});

test("a real replacement character is text like any other", () => {
  expect(pieces("x\uFFFDy").join("")).toBe("x\uFFFDy");
  expect(pieces("\uFFFD".repeat(10)).join("")).toBe("\uFFFD".repeat(10));
});

test("says whether the next text belongs to one token alone", () => {
  const reader = new TokenText(detokenize, []);
  reader.push(token(0xc3));
  expect(reader.isClear).toBe(false);
  reader.push(token(0xa9));
  expect(reader.isClear).toBe(true);
});
