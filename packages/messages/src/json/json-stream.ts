import { JsonStreamError } from "./json-stream-error.ts";
import { isNumberEnd, type NumberState, nextNumberState } from "./number-states.ts";

export interface JsonStreamOptions {
  /** Show a string while it is still being written; with false it appears when its closing quote has come. Default true. */
  readonly partialStrings?: boolean;
}

type State =
  | "value" // a value must come
  | "first_element" // just after `[`
  | "first_key" // just after `{`
  | "key" // after a comma in an object
  | "colon"
  | "after_value" // within a container, after one of its values
  | "string"
  | "escape"
  | "unicode"
  | "number"
  | "literal"
  | "done";

/** An open object or array, and where in it the next value goes. */
type Frame =
  | { readonly closer: "}"; readonly object: Record<string, unknown>; key: string }
  | { readonly closer: "]"; readonly array: unknown[]; index: number };

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

interface Literal {
  readonly text: string;
  readonly value: boolean | null;
}

const LITERALS: ReadonlyMap<string, Literal> = new Map([
  ["t", { text: "true", value: true }],
  ["f", { text: "false", value: false }],
  ["n", { text: "null", value: null }],
]);

/**
 * Parses one JSON text that arrives in pieces, cut anywhere. After each `push` the value so far can be read: objects
 * and arrays as far as they have come, strings as far as they have been written; keys, numbers and literals once they
 * are whole. What is read is the live tree, not a copy: it grows with the next `push`.
 *
 * Accepts exactly what `JSON.parse` accepts and gives the same value; throws {@link JsonStreamError} at the first
 * character that cannot belong to JSON, and stays failed. Work is linear in the text, whatever the size of the pieces.
 */
export class JsonStream {
  readonly #partialStrings: boolean;
  readonly #frames: Frame[] = [];
  #state: State = "value";
  #root: unknown;
  /** Text read before the piece at hand. */
  #base = 0;
  #memberEnd = 0;
  #failure: JsonStreamError | null = null;

  // The string being read. A trailing high surrogate waits in #high, so that no half character is ever shown.
  #text = "";
  #high = "";
  #isKey = false;
  #hexadecimal = "";

  #number = "";
  #numberState: NumberState = "start";
  #literal: Literal = { text: "", value: null };
  #literalLength = 0;

  constructor({ partialStrings = true }: JsonStreamOptions = {}) {
    this.#partialStrings = partialStrings;
  }

  /** The value so far; undefined before there is one to show. */
  get value(): unknown {
    return this.#root;
  }

  /** Whether the outermost value is whole. A number that stands alone is whole only after `end()`. */
  get complete(): boolean {
    return this.#state === "done";
  }

  /** How much text was read, in UTF-16 code units. */
  get position(): number {
    return this.#base;
  }

  /** Where the last whole member of the outermost object or array ended: the text up to here stops between values. */
  get memberEnd(): number {
    return this.#memberEnd;
  }

  /**
   * The closing brackets that would complete the text, `""` when it is complete. Null when the text stops anywhere
   * but right after a whole member: completing it would then mean inventing content.
   */
  get closers(): string | null {
    if (this.#state === "done") return "";
    if (this.#state !== "after_value") return null;
    return this.#frames.map((frame) => frame.closer).reduceRight((text, closer) => text + closer, "");
  }

  push(text: string): void {
    if (this.#failure) throw this.#failure;
    let index = 0;
    while (index < text.length) {
      index = this.#state === "string" ? this.#readString(text, index) : this.#readCharacter(text, index);
    }
    this.#base += text.length;
    if (this.#partialStrings && !this.#isKey && this.#inString()) this.#place(this.#text);
  }

  /** Says that no more text comes. Throws when the value is not whole. */
  end(): void {
    if (this.#failure) throw this.#failure;
    if (this.#state === "number" && this.#frames.length === 0 && isNumberEnd(this.#numberState)) {
      this.#endNumber(0);
    }
    if (this.#state !== "done") {
      this.#throw("unexpected_end", `Unexpected end of JSON at position ${this.#base}`, this.#base);
    }
  }

  #inString(): boolean {
    return this.#state === "string" || this.#state === "escape" || this.#state === "unicode";
  }

  /** Reads the plain text of a string, and the character that ends it. Returns where to go on. */
  #readString(text: string, start: number): number {
    let index = start;
    for (; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code === 0x22 || code === 0x5c || code < 0x20) break;
    }
    if (index > start) this.#append(text.slice(start, index));
    if (index === text.length) return index;
    const character = text.charAt(index);
    if (character === '"') this.#endString(index + 1);
    else if (character === "\\") this.#state = "escape";
    else this.#refuse(character, index, "control characters must be escaped in a string");
    return index + 1;
  }

  /** Reads one character outside of plain string text. Returns where to go on: at the same place when a number ended there. */
  #readCharacter(text: string, index: number): number {
    const character = text.charAt(index);
    switch (this.#state) {
      case "escape":
        this.#readEscape(character, index);
        return index + 1;
      case "unicode":
        this.#readHexadecimal(character, index);
        return index + 1;
      case "literal":
        this.#readLiteral(character, index);
        return index + 1;
      case "number":
        return this.#readNumber(character, index);
      default:
        if (character !== " " && character !== "\n" && character !== "\r" && character !== "\t") {
          this.#readStructure(character, index);
        }
        return index + 1;
    }
  }

  #readStructure(character: string, index: number): void {
    const frame = this.#frames.at(-1);
    const state = this.#state;
    if (state === "colon") {
      if (character !== ":") this.#refuse(character, index, 'expected ":"');
      this.#state = "value";
    } else if (state === "after_value" && character === ",") {
      this.#state = frame?.closer === "}" ? "key" : "value";
    } else if (state === "after_value" && character !== frame?.closer) {
      this.#refuse(character, index, `expected "," or "${frame?.closer}"`);
    } else if (state === "after_value" || (state.startsWith("first_") && character === frame?.closer)) {
      this.#close(index + 1);
    } else if (state === "first_key" || state === "key") {
      if (character !== '"') this.#refuse(character, index, "expected a key in double quotes");
      this.#startString(true);
    } else if (state === "value" || state === "first_element") {
      this.#startValue(character, index);
    } else {
      this.#refuse(character, index, "nothing may follow the end of the value");
    }
  }

  #startValue(character: string, index: number): void {
    const frame = this.#frames.at(-1);
    if (frame?.closer === "]") frame.index = frame.array.length;
    const literal = LITERALS.get(character);
    if (character === "{") {
      const object: Record<string, unknown> = {};
      this.#place(object);
      this.#frames.push({ closer: "}", object, key: "" });
      this.#state = "first_key";
    } else if (character === "[") {
      const array: unknown[] = [];
      this.#place(array);
      this.#frames.push({ closer: "]", array, index: 0 });
      this.#state = "first_element";
    } else if (character === '"') {
      this.#startString(false);
    } else if (literal) {
      this.#literal = literal;
      this.#literalLength = 1;
      this.#state = "literal";
    } else {
      const numberState = nextNumberState("start", character);
      if (numberState === null) this.#refuse(character, index, "expected a value");
      this.#number = character;
      this.#numberState = numberState;
      this.#state = "number";
    }
  }

  #close(end: number): void {
    this.#frames.pop();
    this.#endValue(end);
  }

  #endValue(end: number): void {
    if (this.#frames.length === 1) this.#memberEnd = this.#base + end;
    this.#state = this.#frames.length === 0 ? "done" : "after_value";
  }

  #readNumber(character: string, index: number): number {
    const next = nextNumberState(this.#numberState, character);
    if (next === null) {
      if (!isNumberEnd(this.#numberState)) this.#refuse(character, index, "expected a digit");
      this.#endNumber(index);
      return index;
    }
    this.#number += character;
    this.#numberState = next;
    return index + 1;
  }

  #endNumber(end: number): void {
    this.#place(Number(this.#number));
    this.#endValue(end);
  }

  #readLiteral(character: string, index: number): void {
    const { text, value } = this.#literal;
    if (character !== text.charAt(this.#literalLength)) this.#refuse(character, index, `expected ${text}`);
    this.#literalLength++;
    if (this.#literalLength < text.length) return;
    this.#place(value);
    this.#endValue(index + 1);
  }

  #startString(isKey: boolean): void {
    this.#isKey = isKey;
    this.#text = "";
    this.#high = "";
    this.#state = "string";
  }

  #readEscape(character: string, index: number): void {
    if (character === "u") {
      this.#hexadecimal = "";
      this.#state = "unicode";
      return;
    }
    const meaning = ESCAPES.get(character);
    if (meaning === undefined) this.#refuse(character, index, "no such escape");
    this.#append(meaning);
    this.#state = "string";
  }

  #readHexadecimal(character: string, index: number): void {
    if (!/[0-9a-fA-F]/.test(character)) this.#refuse(character, index, "expected a hexadecimal digit");
    this.#hexadecimal += character;
    if (this.#hexadecimal.length < 4) return;
    this.#append(String.fromCharCode(Number.parseInt(this.#hexadecimal, 16)));
    this.#state = "string";
  }

  #append(piece: string): void {
    const text = this.#high + piece;
    const last = text.charCodeAt(text.length - 1);
    const held = last >= 0xd800 && last <= 0xdbff;
    this.#high = held ? text.charAt(text.length - 1) : "";
    // Appending makes a rope in O(1). Nothing here may look into #text: that would flatten it every time.
    this.#text += held ? text.slice(0, -1) : text;
  }

  #endString(end: number): void {
    const text = this.#text + this.#high;
    const frame = this.#frames.at(-1);
    if (this.#isKey && frame?.closer === "}") {
      this.#isKey = false;
      frame.key = text;
      this.#state = "colon";
      return;
    }
    this.#place(text);
    this.#endValue(end);
  }

  #place(value: unknown): void {
    const frame = this.#frames.at(-1);
    if (!frame) this.#root = value;
    else if (frame.closer === "]") frame.array[frame.index] = value;
    else if (frame.key !== "__proto__") frame.object[frame.key] = value;
    else {
      // Plain assignment would set the prototype; JSON.parse makes an ordinary property.
      const property = { value, writable: true, enumerable: true, configurable: true };
      Object.defineProperty(frame.object, frame.key, property);
    }
  }

  #refuse(character: string, index: number, expectation: string): never {
    const position = this.#base + index;
    const shown = JSON.stringify(character);
    this.#throw(
      "unexpected_character",
      `Unexpected ${shown} at position ${position}: ${expectation}`,
      position,
    );
  }

  #throw(code: JsonStreamError["code"], message: string, position: number): never {
    this.#failure = new JsonStreamError(code, message, position);
    throw this.#failure;
  }
}
