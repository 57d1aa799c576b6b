import type { Reading, TextInput } from "./text-input.ts";

const WORDS: ReadonlyMap<string, string> = new Map([
  ["True", "true"],
  ["False", "false"],
  ["None", "null"],
  ["true", "true"],
  ["false", "false"],
  ["null", "null"],
]);
const LONGEST_SCALAR = 64;

export interface PythonLiteralOptions {
  readonly input: TextInput;
  /** Takes the JSON as it becomes clear. */
  readonly write: (json: string) => void;
}

/** Reads one of Python's literals and passes it on as JSON. False when it is none, or not whole. */
export function* readPythonLiteral({ input, write }: PythonLiteralOptions): Reading<boolean> {
  yield* input.space();
  const next = yield* input.peek();
  if (next === "'" || next === '"') return yield* readString(next, { input, write });
  if (next === "[" || next === "(") {
    return yield* readItems(next === "[" ? "]" : ")", { input, write });
  }
  if (next === "{") return yield* readMembers({ input, write });
  const scalar = yield* input.until(",)]}: \n\r\t", LONGEST_SCALAR);
  const json = scalar === null ? undefined : (WORDS.get(scalar) ?? jsonNumber(scalar));
  if (json === undefined) return false;
  write(json);
  return true;
}

function* readItems(closer: string, { input, write }: PythonLiteralOptions): Reading<boolean> {
  input.take(1);
  write("[");
  for (let count = 0; ; count++) {
    yield* input.space();
    if (yield* input.accept(closer)) break;
    if (count > 0) write(", ");
    if (!(yield* readPythonLiteral({ input, write }))) return false;
    yield* input.space();
    if (!(yield* input.accept(",")) && (yield* input.peek()) !== closer) return false;
  }
  write("]");
  return true;
}

function* readMembers({ input, write }: PythonLiteralOptions): Reading<boolean> {
  input.take(1);
  write("{");
  for (let count = 0; ; count++) {
    yield* input.space();
    if (yield* input.accept("}")) break;
    if (count > 0) write(", ");
    const quote = yield* input.peek();
    if (quote !== "'" && quote !== '"') return false;
    if (!(yield* readString(quote, { input, write }))) return false;
    yield* input.space();
    if (!(yield* input.accept(":"))) return false;
    write(": ");
    if (!(yield* readPythonLiteral({ input, write }))) return false;
    yield* input.space();
    if (!(yield* input.accept(",")) && (yield* input.peek()) !== "}") return false;
  }
  write("}");
  return true;
}

function* readString(quote: string, { input, write }: PythonLiteralOptions): Reading<boolean> {
  input.take(1);
  write('"');
  while (yield* input.more()) {
    const text = input.buffered;
    const end = text.search(quote === '"' ? /["\\]/ : /['\\]/);
    if (end !== 0) {
      write(JSON.stringify(input.take(end < 0 ? text.length : end)).slice(1, -1));
    } else if (text.startsWith(quote)) {
      input.take(1);
      write('"');
      return true;
    } else if (!(yield* readEscape({ input, write }))) {
      return false;
    }
  }
  return false;
}

function* readEscape({ input, write }: PythonLiteralOptions): Reading<boolean> {
  input.take(1);
  const character = yield* input.peek();
  if (character === "") return false;
  input.take(1);
  const digits = character === "x" ? 2 : character === "u" ? 4 : 0;
  if (digits > 0) {
    let code = "";
    while (code.length < digits && /[0-9a-fA-F]/.test(yield* input.peek())) code += input.take(1);
    write(code.length === digits ? `\\u${code.padStart(4, "0")}` : `\\\\${character}${code}`);
  } else if ('"\\/bfnrt'.includes(character)) {
    write(`\\${character}`);
  } else if (character === "'") {
    write("'");
  } else if (character !== "\n") {
    // Python keeps the backslash of an escape that it does not know.
    write(`\\\\${JSON.stringify(character).slice(1, -1)}`);
  }
  return true;
}

function jsonNumber(text: string): string | undefined {
  const plain = text
    .replace(/^\+/, "")
    .replaceAll("_", "")
    .replace(/^(-?)\./, "$10.")
    .replace(/\.(?=$|[eE])/, ".0");
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(plain) ? plain : undefined;
}
