import { characterSet, includesCharacter, subtract } from "./character-set.ts";
import type { GrammarRules } from "./grammar-rules.ts";
import { grammarChoice, grammarClass } from "./grammar-text.ts";
import { classOrNull, type NameNotation } from "./value-notation.ts";

interface NameTree {
  readonly branches: Map<number, NameTree>;
  isName: boolean;
}

/** Names that are none of these, of characters that need no escape, without quotes, as a GBNF expression. */
export function otherNamesExpression(
  names: readonly string[],
  { rules, notation }: { readonly rules: GrammarRules; readonly notation: NameNotation },
): string {
  const allowed = notation.keyCharacters;
  const tail = `${grammarClass(allowed)}*`;
  const isAllowed = (character: string) => includesCharacter(allowed, character.codePointAt(0) ?? 0);
  const root: NameTree = { branches: new Map(), isName: false };
  for (const name of names.filter((text) => Array.from(text).every(isAllowed))) {
    let node = root;
    for (const character of name) {
      const code = character.codePointAt(0) ?? 0;
      const next = node.branches.get(code) ?? { branches: new Map(), isName: false };
      node.branches.set(code, next);
      node = next;
    }
    node.isName = true;
  }
  // A name without quotes cannot be empty.
  if (notation.keyQuote === "") root.isName = true;

  function expression({ branches, isName }: NameTree): string {
    const codes = [...branches.keys()];
    const others = classOrNull(subtract(allowed, characterSet(codes.map((code) => [code, code]))));
    const choices = [
      ...(others === null ? [] : [`${others} ${tail}`]),
      ...codes.map((code) => `${grammarClass([[code, code]])} ${expression(branches.get(code) ?? root)}`),
      ...(isName ? [] : ['""']),
    ];
    return rules.add("other-name", grammarChoice(choices));
  }
  return expression(root);
}
