import { BLOCK_LENGTH, EMPTY_TEXT, type GrowingText, grow, joined, wholeText } from "../text/growing-text.ts";

export interface StringReaderOptions {
  /** Called with the first character that cannot belong to a string, where it stands in its piece, and what is wrong. */
  readonly refuse: (character: string, index: number, expectation: string) => never;
  /** Keep for `takeAdded` what is added. */
  readonly keepsAdded: boolean;
}

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

/** Reads JSON strings one after the other, each from after its opening quote to its closing one, in pieces cut anywhere. */
export class StringReader {
  readonly #refuse: StringReaderOptions["refuse"];
  readonly #keepsAdded: boolean;
  #state: "plain" | "escape" | "unicode" | "closed" = "closed";
  // A GrowingText in two fields: a new object for every piece would cost a fifth of the parser's time.
  #head = "";
  #tail = "";
  #added: GrowingText = EMPTY_TEXT;
  /** A high surrogate at the end waits here, so that no half character is ever shown. */
  #high = "";
  #hexadecimal = "";

  constructor({ refuse, keepsAdded }: StringReaderOptions) {
    this.#refuse = refuse;
    this.#keepsAdded = keepsAdded;
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  get soFar(): string {
    return this.#head + this.#tail;
  }

  get whole(): string {
    return this.#head + joined(this.#tail);
  }

  /** What was added since this was last asked, `""` for nothing. */
  takeAdded(): string {
    if (this.#added === EMPTY_TEXT) return "";
    const added = wholeText(this.#added);
    this.#added = EMPTY_TEXT;
    return added;
  }

  /** Begins a string. */
  open(): void {
    this.#state = "plain";
    this.#head = "";
    this.#tail = "";
    this.#added = EMPTY_TEXT;
  }

  /** Reads to the end of the string or of the piece. Returns where it stopped. */
  read(text: string, start: number): number {
    let index = start;
    while (index < text.length && this.#state !== "closed") {
      if (this.#state === "plain") index = this.#readPlain(text, index);
      else if (this.#state === "escape") this.#readEscape(text.charAt(index), index++);
      else this.#readHexadecimal(text.charAt(index), index++);
    }
    return index;
  }

  #readPlain(text: string, start: number): number {
    let index = start;
    for (; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code === 0x22 || code === 0x5c || code < 0x20) break;
    }
    if (index > start) this.#append(text.slice(start, index));
    if (index === text.length) return index;
    const character = text.charAt(index);
    if (character === '"') this.#close();
    else if (character === "\\") this.#state = "escape";
    else this.#refuse(character, index, "control characters must be escaped in a string");
    return index + 1;
  }

  #readEscape(character: string, index: number): void {
    if (character === "u") {
      this.#hexadecimal = "";
      this.#state = "unicode";
      return;
    }
    const meaning = ESCAPES.get(character) ?? this.#refuse(character, index, "no such escape");
    this.#append(meaning);
    this.#state = "plain";
  }

  #readHexadecimal(character: string, index: number): void {
    if (!/[0-9a-fA-F]/.test(character)) this.#refuse(character, index, "expected a hexadecimal digit");
    this.#hexadecimal += character;
    if (this.#hexadecimal.length < 4) return;
    this.#append(String.fromCharCode(Number.parseInt(this.#hexadecimal, 16)));
    this.#state = "plain";
  }

  #append(piece: string): void {
    const text = this.#high + piece;
    const last = text.charCodeAt(text.length - 1);
    const isHeld = last >= 0xd800 && last <= 0xdbff;
    this.#high = isHeld ? text.charAt(text.length - 1) : "";
    this.#add(isHeld ? text.slice(0, -1) : text);
  }

  #add(text: string): void {
    if (text === "") return;
    this.#tail += text;
    if (this.#tail.length >= BLOCK_LENGTH) {
      this.#head += joined(this.#tail);
      this.#tail = "";
    }
    if (this.#keepsAdded) this.#added = grow(this.#added, text);
  }

  #close(): void {
    this.#add(this.#high); // It stands alone after all.
    this.#high = "";
    this.#state = "closed";
  }
}
