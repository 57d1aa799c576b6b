import type { GrammarRules } from "./grammar-rules.ts";
import type { JsonSchemaObject } from "./json-schema.ts";
import { integerExpression, realExpression } from "./number-grammar.ts";

/** The largest number of fifteen digits: these are exact in every JSON parser. */
const LARGEST = 999_999_999_999_999;

export interface SchemaNumberOptions {
  readonly rules: GrammarRules;
  /** Called with the keyword that the grammar does not keep. */
  readonly onUnsupported: (keyword: string) => void;
}

/** Numbers of the schema as a GBNF expression; null when none fits. */
export function numberExpression(
  type: "number" | "integer",
  schema: JsonSchemaObject,
  { rules, onUnsupported }: SchemaNumberOptions,
): string | null {
  const low = bound(schema, "minimum", onUnsupported);
  const high = bound(schema, "maximum", onUnsupported);
  if (type === "integer") {
    return integerExpression(rules, {
      minimum: low.value === null ? null : low.isExclusive ? Math.floor(low.value) + 1 : Math.ceil(low.value),
      maximum:
        high.value === null ? null : high.isExclusive ? Math.ceil(high.value) - 1 : Math.floor(high.value),
    });
  }
  if (low.value !== null && !Number.isInteger(low.value)) onUnsupported("minimum");
  if (high.value !== null && !Number.isInteger(high.value)) onUnsupported("maximum");
  return realExpression(rules, {
    minimum: low.value === null ? null : Math.floor(low.value),
    maximum: high.value === null ? null : Math.ceil(high.value),
    minimumIsExclusive: low.isExclusive && Number.isInteger(low.value),
    maximumIsExclusive: high.isExclusive && Number.isInteger(high.value),
  });
}

/** The tighter of both ways to say it. Bounds beyond fifteen digits are kept by the number of digits. */
function bound(
  schema: JsonSchemaObject,
  side: "minimum" | "maximum",
  onUnsupported: (keyword: string) => void,
): { readonly value: number | null; readonly isExclusive: boolean } {
  const sign = side === "minimum" ? 1 : -1;
  const exclusiveKeyword = side === "minimum" ? "exclusiveMinimum" : "exclusiveMaximum";
  const given = schema[side];
  const exclusive = schema[exclusiveKeyword];
  const inclusive = typeof given === "number" ? given : null;
  // In older drafts the keyword is a boolean that speaks of the other one.
  const strict = typeof exclusive === "number" ? exclusive : exclusive === true ? inclusive : null;
  const isExclusive = strict !== null && (inclusive === null || sign * strict >= sign * inclusive);
  const value = isExclusive ? strict : inclusive;
  if (value === null || sign * value <= -LARGEST) return { value: null, isExclusive: false };
  if (sign * value <= LARGEST) return { value, isExclusive };
  onUnsupported(side);
  return { value: sign * LARGEST, isExclusive: false };
}
