import { arrayExpression } from "./array-grammar.ts";
import type { GrammarRules } from "./grammar-rules.ts";
import { grammarChoice, grammarLiteral } from "./grammar-text.ts";
import { realExpression } from "./number-grammar.ts";
import { objectExpression } from "./object-grammar.ts";
import { stringExpression } from "./string-grammar.ts";
import type { ValueNotation } from "./value-notation.ts";

/** How deep a value may be nested where the schema says nothing about it. */
const ANY_DEPTH = 6;

export interface AnyValueOptions {
  readonly rules: GrammarRules;
  readonly notation: ValueNotation;
}

/** Any value, as a GBNF expression. */
export function anyValue({ rules, notation }: AnyValueOptions, depth: number = ANY_DEPTH): string {
  const scalars = [
    stringExpression({}, { rules, notation, onUnsupported: () => {} }),
    realExpression(rules, {
      minimum: null,
      maximum: null,
      minimumIsExclusive: false,
      maximumIsExclusive: false,
    }) ?? '"0"',
    ...[notation.true, notation.false, notation.null].map(grammarLiteral),
  ];
  if (depth === 0) return rules.add("value", grammarChoice(scalars));
  const containers = [anyObject({ rules, notation }, depth), anyArray({ rules, notation }, depth)];
  return rules.add("value", grammarChoice([...scalars, ...containers]));
}

export function anyObject({ rules, notation }: AnyValueOptions, depth: number = ANY_DEPTH): string {
  return objectExpression([], { rules, notation, others: anyValue({ rules, notation }, depth - 1) });
}

export function anyArray({ rules, notation }: AnyValueOptions, depth: number = ANY_DEPTH): string {
  const item = anyValue({ rules, notation }, depth - 1);
  const array = arrayExpression({ rules, notation, prefix: [], item, minimum: 0, maximum: null });
  return array ?? '"[]"';
}
