import {
  type CharacterSet,
  characterSet,
  charactersOf,
  complement,
  includesCharacter,
  subtract,
} from "./character-set.ts";
import type { GrammarRules } from "./grammar-rules.ts";
import { grammarChoice, grammarClass, grammarLiteral } from "./grammar-text.ts";

/** How a family of models writes values: all of them write JSON's values, but not all in JSON's spelling. */
export interface ValueNotation {
  readonly name: string;
  readonly true: string;
  readonly false: string;
  readonly null: string;
  /** What stands on both sides of a string. */
  readonly quote: string;
  /** A text as it stands within the quotes. */
  readonly text: (value: string) => string;
  /** One character of the set within the quotes, as a GBNF expression; null when none of them can be written. */
  readonly character: (set: CharacterSet) => string | null;
  /** Any character within the quotes, as a GBNF expression. */
  readonly anyCharacter: string;
  /** Strings without bounds, where they are more than any characters in a row. */
  readonly anyText?: (rules: GrammarRules) => string;
  /** A member's name. */
  readonly key: (name: string) => string;
  /** What stands on both sides of a member's name, and the characters of a name that no schema declares. */
  readonly keyQuote: string;
  readonly keyCharacters: CharacterSet;
  /** Whether one space may follow a colon or comma. */
  readonly spaces: boolean;
}

const CONTROLS: CharacterSet = [[0, 0x1f]];
const JSON_SPECIAL = characterSet([...charactersOf('"\\\u007f'), ...CONTROLS]);
const JSON_ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x22, '\\"'],
  [0x5c, "\\\\"],
  [0x08, "\\b"],
  [0x0c, "\\f"],
  [0x0a, "\\n"],
  [0x0d, "\\r"],
  [0x09, "\\t"],
]);

export const JSON_NOTATION: ValueNotation = {
  name: "json",
  true: "true",
  false: "false",
  null: "null",
  quote: '"',
  text: (value) => JSON.stringify(value).slice(1, -1),
  character: jsonCharacter,
  // Escapes of surrogates are left out: half a pair is no text.
  anyCharacter:
    '[^"\\\\\\x00-\\x1f\\x7f] | "\\\\" (["\\\\/bfnrt] | "u" ([0-9a-ce-fA-CE-F] [0-9a-fA-F]{3} | [dD] [0-7] [0-9a-fA-F]{2}))',
  key: (name) => JSON.stringify(name),
  keyQuote: '"',
  keyCharacters: complement(JSON_SPECIAL),
  spaces: true,
};

/** Python's literals: LFM2 writes calls as Python does. */
export const PYTHON_NOTATION: ValueNotation = {
  ...JSON_NOTATION,
  name: "python",
  true: "True",
  false: "False",
  null: "None",
};

const IDENTIFIER: CharacterSet = characterSet([
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]);

/** How names of members are written. */
export type NameNotation = Pick<ValueNotation, "key" | "keyQuote" | "keyCharacters">;

/** Names without quotes. */
export const BARE_NAMES: NameNotation = {
  key: (name) => name,
  keyQuote: "",
  keyCharacters: IDENTIFIER,
};

/** Strings between marks of their own, without escapes; names without quotes. */
export function rawNotation(quote: string): ValueNotation {
  return {
    ...unescapedNotation(charactersOf(quote.slice(0, 1))),
    ...BARE_NAMES,
    name: "raw",
    quote,
    spaces: false,
  };
}

/** Strings without quotes and escapes, in which some characters cannot stand. */
export function unescapedNotation(forbidden: CharacterSet): ValueNotation {
  const allowed = complement(forbidden);
  return {
    ...JSON_NOTATION,
    name: "unescaped",
    quote: "",
    text: (value) => value,
    character: (set) => classOrNull(subtract(set, forbidden)),
    anyCharacter: classOrNull(allowed) ?? '""',
  };
}

/** A constant as the notation spells it. */
export function writeConstant(value: unknown, notation: ValueNotation): string {
  const space = notation.spaces ? " " : "";
  if (value === true) return notation.true;
  if (value === false) return notation.false;
  if (value === null || value === undefined) return notation.null;
  if (typeof value === "string") return `${notation.quote}${notation.text(value)}${notation.quote}`;
  if (Array.isArray(value)) {
    return `[${value.map((item) => writeConstant(item, notation)).join(`,${space}`)}]`;
  }
  if (typeof value !== "object") return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${notation.key(name)}:${space}${writeConstant(member, notation)}`,
  );
  return `{${members.join(`,${space}`)}}`;
}

/** JSON with a space after colons and commas, as chat templates write it and models are trained on it. */
export function writeJson(value: unknown): string {
  return writeConstant(value, JSON_NOTATION);
}

function jsonCharacter(set: CharacterSet): string | null {
  const plain = classOrNull(subtract(set, JSON_SPECIAL));
  const escaped = Array.from(JSON_ESCAPES).flatMap(([code, text]) =>
    includesCharacter(set, code) ? grammarLiteral(text) : [],
  );
  const choices = [...(plain === null ? [] : [plain]), ...escaped];
  return choices.length === 0 ? null : grammarChoice(choices);
}

/** A class of the set's characters; null when it has none. */
export function classOrNull(characters: CharacterSet): string | null {
  // Halves of surrogate pairs are no characters.
  const set = subtract(characters, [[0xd800, 0xdfff]]);
  if (set.length === 0) return null;
  const outside = complement(set);
  // A long class is slow to match; most long ones are short when they are turned around.
  return outside.length > 0 && outside.length < set.length
    ? `[^${grammarClass(outside).slice(1)}`
    : grammarClass(set);
}
