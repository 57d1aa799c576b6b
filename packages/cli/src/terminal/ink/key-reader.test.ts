import { expect, test } from "vitest";
import { type Key, KeyReader } from "./key-reader.ts";

const key = (name: string): unknown => ({ kind: "key", name });
const text = (text: string): unknown => ({ kind: "text", text });

test("text and Enter that arrive in one piece are two keys, in their order", () => {
  expect(new KeyReader().read("train it\r")).toEqual([text("train it"), key("enter")]);
});

test("what is pasted stays one key with its line breaks, however it is cut into pieces", () => {
  const bytes = "a\u001b[200~one\r\ntwo\rthree \u001b[31m\u001b[201~b";
  for (let size = 1; size <= bytes.length; size++) {
    const reader = new KeyReader();
    const keys: Key[] = [];
    for (let at = 0; at < bytes.length; at += size) keys.push(...reader.read(bytes.slice(at, at + size)));
    expect(keys).toEqual([text("a"), { kind: "paste", text: "one\ntwo\nthree \u001b[31m" }, text("b")]);
  }
});

test("an escape alone is a key once nothing follows, and a sequence that comes late is none", () => {
  const reader = new KeyReader();
  expect(reader.read("\u001b")).toEqual([]);
  expect(reader.waits).toBe(true);
  expect(reader.flush()).toEqual([key("escape")]);
  expect(reader.read("\u001b")).toEqual([]);
  expect(reader.read("[A")).toEqual([key("up")]);
});

test.each([
  ["\n", "newline"],
  ["\u001b\r", "newline"],
  ["\u001b[13;2u", "newline"],
  ["\u001b[1;5D", "word_left"],
  ["\u001bb", "word_left"],
  ["\u0003", "interrupt"],
  ["\u007f", "backspace"],
  ["\u001b[3~", "delete"],
])("%j is %s", (sequence, name) => {
  expect(new KeyReader().read(sequence)).toEqual([key(name)]);
});

test("sequences that nobody knows do nothing, and do not eat what follows", () => {
  expect(new KeyReader().read("\u001b[99~\u001b[<0;3;4Mx")).toEqual([text("x")]);
});
