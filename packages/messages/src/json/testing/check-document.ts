import type { JsonEvent } from "../json-event.ts";
import { JsonStream } from "../json-stream.ts";
import { JsonStreamError } from "../json-stream-error.ts";
import { type Reading, readReference } from "./reference-parser.ts";

/** Feeds the text cut in two to the parser. Returns what is wrong with what it says, in a sentence, or null. */
export type CheckSplit = (cut: number) => string | null;

/**
 * Judges the parser on one text, JSON or not: acceptance and value by `JSON.parse`, the partial value at the cut, the
 * place of the fault and the events by the reference parser.
 */
export function documentChecker(text: string): CheckSplit {
  const parsed = parseWhole(text);
  // A space tells that a number which stands alone is at its end.
  const reference = readReference(parsed ? `${text} ` : text);
  const isWhole = reference.outcome === "whole";
  if (isWhole !== (parsed !== null)) return () => "the reference parser and JSON.parse disagree";
  if (parsed && !same(parsed.value, reference.value)) return () => "the reference parser's value is wrong";

  return (cut) => {
    const stream = new JsonStream({ events: true });
    const events: JsonEvent[] = [];
    try {
      events.push(...stream.push(text.slice(0, cut)));
      if (!same(stream.value, readReference(text.slice(0, cut)).value)) return "the partial value is wrong";
      events.push(...stream.push(text.slice(cut)));
      events.push(...stream.end());
    } catch (error) {
      if (!(error instanceof JsonStreamError)) throw error;
      return checkError(stream, error, reference);
    }
    if (!parsed) return "the text was accepted";
    if (!stream.complete || stream.position !== text.length) return "the text was not read to its end";
    if (!same(stream.value, parsed.value)) return "the value is wrong";
    return checkEvents(events, reference);
  };
}

function parseWhole(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null; // Not JSON.
  }
}

function checkError(
  stream: JsonStream,
  error: JsonStreamError,
  { outcome, position, value }: Reading,
): string | null {
  if (outcome === "whole") return `the text was refused: ${error.message}`;
  const code = outcome === "fault" ? "unexpected_character" : "unexpected_end";
  if (error.code !== code) return `the error is ${error.code} and should be ${code}`;
  if (error.position !== position) return `the error is at ${error.position} and should be at ${position}`;
  return same(stream.value, value) ? null : "the value before the fault is wrong";
}

function checkEvents(events: readonly JsonEvent[], { completed }: Reading): string | null {
  let text = "";
  let count = 0;
  for (const event of events) {
    if (event.type === "text") {
      if (event.text === "") return "an empty text was told";
      if (!same(event.path, completed[count]?.path)) return "a text was told at the wrong path";
      text += event.text;
      continue;
    }
    const expected = completed[count++];
    if (!expected || !same(event.path, expected.path)) return "a value was told at the wrong path";
    if (!same(event.value, expected.value)) return "the wrong value was told";
    if (typeof event.value === "string" && text !== event.value)
      return "the texts do not add up to the string";
    text = "";
  }
  return count === completed.length ? null : "not all values were told";
}

/** Equal in value, type, sign of zero, and order of keys. */
function same(one: unknown, other: unknown): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) {
    return Object.is(one, other);
  }
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  const keys = Object.keys(one);
  const otherKeys = Object.keys(other);
  return (
    keys.length === otherKeys.length &&
    keys.every(
      (key, index) =>
        key === otherKeys[index] && same(one[key as keyof typeof one], other[key as keyof typeof other]),
    )
  );
}
