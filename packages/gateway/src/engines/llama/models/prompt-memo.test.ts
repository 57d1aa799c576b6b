import { expect, test } from "vitest";
import { PromptMemo } from "./prompt-memo.ts";
import type { TokenizedText } from "./tokenized-text.ts";

const SYSTEM = "You are a careful assistant. ".repeat(100);

/** A text that counts each character as a token. */
function tokenized(text: string): TokenizedText {
  return { text, tokens: Int32Array.from(text, (_, at) => at), cuts: [{ at: 0, index: 0 }] };
}

function found(memo: PromptMemo, workspace: string, ...pieces: readonly string[]): readonly string[] | null {
  return memo.find(workspace, pieces)?.pieces.map(({ text }) => text) ?? null;
}

test("the prompt with the longest beginning in common is found", () => {
  const memo = new PromptMemo();
  const [one, other] = [`${SYSTEM}one${"1".repeat(900)}`, `${SYSTEM}other${"2".repeat(900)}`];
  memo.keep("w", [tokenized(one)]);
  memo.keep("w", [tokenized(other)]);
  expect(found(memo, "w", `${SYSTEM}one more`)).toEqual([one]);
  expect(found(memo, "w", `${SYSTEM}others`)).toEqual([other]);
  expect(memo.find("w", [`${SYSTEM}other`])?.shared).toEqual({ pieces: 0, characters: SYSTEM.length + 5 });
  expect(found(memo, "w", "nothing in common")).toBeNull();
});

test("prompts of several pieces are the same up to the first piece that differs", () => {
  const memo = new PromptMemo();
  memo.keep("w", [SYSTEM, "second", "third"].map(tokenized));
  expect(memo.find("w", [SYSTEM, "second", "thing"])?.shared).toEqual({ pieces: 2, characters: 3 });
  expect(memo.find("w", [SYSTEM])?.shared).toEqual({ pieces: 1, characters: 0 });
  expect(memo.find("w", [SYSTEM, "second", "third", "fourth"])?.shared).toEqual({ pieces: 3, characters: 0 });
});

test("a workspace does not find the prompts of another", () => {
  const memo = new PromptMemo();
  memo.keep("one", [tokenized(SYSTEM)]);
  expect(found(memo, "other", SYSTEM)).toBeNull();
});

test("a conversation takes the room of its last turn", () => {
  const memo = new PromptMemo();
  memo.keep("w", [tokenized(`${SYSTEM}?`)]);
  const before = memo.bytes;
  memo.keep("other", [tokenized(`${SYSTEM}?`)]);
  memo.keep("w", [tokenized(`${SYSTEM}! And now?`)]);
  expect(memo.bytes).toBeLessThan(2.1 * before);
  expect(found(memo, "w", SYSTEM)).toEqual([`${SYSTEM}! And now?`]);
  expect(found(memo, "other", SYSTEM)).toEqual([`${SYSTEM}?`]);
});

test("what was not used for longest goes when there is no room", () => {
  const texts = ["a", "b", "c"].map((letter) => letter.repeat(10_000));
  const memo = new PromptMemo({ mostBytes: 250_000 });
  for (const text of texts) memo.keep("w", [tokenized(text)]);
  const last = texts.at(-1) ?? "";
  expect(found(memo, "w", "a")).toEqual(["a".repeat(10_000)]);
  memo.keep("w", [tokenized("d".repeat(10_000))]);
  memo.keep("w", [tokenized("e".repeat(10_000))]);
  expect(memo.bytes).toBeLessThanOrEqual(250_000);
  expect(found(memo, "w", "a")).toEqual(["a".repeat(10_000)]);
  expect(found(memo, "w", "b")).toBeNull();
  expect(found(memo, "w", "c")).toEqual([last]);
});

test("no prompt takes all the room, and not more are kept than asked", () => {
  const memo = new PromptMemo({ mostBytes: 250_000, mostPrompts: 2 });
  memo.keep("w", [tokenized("x".repeat(20_000))]);
  expect(memo.bytes).toBe(0);
  for (const letter of ["a", "b", "c"]) memo.keep("w", [tokenized(letter.repeat(3_000))]);
  expect(found(memo, "w", "a")).toBeNull();
  expect(found(memo, "w", "b")).not.toBeNull();
});
