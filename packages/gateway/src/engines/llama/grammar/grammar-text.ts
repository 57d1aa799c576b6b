const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/** The text as a GBNF literal. */
export function grammarLiteral(text: string): string {
  const escaped = Array.from(text, (character) => (character === '"' ? '\\"' : escapeCharacter(character)));
  return `"${escaped.join("")}"`;
}

/** A set of characters as a GBNF character class; ranges are inclusive code points. */
export function grammarClass(ranges: readonly CharacterRange[]): string {
  const parts = ranges.map(([low, high]) =>
    low === high ? classCharacter(low) : `${classCharacter(low)}-${classCharacter(high)}`,
  );
  return `[${parts.join("")}]`;
}

/** First and last code point. */
export type CharacterRange = readonly [low: number, high: number];

/** One of several expressions; in brackets, so that it may stand in a sequence. */
export function grammarChoice(choices: readonly string[]): string {
  const distinct = [...new Set(choices)];
  return distinct.length === 1 ? (distinct[0] ?? '""') : `(${distinct.join(" | ")})`;
}

function classCharacter(code: number): string {
  const character = String.fromCodePoint(code);
  if ("[]-^".includes(character)) return hexadecimal(code);
  if (code > 0x7e) return hexadecimal(code);
  return escapeCharacter(character);
}

function escapeCharacter(character: string): string {
  const known = ESCAPES.get(character);
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 || code === 0x7f ? hexadecimal(code) : character;
}

function hexadecimal(code: number): string {
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}
