import { type GrammarRules, MAX_REPETITIONS } from "./grammar-rules.ts";
import { grammarLiteral } from "./grammar-text.ts";
import { countOf, type JsonSchemaObject } from "./json-schema.ts";
import { type LengthBounds, patternExpression } from "./pattern-grammar.ts";
import type { ValueNotation } from "./value-notation.ts";

const DATE = "\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\\d|2[0-8])";
const TIME = "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,6})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)";
const OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const LABEL = "[a-z0-9]{1,15}(-[a-z0-9]{1,14}){0,3}";
const HOST = `(${LABEL}\\.){0,4}[a-z]{1,30}`;

/** Texts that the formats allow; not all that they allow, such as the 29th of months that have one. */
const FORMATS: ReadonlyMap<string, string> = new Map([
  ["date", `^${DATE}$`],
  ["time", `^${TIME}$`],
  ["date-time", `^${DATE}T${TIME}$`],
  [
    "duration",
    "^P(\\d{1,4}D(T\\d{1,4}H)?|T\\d{1,4}H(\\d{1,4}M)?|T\\d{1,4}M(\\d{1,4}S)?|T\\d{1,4}S|\\d{1,4}[YMW])$",
  ],
  ["uuid", "^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"],
  ["email", `^[a-z0-9]([a-z0-9_+-]{0,30}[a-z0-9])?(\\.[a-z0-9]{1,30}){0,3}@(${LABEL}\\.){1,4}[a-z]{2,12}$`],
  ["hostname", `^${HOST}$`],
  ["ipv4", `^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}$`],
  ["ipv6", "^([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}$"],
  ["uri", `^https?://${HOST}(:[1-9]\\d{1,3})?(/[\\w.~-]*){0,20}(\\?[\\w.~&=-]*)?(#[\\w.~-]*)?$`],
]);

export interface StringGrammarOptions {
  readonly rules: GrammarRules;
  readonly notation: ValueNotation;
  /** Called with the keyword that the grammar does not keep. */
  readonly onUnsupported: (keyword: string) => void;
}

/** Strings of the schema, with their quotes, as a GBNF expression. */
export function stringExpression(
  schema: JsonSchemaObject,
  { rules, notation, onUnsupported }: StringGrammarOptions,
): string {
  const bounds = lengthBounds(schema, onUnsupported);
  const { pattern, format } = schema;
  const quote = notation.quote === "" ? "" : grammarLiteral(notation.quote);
  const quoted = (inner: string) => rules.add("string", [quote, inner, quote].filter(Boolean).join(" "));

  const formatPattern = typeof format === "string" ? FORMATS.get(format) : undefined;
  const source = typeof pattern === "string" ? pattern : formatPattern;
  if (source !== undefined) {
    const exact = patternExpression(source, { rules, notation }, bounds);
    const expression = exact ?? patternExpression(source, { rules, notation });
    if (source === pattern && formatPattern !== undefined) onUnsupported("format");
    if (exact === null)
      onUnsupported(expression === null ? "pattern" : bounds.minimum > 0 ? "minLength" : "maxLength");
    if (expression !== null) return quoted(expression);
  }
  if (notation.anyText && bounds.minimum === 0 && bounds.maximum === null)
    return quoted(notation.anyText(rules));
  return quoted(rules.repeat("character", rules.add("character", notation.anyCharacter), bounds));
}

function lengthBounds(
  { minLength, maxLength }: JsonSchemaObject,
  onUnsupported: (keyword: string) => void,
): LengthBounds {
  const minimum = countOf(minLength, Math.ceil) ?? 0;
  const maximum = countOf(maxLength, Math.floor);
  if (minimum > MAX_REPETITIONS) onUnsupported("minLength");
  const keepsMaximum = maximum !== null && maximum <= MAX_REPETITIONS && maximum >= minimum;
  if (maximum !== null && !keepsMaximum) onUnsupported("maxLength");
  return { minimum: Math.min(minimum, MAX_REPETITIONS), maximum: keepsMaximum ? maximum : null };
}
