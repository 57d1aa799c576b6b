import { grammarLiteral } from "./grammar-text.ts";

/**
 * The grammar with a literal before its root: for a token that lies on both sides of where the grammar begins, which
 * is taken back as a whole.
 */
export function prefixGrammar(grammar: string, text: string): string {
  if (text === "") return grammar;
  const renamed = grammar.replace(/^root ::=/m, "after-prefix ::=");
  return `root ::= ${grammarLiteral(text)} after-prefix\n${renamed}`;
}
