import type { GrammarRules } from "./grammar-rules.ts";
import type { ValueNotation } from "./value-notation.ts";

export interface ArrayGrammarOptions {
  readonly rules: GrammarRules;
  readonly notation: ValueNotation;
  /** Items that stand first, one expression each. */
  readonly prefix: readonly string[];
  /** The items after these; null when there are none. */
  readonly item: string | null;
  readonly minimum: number;
  readonly maximum: number | null;
}

/** An array as a GBNF expression; null when no array fits. */
export function arrayExpression(options: ArrayGrammarOptions): string | null {
  const { rules, prefix, item, maximum } = options;
  const room = item === null ? prefix.length : Number.POSITIVE_INFINITY;
  const most = Math.min(room, maximum ?? Number.POSITIVE_INFINITY);
  if (most < options.minimum) return null;
  const inner = most === 0 ? "" : items(0, { ...options, most });
  return rules.add("array", inner === "" ? '"[]"' : `"[" ${inner} "]"`);
}

function items(index: number, options: ArrayGrammarOptions & { readonly most: number }): string {
  const { rules, notation, prefix, item, minimum, most } = options;
  if (index >= most) return "";
  const comma = notation.spaces ? '"," " "?' : '","';
  const written = prefix[index];
  if (written === undefined) {
    if (item === null) return "";
    const bounds = {
      minimum: Math.max(0, minimum - index),
      maximum: Number.isFinite(most) ? most - index : null,
    };
    const next = `${comma} ${item}`;
    if (index > 0) return rules.repeat("item", next, bounds);
    const more = rules.repeat("item", next, {
      minimum: Math.max(0, bounds.minimum - 1),
      maximum: bounds.maximum === null ? null : bounds.maximum - 1,
    });
    return optional(`${item} ${more}`, { rules, required: minimum > 0 });
  }
  const tail = items(index + 1, options);
  const part = [index === 0 ? written : `${comma} ${written}`, tail].filter(Boolean).join(" ");
  return optional(part, { rules, required: index < minimum });
}

function optional(
  expression: string,
  { rules, required }: { readonly rules: GrammarRules; readonly required: boolean },
): string {
  const rule = rules.add("items", expression);
  return required ? rule : `${rule}?`;
}
