import { below, oneOf, type Random } from "./random.ts";

const SPACE = [" ", "\n", "\r\n", "\t", "  "];
const NUMBERS = ["0", "-0", "1e400", "-1e400", "1E-7", "5e-324", "0.1", "1.0", "9007199254740993", "-0e+0"];
const KEYS = ["a", "b", "", "0", "1", "__proto__", "constructor", "length", "toString", "\\u0061", "é", "😀"];
const PIECES = [
  "a",
  "word ",
  "é",
  "漢",
  "😀",
  "\ud83d", // half a character, alone, is legal in JSON and in JavaScript
  "\ude00",
  "\ud800",
  "\udbff",
  "\udfff",
  "\u2028",
  "\u007f",
  "\uFEFF",
  "[{:,}]",
  '\\"',
  "\\\\",
  "\\/",
  "\\b\\f\\n\\r\\t",
  "\\u0000",
  "\\u00e9",
  "\\uD83D\\uDE00",
  "\\ud83d",
  "\\uDE00",
  "\\u005C",
];

/** The text of a JSON document: every kind of value, spacing and spelling, mostly short, now and then long. */
export function randomDocument(random: Random): string {
  const isLong = random() < 0.01;
  return write(random, isLong ? 5 : 3, isLong ? 12 : 4);
}

function write(random: Random, depth: number, width: number): string {
  return space(random) + writeValue(random, depth, width) + space(random);
}

function writeValue(random: Random, depth: number, width: number): string {
  switch (below(random, depth > 0 ? 9 : 6)) {
    case 0:
      return oneOf(random, ["true", "false", "null"]);
    case 1:
      return oneOf(random, NUMBERS);
    case 2:
      return randomNumber(random);
    case 3:
    case 4:
      return randomString(random, width);
    case 5:
      return oneOf(random, ["[]", "{}", '""']);
    case 6:
      return `[${repeat(random, width, () => write(random, depth - 1, width))}]`;
    default:
      return `{${repeat(random, width, () => {
        const key = random() < 0.7 ? `"${oneOf(random, KEYS)}"` : randomString(random, 2);
        return `${space(random)}${key}${space(random)}:${write(random, depth - 1, width)}`;
      })}}`;
  }
}

function repeat(random: Random, width: number, writeOne: () => string): string {
  const items = Array.from({ length: below(random, width + 1) }, writeOne);
  return items.length > 0 ? items.join(",") : space(random);
}

function space(random: Random): string {
  return random() < 0.85 ? "" : oneOf(random, SPACE);
}

function randomString(random: Random, width: number): string {
  // Some strings are longer than the blocks that the parser joins text in.
  const length = random() < 0.001 ? 3_000 : below(random, width + 1);
  return `"${Array.from({ length }, () => oneOf(random, PIECES)).join("")}"`;
}

function randomNumber(random: Random): string {
  const digits = (): string => Array.from({ length: 1 + below(random, 4) }, () => below(random, 10)).join("");
  const whole = random() < 0.3 ? "0" : `${1 + below(random, 9)}${random() < 0.5 ? digits() : ""}`;
  const fraction = random() < 0.4 ? `.${digits()}` : "";
  const exponent = random() < 0.3 ? `${oneOf(random, "eE")}${oneOf(random, ["", "+", "-"])}${digits()}` : "";
  return `${random() < 0.3 ? "-" : ""}${whole}${fraction}${exponent}`;
}

const MISTAKES = "{}[]\",:\\/u0123456789.eE+-truefalsn \n\t\u0000\u001f\u00a0\uFEFF'xDd\ud83d\ude00";

/** The text with one to three characters put in, taken out, changed, or the rest cut off. Often no longer JSON. */
export function mutated(random: Random, text: string): string {
  let result = text;
  for (let count = 1 + below(random, 3); count > 0; count--) {
    const at = below(random, result.length + 1);
    const [before, after] = [result.slice(0, at), result.slice(at)];
    switch (below(random, 5)) {
      case 0:
        result = before;
        break;
      case 1:
        result = before + after.slice(1);
        break;
      case 2:
        result = before + oneOf(random, MISTAKES) + after;
        break;
      case 3:
        result = before + oneOf(random, MISTAKES) + after.slice(1);
        break;
      default:
        result = before + after.slice(0, 3) + after;
    }
  }
  return result;
}

/** Every place to cut a short text in two, some of a long one. */
export function randomCuts(random: Random, text: string): number[] {
  if (text.length <= 40) return Array.from({ length: text.length + 1 }, (_, cut) => cut);
  return Array.from({ length: 12 }, () => below(random, text.length + 1));
}
