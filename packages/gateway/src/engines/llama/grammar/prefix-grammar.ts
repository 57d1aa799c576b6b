/**
 * The grammar with a literal before its root: for a token that lies on both sides of where the grammar begins, which
 * is taken back as a whole.
 */
export function prefixGrammar(grammar: string, text: string): string {
  if (text === "") return grammar;
  const renamed = grammar.replace(/^root ::=/m, "after-prefix ::=");
  return `root ::= ${grammarLiteral(text)} after-prefix\n${renamed}`;
}

/** The text as a GBNF literal. */
export function grammarLiteral(text: string): string {
  const escaped = Array.from(text, (character) => {
    const known = ESCAPES.get(character);
    if (known !== undefined) return known;
    const code = character.codePointAt(0) ?? 0;
    return code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, "0")}` : character;
  });
  return `"${escaped.join("")}"`;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);
