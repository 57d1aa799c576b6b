import { MarkerSearch } from "./marker-search.ts";
import type { Reading, TextInput } from "./text-input.ts";

const LONGEST_NAME = 256;
const LONGEST_SCALAR = 64;

export interface RawValueOptions {
  readonly input: TextInput;
  /** What stands on both sides of a string, which has no escapes. */
  readonly quote: string;
  /** Takes the JSON as it becomes clear. */
  readonly write: (json: string) => void;
}

/** Reads `{key:value, …}` with names without quotes and passes it on as JSON. False when it is none, or not whole. */
export function* readRawValue({ input, quote, write }: RawValueOptions): Reading<boolean> {
  yield* input.space();
  const next = yield* input.peek();
  if (next === "{" || next === "[") return yield* readContainer(next, { input, quote, write });
  if (yield* input.accept(quote)) return yield* readString({ input, quote, write });
  const scalar = (yield* input.until(",]} \n", LONGEST_SCALAR)) ?? "";
  if (!/^(true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)$/.test(scalar)) return false;
  write(scalar);
  return true;
}

function* readContainer(opener: "{" | "[", { input, quote, write }: RawValueOptions): Reading<boolean> {
  const closer = opener === "{" ? "}" : "]";
  input.take(1);
  write(opener);
  for (let count = 0; ; count++) {
    yield* input.space();
    if (yield* input.accept(closer)) break;
    if (count > 0) write(", ");
    if (opener === "{" && !(yield* readName({ input, quote, write }))) return false;
    if (!(yield* readRawValue({ input, quote, write }))) return false;
    yield* input.space();
    if (!(yield* input.accept(",")) && (yield* input.peek()) !== closer) return false;
  }
  write(closer);
  return true;
}

function* readName({ input, quote, write }: RawValueOptions): Reading<boolean> {
  if (yield* input.accept(quote)) {
    if (!(yield* readString({ input, quote, write }))) return false;
  } else {
    const name = yield* input.until(":", LONGEST_NAME);
    if (name === null) return false;
    write(JSON.stringify(name.trim().replace(/^"(.*)"$/, "$1")));
  }
  yield* input.space();
  if (!(yield* input.accept(":"))) return false;
  write(": ");
  return true;
}

function* readString({ input, quote, write }: RawValueOptions): Reading<boolean> {
  const search = new MarkerSearch([quote]);
  write('"');
  while (yield* input.more()) {
    const text = input.buffered;
    const found = search.find(text);
    const clear = found ? found.at : search.clear(text);
    if (clear > 0) write(JSON.stringify(input.take(clear)).slice(1, -1));
    if (found) {
      input.take(quote.length);
      write('"');
      return true;
    }
    if (input.closed) return false;
    if (clear < text.length) yield;
  }
  return false;
}
