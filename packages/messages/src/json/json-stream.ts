import { EMPTY_TEXT, type GrowingText, grow, wholeText } from "../text/growing-text.ts";
import type { JsonEvent, JsonPath } from "./json-event.ts";
import { JsonStreamError } from "./json-stream-error.ts";
import { isNumberEnd, type NumberState, nextNumberState } from "./number-states.ts";
import { StringReader } from "./string-reader.ts";

export interface JsonStreamOptions {
  /** Show a string while it is still being written; with false it appears when its closing quote has come. Default true. */
  readonly partialStrings?: boolean;
  /** Let `push` and `end` return what they brought. Default false, which saves the work. */
  readonly events?: boolean;
  /** How many objects and arrays may stand inside one another. Default 1,000. */
  readonly maxDepth?: number;
}

type State =
  | "value" // a value must come
  | "first_element" // just after `[`
  | "first_key" // just after `{`
  | "key" // after a comma in an object
  | "colon"
  | "after_value" // within a container, after one of its values
  | "string"
  | "number"
  | "literal"
  | "done"
  | "failed";

/** An open object or array, and where in it the value at hand stands. */
type Frame = { readonly parent: Frame | null; readonly depth: number } & (
  | { readonly closer: "}"; readonly object: Record<string, unknown>; key: string }
  | { readonly closer: "]"; readonly array: unknown[]; key: number }
);

interface Literal {
  readonly text: string;
  readonly value: boolean | null;
}

const TRUE: Literal = { text: "true", value: true };
const FALSE: Literal = { text: "false", value: false };
const NULL: Literal = { text: "null", value: null };

const NO_EVENTS: readonly JsonEvent[] = Object.freeze([]);

/**
 * Parses one JSON text that arrives in pieces, cut anywhere. After each `push` the value so far can be read: objects
 * and arrays as far as they have come, strings as far as they have been written; keys, numbers and literals once they
 * are whole. With `events`, `push` and `end` also tell what they brought, in the order of the text.
 *
 * Accepts exactly what `JSON.parse` accepts, down to `maxDepth`, and gives the same value; throws
 * {@link JsonStreamError} at the first character that cannot belong to JSON, and nothing else, and stays failed.
 *
 * Work is linear in the text and memory in the value, whatever the size of the pieces; so is reading `value` after
 * each of them. To look at the characters of a string that is still growing costs its length each time, because engines
 * join a string when it is looked at: a reader that shows one as it grows stays linear with the `text` events.
 */
export class JsonStream {
  readonly #partialStrings: boolean;
  readonly #maxDepth: number;
  #state: State = "value";
  #frame: Frame | null = null;
  #root: unknown;
  /** Text read before the piece at hand. */
  #base = 0;
  #memberEnd = 0;
  #failure: JsonStreamError | null = null;

  /** Reads the keys and the strings. */
  readonly #string: StringReader;
  #isKey = false;
  #number: GrowingText = EMPTY_TEXT;
  #numberState: NumberState = "start";
  #literal: Literal = NULL;
  #literalLength = 0;

  /** What the piece at hand brought; null when nobody wants to know. */
  #events: JsonEvent[] | null;
  /** The path of the string, once an event needed it. */
  #path: JsonPath | null = null;

  constructor({ partialStrings = true, events = false, maxDepth = 1_000 }: JsonStreamOptions = {}) {
    this.#partialStrings = partialStrings;
    this.#maxDepth = maxDepth;
    this.#events = events ? [] : null;
    this.#string = new StringReader({
      keepsAdded: events,
      refuse: (character, index, expectation) => this.#refuse(character, index, expectation),
    });
  }

  /**
   * The value so far; undefined before there is one to show. It is the live tree, not a copy: objects and arrays grow
   * with the next `push`, and a string that is still open is brought up to date whenever `value` is read.
   */
  get value(): unknown {
    this.#showPart();
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
    let closers = "";
    for (let frame = this.#frame; frame; frame = frame.parent) closers += frame.closer;
    return closers;
  }

  /** Reads the next piece. When it throws, what the piece brought before is in `value`, but not told. */
  push(text: string): readonly JsonEvent[] {
    if (this.#failure) throw this.#failure;
    let index = 0;
    while (index < text.length) {
      switch (this.#state) {
        case "string":
          index = this.#string.read(text, index);
          if (this.#string.isClosed) this.#endString(index);
          break;
        case "number":
          index = this.#readNumber(text, index);
          break;
        case "literal":
          this.#readLiteral(text.charAt(index), index++);
          break;
        default:
          index = this.#readStructure(text.charAt(index), index);
      }
    }
    this.#base += text.length;
    return this.#takeEvents();
  }

  /** Says that no more text comes. Throws when the value is not whole. */
  end(): readonly JsonEvent[] {
    if (this.#failure) throw this.#failure;
    if (this.#state === "number" && this.#frame === null && isNumberEnd(this.#numberState))
      this.#endNumber(0);
    if (this.#state !== "done") {
      this.#fail("unexpected_end", `Unexpected end of JSON at position ${this.#base}`, this.#base);
    }
    return this.#takeEvents();
  }

  /** Reads as much of a number as there is. Returns where to go on, as the other readers do. */
  #readNumber(text: string, start: number): number {
    let index = start;
    let state = this.#numberState;
    for (; index < text.length; index++) {
      const next = nextNumberState(state, text.charCodeAt(index));
      if (next === null) break;
      state = next;
    }
    this.#numberState = state;
    this.#number = grow(this.#number, text.slice(start, index));
    if (index === text.length) return index;
    if (state === "start") this.#refuse(text.charAt(index), index, "expected a value");
    if (!isNumberEnd(state)) this.#refuse(text.charAt(index), index, "expected a digit");
    this.#endNumber(index);
    return index;
  }

  #readStructure(character: string, index: number): number {
    if (character === " " || character === "\n" || character === "\r" || character === "\t") return index + 1;
    const frame = this.#frame;
    switch (this.#state) {
      case "colon":
        if (character !== ":") this.#refuse(character, index, 'expected ":"');
        this.#state = "value";
        return index + 1;
      case "after_value":
        if (character === ",") this.#state = frame?.closer === "}" ? "key" : "value";
        else if (character === frame?.closer) this.#close(frame, index + 1);
        else this.#refuse(character, index, `expected "," or "${frame?.closer}"`);
        return index + 1;
      case "first_key":
      case "key":
        if (character === '"') this.#startString(true);
        else if (character === "}" && frame && this.#state === "first_key") this.#close(frame, index + 1);
        else this.#refuse(character, index, "expected a key in double quotes");
        return index + 1;
      case "first_element":
        if (character !== "]" || !frame) return this.#startValue(character, index);
        this.#close(frame, index + 1);
        return index + 1;
      case "value":
        return this.#startValue(character, index);
      default:
        this.#refuse(character, index, "nothing may follow the end of the value");
    }
  }

  #startValue(character: string, index: number): number {
    const parent = this.#frame;
    if (parent?.closer === "]") parent.key = parent.array.length;
    switch (character) {
      case "{": {
        const object: Record<string, unknown> = {};
        const depth = this.#enter(index);
        this.#place(object);
        this.#frame = { parent, depth, closer: "}", object, key: "" };
        this.#state = "first_key";
        return index + 1;
      }
      case "[": {
        const array: unknown[] = [];
        const depth = this.#enter(index);
        this.#place(array);
        this.#frame = { parent, depth, closer: "]", array, key: 0 };
        this.#state = "first_element";
        return index + 1;
      }
      case '"':
        this.#startString(false);
        return index + 1;
      case "t":
      case "f":
      case "n":
        this.#literal = character === "t" ? TRUE : character === "f" ? FALSE : NULL;
        this.#literalLength = 1;
        this.#state = "literal";
        return index + 1;
      default:
        this.#number = EMPTY_TEXT;
        this.#numberState = "start";
        this.#state = "number";
        return index;
    }
  }

  /** The depth of one more object or array. */
  #enter(index: number): number {
    const depth = (this.#frame?.depth ?? 0) + 1;
    if (depth > this.#maxDepth) {
      const position = this.#base + index;
      const reason = `more than ${this.#maxDepth} objects and arrays inside one another`;
      this.#fail("too_deep", `Too deep at position ${position}: ${reason}`, position);
    }
    return depth;
  }

  #close(frame: Frame, end: number): void {
    this.#frame = frame.parent;
    this.#endValue(frame.closer === "}" ? frame.object : frame.array, end);
  }

  /** Goes on after a whole value that is in the tree already. */
  #endValue(value: unknown, end: number): void {
    const frame = this.#frame;
    if (this.#events) {
      this.#events.push({ type: "value", path: this.#path ?? pathTo(frame), value });
      this.#path = null;
    }
    // The outermost value has no frame around it, its members have one.
    if (frame?.depth === 1) this.#memberEnd = this.#base + end;
    this.#state = frame ? "after_value" : "done";
  }

  #endNumber(end: number): void {
    const number = Number(wholeText(this.#number));
    this.#place(number);
    this.#endValue(number, end);
  }

  #readLiteral(character: string, index: number): void {
    const { text, value } = this.#literal;
    if (character !== text.charAt(this.#literalLength)) this.#refuse(character, index, `expected ${text}`);
    this.#literalLength++;
    if (this.#literalLength < text.length) return;
    this.#place(value);
    this.#endValue(value, index + 1);
  }

  #startString(isKey: boolean): void {
    this.#isKey = isKey;
    this.#string.open();
    this.#state = "string";
  }

  #endString(end: number): void {
    const text = this.#string.whole;
    const frame = this.#frame;
    if (this.#isKey && frame?.closer === "}") {
      frame.key = text;
      this.#state = "colon";
      return;
    }
    this.#place(text);
    this.#tellText();
    this.#endValue(text, end);
  }

  /** Brings the open string in the tree up to date. */
  #showPart(): void {
    if (this.#state === "string" && !this.#isKey && this.#partialStrings) this.#place(this.#string.soFar);
  }

  #place(value: unknown): void {
    const frame = this.#frame;
    if (!frame) this.#root = value;
    else if (frame.closer === "]") frame.array[frame.key] = value;
    else if (frame.key !== "__proto__") frame.object[frame.key] = value;
    else {
      // Plain assignment would set the prototype; JSON.parse makes an ordinary property.
      const property = { value, writable: true, enumerable: true, configurable: true };
      Object.defineProperty(frame.object, frame.key, property);
    }
  }

  #tellText(): void {
    if (!this.#events || this.#isKey) return;
    const text = this.#string.takeAdded();
    if (text === "") return;
    this.#path ??= pathTo(this.#frame);
    this.#events.push({ type: "text", path: this.#path, text });
  }

  #takeEvents(): readonly JsonEvent[] {
    if (!this.#events) return NO_EVENTS;
    this.#tellText();
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #refuse(character: string, index: number, expectation: string): never {
    const position = this.#base + index;
    const shown = JSON.stringify(character);
    this.#fail(
      "unexpected_character",
      `Unexpected ${shown} at position ${position}: ${expectation}`,
      position,
    );
  }

  #fail(code: JsonStreamError["code"], message: string, position: number): never {
    this.#showPart();
    this.#base = position;
    this.#state = "failed";
    this.#failure = new JsonStreamError(code, message, position);
    throw this.#failure;
  }
}

function pathTo(frame: Frame | null): JsonPath {
  const path: (string | number)[] = [];
  for (let at = frame; at; at = at.parent) path.push(at.key);
  return path.reverse();
}
