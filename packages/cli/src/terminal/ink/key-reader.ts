export type KeyName =
  | "enter"
  | "newline"
  | "escape"
  | "tab"
  | "backspace"
  | "delete"
  | "up"
  | "down"
  | "left"
  | "right"
  | "home"
  | "end"
  | "word_left"
  | "word_right"
  | "delete_word"
  | "delete_word_after"
  | "delete_line_before"
  | "delete_line_after"
  | "interrupt"
  | "end_of_input"
  | "toggle_output"
  | "toggle_plan"
  | "redraw";

/** What a person did at the keyboard. */
export type Key =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "paste"; readonly text: string }
  | { readonly kind: "key"; readonly name: KeyName };

const PASTE_BEGIN = "\u001b[200~";
const PASTE_END = "\u001b[201~";

const SEQUENCES: Readonly<Record<string, KeyName>> = {
  "[A": "up",
  "[B": "down",
  "[C": "right",
  "[D": "left",
  "[H": "home",
  "[F": "end",
  OA: "up",
  OB: "down",
  OC: "right",
  OD: "left",
  OH: "home",
  OF: "end",
  "[1~": "home",
  "[7~": "home",
  "[4~": "end",
  "[8~": "end",
  "[3~": "delete",
  "[1;5C": "word_right",
  "[1;5D": "word_left",
  "[1;3C": "word_right",
  "[1;3D": "word_left",
  "[13;2u": "newline",
  "[13;3u": "newline",
  "[13;5u": "newline",
  "[27;2;13~": "newline",
  "[27;3;13~": "newline",
  "\r": "newline",
  "\n": "newline",
  b: "word_left",
  f: "word_right",
  d: "delete_word_after",
  "\u007f": "delete_word",
  "\b": "delete_word",
};

const CONTROLS: Readonly<Record<string, KeyName>> = {
  "\r": "enter",
  "\n": "newline",
  "\t": "tab",
  "\u007f": "backspace",
  "\b": "backspace",
  "\u0001": "home",
  "\u0002": "left",
  "\u0003": "interrupt",
  "\u0004": "end_of_input",
  "\u0005": "end",
  "\u0006": "right",
  "\u000b": "delete_line_after",
  "\u000c": "redraw",
  "\u000e": "down",
  "\u000f": "toggle_output",
  "\u0010": "up",
  "\u0014": "toggle_plan",
  "\u0015": "delete_line_before",
  "\u0017": "delete_word",
};

const SEQUENCE = /^(?:\[[0-9;?<=>]*[A-Za-z~^$@]|O[A-Za-z]|[^[O])/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: text ends where one of these begins
const TEXT = /^[^\u0000-\u001f\u007f]+/;

/**
 * Reads keys from what a terminal sends, however it is cut into pieces. What was pasted between brackets is one key. An
 * escape at the end of a piece may be the key or the beginning of a sequence: `flush` decides for the key.
 */
export class KeyReader {
  #rest = "";

  /** True while something may be the beginning of a sequence. */
  get waits(): boolean {
    return this.#rest !== "" && !this.#rest.startsWith(PASTE_BEGIN);
  }

  read(text: string): Key[] {
    this.#rest += text;
    const keys: Key[] = [];
    for (;;) {
      const next = this.#next();
      if (next === null) return keys;
      if (next !== "unknown") keys.push(next);
    }
  }

  flush(): Key[] {
    if (!this.waits) return [];
    this.#rest = this.#rest.slice(1);
    return [{ kind: "key", name: "escape" }, ...this.read("")];
  }

  /** Null when nothing whole is there. */
  #next(): Key | "unknown" | null {
    const rest = this.#rest;
    if (rest === "") return null;
    if (rest.startsWith(PASTE_BEGIN)) return this.#paste();
    const text = TEXT.exec(rest)?.[0];
    if (text !== undefined) return this.#take(text.length, { kind: "text", text });
    if (rest.startsWith("\u001b")) {
      // Two escapes are two keys: somebody presses it again.
      if (rest[1] === "\u001b") return this.#take(1, { kind: "key", name: "escape" });
      const sequence = SEQUENCE.exec(rest.slice(1))?.[0];
      if (sequence === undefined) return null;
      return this.#take(1 + sequence.length, named(SEQUENCES[sequence]));
    }
    return this.#take(1, named(CONTROLS[rest[0] ?? ""]));
  }

  #paste(): Key | "unknown" | null {
    const end = this.#rest.indexOf(PASTE_END);
    if (end < 0) return null;
    const text = this.#rest.slice(PASTE_BEGIN.length, end).replaceAll(/\r\n?/g, "\n");
    return this.#take(end + PASTE_END.length, { kind: "paste", text });
  }

  #take(length: number, key: Key | "unknown"): Key | "unknown" {
    this.#rest = this.#rest.slice(length);
    return key;
  }
}

function named(name: KeyName | undefined): Key | "unknown" {
  return name === undefined ? "unknown" : { kind: "key", name };
}
