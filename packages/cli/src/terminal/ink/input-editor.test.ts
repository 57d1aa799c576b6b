import { expect, test } from "vitest";
import { displayWidth } from "./display-width.ts";
import { type Draft, draftOf, EMPTY_DRAFT, edit } from "./input-editor.ts";
import { inputRows } from "./input-rows.ts";
import type { KeyName } from "./key-reader.ts";

function press(draft: Draft, ...names: KeyName[]): Draft {
  return names.reduce((now, name) => edit(now, { kind: "key", name }) ?? now, draft);
}

test("a family, a flag and an accent are one character each to move over and to delete", () => {
  const draft = draftOf("e\u0301👨‍👩‍👧🇨🇭");
  expect(press(draft, "backspace").text).toBe("e\u0301👨‍👩‍👧");
  expect(press(draft, "left", "left", "backspace").text).toBe("👨‍👩‍👧🇨🇭");
  expect(press(draft, "left", "left", "left")).toEqual({ text: draft.text, cursor: 0 });
});

test("words are moved over and deleted as a whole", () => {
  const draft = draftOf("drop the column prix_m2, please");
  expect(press(draft, "word_left", "word_left", "delete_word").text).toBe("drop the prix_m2, please");
  expect(press(draft, "delete_line_before").text).toBe("");
});

test("up and down keep the column and leave the draft at its ends", () => {
  const draft = { text: "first\nsecond", cursor: 9 };
  expect(press(draft, "up")).toEqual({ text: draft.text, cursor: 3 });
  expect(press(draft, "up", "down")).toEqual(draft);
  expect(edit(draft, { kind: "key", name: "down" })).toBeNull();
  expect(edit(EMPTY_DRAFT, { kind: "key", name: "up" })).toBeNull();
});

test("what is pasted cannot steer the terminal", () => {
  const pasted = edit(EMPTY_DRAFT, { kind: "paste", text: "a\u001b[2Jb\u0007\n\u202ec" });
  expect(pasted?.text).toBe("ab\nc");
});

test.each([
  ["abc", 3],
  ["日本語", 6],
  ["e\u0301", 1],
  ["👨‍👩‍👧", 2],
  ["🇨🇭", 2],
  ["❤️", 2],
  ["…✔", 2],
])("%s takes %i cells", (text, cells) => {
  expect(displayWidth(text)).toBe(cells);
});

test("rows are as wide as they may be, and those around the cursor are shown", () => {
  const plain = (rows: string[]): string[] =>
    rows.map((row) => row.replaceAll("\u001b[7m", "[").replaceAll("\u001b[27m", "]"));
  expect(plain(inputRows(draftOf("日本語x"), { width: 5, height: 9 }))).toEqual(["日本", "語x[ ]"]);
  const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`).join("\n");
  expect(plain(inputRows({ text: lines, cursor: lines.length }, { width: 20, height: 3 }))).toEqual([
    "line 47",
    "line 48",
    "line 49[ ]",
  ]);
  expect(plain(inputRows({ text: lines, cursor: 0 }, { width: 20, height: 2 }))).toEqual([
    "[l]ine 0",
    "line 1",
  ]);
});
