import { ALL_CHARACTERS } from "./character-set.ts";
import { type GrammarRules, MAX_REPETITIONS } from "./grammar-rules.ts";
import { grammarChoice } from "./grammar-text.ts";
import { type PatternAlternative, type PatternNode, patternTree } from "./pattern-tree.ts";
import type { ValueNotation } from "./value-notation.ts";

export interface LengthBounds {
  readonly minimum: number;
  readonly maximum: number | null;
}

export interface PatternGrammarOptions {
  readonly rules: GrammarRules;
  readonly notation: ValueNotation;
}

/** The texts that the pattern matches, without quotes, as a GBNF expression; null when no grammar can express it. */
export function patternExpression(
  source: string,
  { rules, notation }: PatternGrammarOptions,
  length: LengthBounds = { minimum: 0, maximum: null },
): string | null {
  const tree = patternTree(source);
  const bounded = tree && withLength(tree, length);
  if (!bounded) return null;
  const any = `${rules.add("any-character", notation.character(ALL_CHARACTERS) ?? '""')}*`;
  const choices: string[] = [];
  for (const { node, fromStart, toEnd } of bounded) {
    const inner = nodeExpression(node, { rules, notation });
    if (inner === null) return null;
    choices.push([...(fromStart ? [] : [any]), inner, ...(toEnd ? [] : [any])].join(" "));
  }
  return rules.add("pattern", grammarChoice(choices));
}

/** Bounds of the length can be kept where the whole pattern repeats one set of characters. */
function withLength(
  tree: readonly PatternAlternative[],
  { minimum, maximum }: LengthBounds,
): readonly PatternAlternative[] | null {
  if (minimum === 0 && maximum === null) return tree;
  const [only] = tree;
  if (tree.length > 1 || !only?.fromStart || !only.toEnd) return null;
  const { node } = only;
  if (node.type !== "repeat" || node.node.type !== "set") return null;
  const least = Math.max(node.minimum, minimum);
  const most = node.maximum === null ? maximum : Math.min(node.maximum, maximum ?? node.maximum);
  if (most !== null && most < least) return null;
  return [{ ...only, node: { ...node, minimum: least, maximum: most } }];
}

function nodeExpression(node: PatternNode, options: PatternGrammarOptions): string | null {
  switch (node.type) {
    case "set":
      return options.notation.character(node.set);
    case "sequence":
    case "choice": {
      const parts: string[] = [];
      for (const part of node.nodes) {
        const expression = nodeExpression(part, options);
        if (expression === null) return null;
        parts.push(expression);
      }
      if (node.type === "choice") return grammarChoice(parts);
      return parts.length === 0 ? '""' : parts.join(" ");
    }
    case "repeat": {
      const { minimum, maximum } = node;
      if (minimum > MAX_REPETITIONS || (maximum ?? 0) > MAX_REPETITIONS) return null;
      // llama.cpp takes a repetition of what may be empty for left recursion.
      if (isNullable(node.node)) return null;
      const inner = nodeExpression(node.node, options);
      return inner === null ? null : options.rules.repeat("part", inner, node);
    }
    default:
      return node satisfies never;
  }
}

function isNullable(node: PatternNode): boolean {
  switch (node.type) {
    case "set":
      return false;
    case "sequence":
      return node.nodes.every(isNullable);
    case "choice":
      return node.nodes.some(isNullable);
    case "repeat":
      return node.minimum === 0 || isNullable(node.node);
    default:
      return node satisfies never;
  }
}
