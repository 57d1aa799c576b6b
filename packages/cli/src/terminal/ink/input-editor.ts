import { withoutControls } from "../plain-text.ts";
import { graphemes } from "./display-width.ts";
import type { Key } from "./key-reader.ts";

/** What is being written, and where the next character goes: an index into `text`, never inside of a character. */
export interface Draft {
  readonly text: string;
  readonly cursor: number;
}

export const EMPTY_DRAFT: Draft = { text: "", cursor: 0 };

export function draftOf(text: string): Draft {
  return { text, cursor: text.length };
}

/** The draft after a key; null when the key does not edit, or would leave the draft upwards or downwards. */
export function edit(draft: Draft, key: Key): Draft | null {
  const { text, cursor } = draft;
  if (key.kind !== "key") return insert(draft, withoutControls(key.text).replaceAll("\t", "  "));
  switch (key.name) {
    case "newline":
      return insert(draft, "\n");
    case "left":
      return { text, cursor: before(text, cursor) };
    case "right":
      return { text, cursor: after(text, cursor) };
    case "home":
      return { text, cursor: lineStart(text, cursor) };
    case "end":
      return { text, cursor: lineEnd(text, cursor) };
    case "word_left":
      return { text, cursor: wordBefore(text, cursor) };
    case "word_right":
      return { text, cursor: wordAfter(text, cursor) };
    case "backspace":
      return cut(text, before(text, cursor), cursor);
    case "delete":
      return cut(text, cursor, after(text, cursor));
    case "delete_word":
      return cut(text, wordBefore(text, cursor), cursor);
    case "delete_word_after":
      return cut(text, cursor, wordAfter(text, cursor));
    case "delete_line_before":
      return cut(text, lineStart(text, cursor), cursor);
    case "delete_line_after":
      return cut(text, cursor, lineEnd(text, cursor));
    case "up":
      return moveLine(draft, -1);
    case "down":
      return moveLine(draft, 1);
    default:
      return null;
  }
}

function insert({ text, cursor }: Draft, added: string): Draft {
  return { text: text.slice(0, cursor) + added + text.slice(cursor), cursor: cursor + added.length };
}

function cut(text: string, from: number, to: number): Draft {
  return { text: text.slice(0, from) + text.slice(to), cursor: from };
}

function moveLine({ text, cursor }: Draft, step: 1 | -1): Draft | null {
  const start = lineStart(text, cursor);
  const from = step < 0 ? start - 1 : lineEnd(text, cursor) + 1;
  if (from < 0 || from > text.length) return null;
  const column = graphemes(text.slice(start, cursor)).length;
  const target = lineStart(text, from);
  const line = graphemes(text.slice(target, lineEnd(text, target)));
  return { text, cursor: target + line.slice(0, column).join("").length };
}

function lineStart(text: string, index: number): number {
  return text.lastIndexOf("\n", index - 1) + 1;
}

function lineEnd(text: string, index: number): number {
  const end = text.indexOf("\n", index);
  return end < 0 ? text.length : end;
}

function before(text: string, index: number): number {
  if (index > 0 && text[index - 1] === "\n") return index - 1;
  return index - (graphemes(text.slice(lineStart(text, index), index)).at(-1)?.length ?? 0);
}

function after(text: string, index: number): number {
  if (text[index] === "\n") return index + 1;
  return index + (graphemes(text.slice(index, lineEnd(text, index)))[0]?.length ?? 0);
}

function wordBefore(text: string, index: number): number {
  return /[\p{L}\p{N}_]*[^\p{L}\p{N}_]*$/u.exec(text.slice(0, index))?.index ?? 0;
}

function wordAfter(text: string, index: number): number {
  return index + (/^[^\p{L}\p{N}_]*[\p{L}\p{N}_]*/u.exec(text.slice(index))?.[0].length ?? 0);
}
