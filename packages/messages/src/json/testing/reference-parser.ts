import type { JsonPath } from "../json-event.ts";

/** What can be said of a text of which more may come. `position` is the first that no continuation can mend, or the end. */
export interface Reading {
  readonly outcome: "whole" | "unfinished" | "fault";
  readonly position: number;
  /** The value as far as it has come. */
  readonly value: unknown;
  /** Every whole value, in the order in which they were completed. */
  readonly completed: readonly { readonly path: JsonPath; readonly value: unknown }[];
}

/** Thrown to leave the recursion: at the end of the text, or at a fault. */
class Stop {
  readonly position: number;

  constructor(position: number) {
    this.position = position;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON refuses exactly these in strings.
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
const ESCAPE_BEGINNING = /\\(?:u[0-9a-fA-F]{0,3})?/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const NUMBER_BEGINNING = /-?(?:(?:0|[1-9][0-9]*)(?:\.(?:[0-9]+(?:[eE][+-]?[0-9]*)?)?|[eE][+-]?[0-9]*)?)?/y;

/**
 * A second parser to judge the first by: it reads the whole text again, by recursion and regular expressions, and leaves
 * strings and numbers to `JSON.parse`. Slow, and meant to be obviously right.
 */
export function readReference(text: string): Reading {
  let at = 0;
  let root: unknown;
  const completed: { path: JsonPath; value: unknown }[] = [];
  type Place = (value: unknown) => void;

  function match(pattern: RegExp): string {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? "";
    at += found.length;
    return found;
  }

  function stop(): never {
    throw new Stop(at);
  }

  function skipSpace(): void {
    match(/[ \n\r\t]*/y);
  }

  function expect(character: string): void {
    if (text[at] !== character) stop();
    at++;
  }

  function readString(showPart: Place): string {
    const begun = match(STRING);
    if (begun === "") stop();
    if (text[at] === '"') {
      at++;
      return JSON.parse(`${begun}"`) as string;
    }
    const part = JSON.parse(`${begun}"`) as string;
    showPart(part.replace(/[\ud800-\udbff]$/, ""));
    match(ESCAPE_BEGINNING);
    stop();
  }

  function readNumber(): number {
    const start = at;
    const number = match(NUMBER);
    at = start;
    const beginning = match(NUMBER_BEGINNING);
    // At the end of the text more digits may come, unless nothing can follow the outermost value.
    if (beginning === "" || beginning !== number || at === text.length) stop();
    return JSON.parse(number) as number;
  }

  function readLiteral(literal: string, value: unknown): unknown {
    for (const character of literal) expect(character);
    return value;
  }

  function readValue(path: JsonPath, place: Place): void {
    skipSpace();
    const value = readInner(path, place);
    place(value);
    completed.push({ path, value });
  }

  function readInner(path: JsonPath, place: Place): unknown {
    switch (text[at]) {
      case '"':
        return readString(place);
      case "t":
        return readLiteral("true", true);
      case "f":
        return readLiteral("false", false);
      case "n":
        return readLiteral("null", null);
      case "[": {
        const array: unknown[] = [];
        place(array);
        readMembers("]", () => {
          const index = array.length;
          readValue([...path, index], (value) => {
            array[index] = value;
          });
        });
        return array;
      }
      case "{": {
        const object: Record<string, unknown> = {};
        place(object);
        readMembers("}", () => {
          if (text[at] !== '"') stop();
          const key = readString(() => {});
          skipSpace();
          expect(":");
          readValue([...path, key], (value) => {
            Object.defineProperty(object, key, {
              value,
              writable: true,
              enumerable: true,
              configurable: true,
            });
          });
        });
        return object;
      }
      default:
        return readNumber();
    }
  }

  function readMembers(closer: string, readMember: () => void): void {
    at++;
    skipSpace();
    if (text[at] === closer) {
      at++;
      return;
    }
    for (;;) {
      skipSpace();
      readMember();
      skipSpace();
      if (text[at] === closer) break;
      expect(",");
    }
    at++;
  }

  try {
    readValue([], (value) => {
      root = value;
    });
    skipSpace();
    if (at < text.length) stop();
    return { outcome: "whole", position: at, value: root, completed };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const outcome = error.position === text.length ? "unfinished" : "fault";
    return { outcome, position: error.position, value: root, completed };
  }
}
