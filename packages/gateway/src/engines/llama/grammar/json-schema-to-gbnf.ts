import { anyArray, anyObject, anyValue } from "./any-value.ts";
import { arrayExpression } from "./array-grammar.ts";
import { areExclusive } from "./exclusive-schemas.ts";
import { GrammarRules, MAX_REPETITIONS } from "./grammar-rules.ts";
import { grammarChoice, grammarLiteral } from "./grammar-text.ts";
import {
  isSchema,
  type JsonSchema,
  type JsonSchemaObject,
  resolveReference,
  schemaList,
  schemaMap,
  stringList,
} from "./json-schema.ts";
import { isAnnotation, mergeSchemas } from "./merge-schemas.ts";
import { integerExpression, realExpression } from "./number-grammar.ts";
import { type GrammarMember, objectExpression } from "./object-grammar.ts";
import { fitsType, type JsonType, schemaTypes, typeOfValue } from "./schema-types.ts";
import { stringExpression } from "./string-grammar.ts";
import { JSON_NOTATION, type ValueNotation, writeConstant } from "./value-notation.ts";

export interface SchemaGrammarOptions {
  readonly rules: GrammarRules;
  /** Default: JSON. */
  readonly notation?: ValueNotation;
  /** Called with each keyword that the grammar does not keep, which is then left open. */
  readonly onUnsupported?: (keyword: string) => void;
}

/**
 * The values that a JSON Schema allows, as a GBNF expression over `rules`. Everything that matches is valid, but for
 * keywords told to `onUnsupported`. Not everything that is valid matches: members come in the order in which the schema
 * declares them, undeclared ones only where `additionalProperties` asks for them, nesting that no schema bounds ends at
 * six levels, numbers have at most fifteen digits, and the only white space is one space after a colon or comma.
 */
export function schemaExpression(
  schema: JsonSchema,
  { rules, notation = JSON_NOTATION, onUnsupported = () => {} }: SchemaGrammarOptions,
): string {
  const converter = new SchemaConverter(schema, { rules, notation, onUnsupported });
  return converter.root();
}

/** A whole grammar for one value in JSON. */
export function jsonSchemaToGbnf(
  schema: JsonSchema,
  options: Pick<SchemaGrammarOptions, "onUnsupported" | "notation"> = {},
): string {
  const rules = new GrammarRules();
  return rules.grammar(schemaExpression(schema, { ...options, rules }));
}

/** Keywords whose meaning a grammar cannot hold. */
const INEXPRESSIBLE = [
  "not",
  "if",
  "then",
  "else",
  "contains",
  "dependentRequired",
  "dependentSchemas",
  "dependencies",
  "multipleOf",
  "patternProperties",
  "propertyNames",
  "unevaluatedItems",
  "unevaluatedProperties",
  "$dynamicRef",
] as const;

interface Place {
  readonly hint: string;
  /** References that were followed without writing anything: following one of them again would never end. */
  readonly chain: readonly string[];
}

const MAX_CHAIN = 32;

class SchemaConverter {
  readonly #root: JsonSchema;
  readonly #options: Required<SchemaGrammarOptions>;
  readonly #references = new Map<string, string>();

  constructor(root: JsonSchema, options: Required<SchemaGrammarOptions>) {
    this.#root = root;
    this.#options = options;
  }

  root(): string {
    return this.#visitOrAny(this.#root, { hint: "value", chain: [] });
  }

  /** An impossible schema would leave the model without a single allowed character. */
  #visitOrAny(schema: JsonSchema, place: Place): string {
    const expression = this.#visit(schema, place);
    if (expression !== null) return expression;
    this.#options.onUnsupported("false");
    return anyValue(this.#options);
  }

  /** Null when no value fits. */
  #visit(schema: JsonSchema, place: Place): string | null {
    if (schema === false) return null;
    if (schema === true) return anyValue(this.#options);
    for (const keyword of INEXPRESSIBLE) {
      if (schema[keyword] !== undefined) this.#options.onUnsupported(keyword);
    }
    if (typeof schema.$ref === "string") return this.#visitReference(schema.$ref, schema, place);
    if (Array.isArray(schema.allOf)) return this.#visit(this.#mergeAll(schema), place);
    if (Object.hasOwn(schema, "const")) return this.#constants([schema.const], schema);
    if (Array.isArray(schema.enum)) return this.#constants(schema.enum, schema);
    for (const keyword of ["anyOf", "oneOf"]) {
      if (Array.isArray(schema[keyword])) return this.#visitBranches(keyword, schema, place);
    }
    return this.#visitTypes(schema, place);
  }

  #visitReference(reference: string, schema: JsonSchemaObject, { hint, chain }: Place): string | null {
    const target = resolveReference(this.#root, reference);
    if (target === undefined || chain.includes(reference) || chain.length > MAX_CHAIN) {
      this.#options.onUnsupported("$ref");
      return anyValue(this.#options);
    }
    const { $ref: _, ...siblings } = schema;
    const next = [...chain, reference];
    if (Object.keys(siblings).some((keyword) => !isAnnotation(keyword))) {
      return this.#visit(this.#merge(siblings, target), { hint, chain: next });
    }
    const known = this.#references.get(reference);
    if (known !== undefined) return known;
    const name = this.#options.rules.reserve(reference.split("/").at(-1) || "value");
    this.#references.set(reference, name);
    this.#options.rules.define(name, this.#visitOrAny(target, { hint: name, chain: next }));
    return name;
  }

  #merge(first: JsonSchema, second: JsonSchema): JsonSchema {
    return mergeSchemas(first, second, { onConflict: this.#options.onUnsupported });
  }

  #mergeAll({ allOf, ...rest }: JsonSchemaObject): JsonSchema {
    return schemaList(allOf)
      .map((schema) => this.#followed(schema))
      .reduce((merged: JsonSchema, schema) => this.#merge(merged, schema), rest);
  }

  /** The schema itself in place of a reference to it, as far as merging needs it. */
  #followed(schema: JsonSchema): JsonSchema {
    let found = schema;
    for (let steps = 0; typeof found === "object" && typeof found.$ref === "string"; steps++) {
      const target = resolveReference(this.#root, found.$ref);
      if (target === undefined || steps > MAX_CHAIN) return found;
      const { $ref: _, ...siblings } = found;
      found = this.#merge(siblings, target);
    }
    if (typeof found === "object" && Array.isArray(found.allOf)) return this.#mergeAll(found);
    return found;
  }

  #constants(values: readonly unknown[], schema: JsonSchemaObject): string | null {
    const types = schemaTypes(schema);
    const allowed = schema.enum;
    const texts = Array.isArray(allowed) ? new Set(allowed.map((value) => JSON.stringify(value))) : null;
    const fitting = values.filter(
      (value) =>
        (types === null || types.some((type) => fitsType(typeOfValue(value), type))) &&
        (texts === null || texts.has(JSON.stringify(value))),
    );
    if (fitting.length === 0) return null;
    const { rules, notation } = this.#options;
    const literals = fitting.map((value) => grammarLiteral(writeConstant(value, notation)));
    return rules.add("constant", grammarChoice(literals));
  }

  #visitBranches(keyword: string, schema: JsonSchemaObject, place: Place): string | null {
    const { [keyword]: list, ...rest } = schema;
    const hasSiblings = Object.keys(rest).some((key) => !isAnnotation(key));
    const branches = schemaList(list).map((branch) =>
      hasSiblings ? this.#merge(this.#followed(branch), rest) : branch,
    );
    if (keyword === "oneOf" && !areExclusive(branches.map((branch) => this.#followed(branch)))) {
      this.#options.onUnsupported("oneOf");
    }
    const choices = branches.flatMap((branch) => this.#visit(branch, place) ?? []);
    return choices.length === 0 ? null : this.#options.rules.add(place.hint, grammarChoice(choices));
  }

  #visitTypes(schema: JsonSchemaObject, place: Place): string | null {
    const types = schemaTypes(schema);
    if (types === null) return anyValue(this.#options);
    const choices = types.flatMap((type) => this.#visitType(type, schema, place) ?? []);
    return choices.length === 0 ? null : grammarChoice(choices);
  }

  #visitType(type: JsonType, schema: JsonSchemaObject, { hint }: Place): string | null {
    const { rules, notation, onUnsupported } = this.#options;
    // Brackets come first, so that references may come round again.
    const inner: Place = { hint, chain: [] };
    switch (type) {
      case "object":
        return this.#object(schema, inner);
      case "array":
        return this.#array(schema, inner);
      case "string":
        return stringExpression(schema, { rules, notation, onUnsupported });
      case "number":
      case "integer":
        return this.#number(type, schema);
      case "boolean":
        return rules.add("boolean", grammarChoice([notation.true, notation.false].map(grammarLiteral)));
      case "null":
        return grammarLiteral(notation.null);
      default:
        return type satisfies never;
    }
  }

  #object(schema: JsonSchemaObject, place: Place): string | null {
    const { onUnsupported } = this.#options;
    const declared = schemaMap(schema.properties);
    const required = stringList(schema.required);
    const { additionalProperties: additional, minProperties, maxProperties } = schema;
    const names = [...new Set([...declared.keys(), ...required])];
    if (
      names.length === 0 &&
      additional === undefined &&
      minProperties === undefined &&
      maxProperties === undefined
    ) {
      return anyObject(this.#options);
    }
    const members: GrammarMember[] = [];
    for (const name of names) {
      const value = this.#visit(declared.get(name) ?? (isSchema(additional) ? additional : true), {
        ...place,
        hint: `${place.hint}-${name}`,
      });
      const isRequired = required.includes(name);
      if (value === null && isRequired) return null;
      if (value !== null) members.push({ name, value, required: isRequired });
    }
    const isOpen = isSchema(additional) ? additional !== false : names.length === 0;
    const others = isOpen ? this.#visit(isSchema(additional) ? additional : true, place) : null;
    if (typeof minProperties === "number" && minProperties > required.length) onUnsupported("minProperties");
    if (typeof maxProperties === "number" && (others !== null || maxProperties < members.length)) {
      onUnsupported("maxProperties");
    }
    return objectExpression(members, { ...this.#options, others });
  }

  #array(schema: JsonSchemaObject, place: Place): string | null {
    const { onUnsupported } = this.#options;
    const { items, prefixItems, additionalItems, minItems, maxItems, uniqueItems } = schema;
    const isTuple = Array.isArray(prefixItems) || Array.isArray(items);
    const rest = Array.isArray(items) ? additionalItems : items;
    if (!isTuple && rest === undefined && minItems === undefined && maxItems === undefined) {
      if (uniqueItems === true) onUnsupported("uniqueItems");
      return anyArray(this.#options);
    }
    if (uniqueItems === true && !(typeof maxItems === "number" && maxItems <= 1))
      onUnsupported("uniqueItems");
    const prefix: string[] = [];
    let isClosed = false;
    for (const schemaOfItem of schemaList(
      Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : [],
    )) {
      const expression = this.#visit(schemaOfItem, place);
      isClosed = expression === null;
      if (expression === null) break;
      prefix.push(expression);
    }
    // Items after a tuple are left out unless the schema asks for them, as members that it does not declare are.
    const isOpen = !isClosed && (isSchema(rest) || !isTuple);
    const item = isOpen ? this.#visit(isSchema(rest) ? rest : true, place) : null;
    const bounds = this.#itemBounds(schema);
    const needsMore =
      isTuple && item === null && !isClosed && rest === undefined && bounds.minimum > prefix.length;
    return arrayExpression({
      ...this.#options,
      ...bounds,
      prefix,
      item: needsMore ? anyValue(this.#options) : item,
    });
  }

  #itemBounds({ minItems, maxItems }: JsonSchemaObject): {
    readonly minimum: number;
    readonly maximum: number | null;
  } {
    const minimum = typeof minItems === "number" ? minItems : 0;
    const maximum = typeof maxItems === "number" ? maxItems : null;
    if (minimum > MAX_REPETITIONS) this.#options.onUnsupported("minItems");
    if (maximum !== null && maximum > MAX_REPETITIONS) this.#options.onUnsupported("maxItems");
    return {
      minimum: Math.min(minimum, MAX_REPETITIONS),
      maximum: maximum !== null && maximum > MAX_REPETITIONS ? null : maximum,
    };
  }

  #number(type: "number" | "integer", schema: JsonSchemaObject): string | null {
    const { rules } = this.#options;
    const low = this.#bound(schema, "minimum");
    const high = this.#bound(schema, "maximum");
    if (type === "integer") {
      return integerExpression(rules, {
        minimum:
          low.value === null ? null : low.isExclusive ? Math.floor(low.value) + 1 : Math.ceil(low.value),
        maximum:
          high.value === null ? null : high.isExclusive ? Math.ceil(high.value) - 1 : Math.floor(high.value),
      });
    }
    if (low.value !== null && !Number.isInteger(low.value)) this.#options.onUnsupported("minimum");
    if (high.value !== null && !Number.isInteger(high.value)) this.#options.onUnsupported("maximum");
    return realExpression(rules, {
      minimum: low.value === null ? null : Math.floor(low.value),
      maximum: high.value === null ? null : Math.ceil(high.value),
      minimumIsExclusive: low.isExclusive && Number.isInteger(low.value),
      maximumIsExclusive: high.isExclusive && Number.isInteger(high.value),
    });
  }

  /** The tighter of both ways to say it. Bounds beyond fifteen digits are kept by the number of digits. */
  #bound(
    schema: JsonSchemaObject,
    side: "minimum" | "maximum",
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
    if (value === null || sign * value <= -999_999_999_999_999) return { value: null, isExclusive: false };
    if (sign * value > 999_999_999_999_999) this.#options.onUnsupported(side);
    return { value, isExclusive };
  }
}
