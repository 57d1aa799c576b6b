import { anyArray, anyObject, anyValue } from "./any-value.ts";
import { arrayExpression } from "./array-grammar.ts";
import { areExclusive } from "./exclusive-schemas.ts";
import { GrammarRules, MAX_REPETITIONS } from "./grammar-rules.ts";
import { grammarChoice, grammarLiteral } from "./grammar-text.ts";
import {
  countOf,
  isSchema,
  type JsonSchema,
  type JsonSchemaObject,
  resolveReference,
  schemaList,
  schemaMap,
  stringList,
} from "./json-schema.ts";
import { isAnnotation, mergeSchemas } from "./merge-schemas.ts";
import { type GrammarMember, type ObjectForm, objectExpression } from "./object-grammar.ts";
import { numberExpression } from "./schema-number.ts";
import { fitsType, isTextSchema, type JsonType, schemaTypes, typeOfValue } from "./schema-types.ts";
import { stringExpression } from "./string-grammar.ts";
import { JSON_NOTATION, type ValueNotation, writeConstant } from "./value-notation.ts";

export interface SchemaGrammarOptions {
  readonly rules: GrammarRules;
  /** Default: JSON. */
  readonly notation?: ValueNotation;
  /** How the outermost object is written. Default: as the notation writes objects. */
  readonly form?: ObjectForm;
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
  { rules, notation = JSON_NOTATION, form, onUnsupported = () => {} }: SchemaGrammarOptions,
): string {
  return new SchemaConverter(schema, { rules, onUnsupported }).root(notation, form ?? null);
}

/** A whole grammar for one value in JSON. */
export function jsonSchemaToGbnf(
  schema: JsonSchema,
  options: Omit<SchemaGrammarOptions, "rules"> = {},
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
  readonly notation: ValueNotation;
  /** How the object is written that stands here; null for braces. */
  readonly form: ObjectForm | null;
}

type ConverterOptions = Required<Pick<SchemaGrammarOptions, "rules" | "onUnsupported">>;

const MAX_CHAIN = 32;

class SchemaConverter {
  readonly #root: JsonSchema;
  readonly #options: ConverterOptions;
  readonly #references = new Map<string, string>();

  constructor(root: JsonSchema, options: ConverterOptions) {
    this.#root = root;
    this.#options = options;
  }

  root(notation: ValueNotation, form: ObjectForm | null): string {
    return this.#visitOrAny(this.#root, { hint: "value", chain: [], notation, form });
  }

  #any({ notation, form }: Place): string {
    return form ? this.#anyObject({ notation, form }) : anyValue({ ...this.#options, notation });
  }

  #anyObject({ notation, form }: Pick<Place, "notation" | "form">): string {
    if (!form) return anyObject({ ...this.#options, notation });
    const others = anyValue({ ...this.#options, notation: form.textNotation ?? notation });
    return objectExpression([], { ...this.#options, notation, form, others });
  }

  /** An impossible schema would leave the model without a single allowed character. */
  #visitOrAny(schema: JsonSchema, place: Place): string {
    const expression = this.#visit(schema, place);
    if (expression !== null) return expression;
    this.#options.onUnsupported("false");
    return this.#any(place);
  }

  /** Null when no value fits. */
  #visit(schema: JsonSchema, place: Place): string | null {
    if (schema === false) return null;
    if (schema === true) return this.#any(place);
    for (const keyword of INEXPRESSIBLE) {
      if (schema[keyword] !== undefined) this.#options.onUnsupported(keyword);
    }
    if (typeof schema.$ref === "string") return this.#visitReference(schema.$ref, schema, place);
    if (Array.isArray(schema.allOf)) return this.#visit(this.#mergeAll(schema), place);
    if (Object.hasOwn(schema, "const")) return this.#constants([schema.const], schema, place);
    if (Array.isArray(schema.enum)) return this.#constants(schema.enum, schema, place);
    for (const keyword of ["anyOf", "oneOf"]) {
      if (Array.isArray(schema[keyword])) return this.#visitBranches(keyword, schema, place);
    }
    return this.#visitTypes(schema, place);
  }

  #visitReference(reference: string, schema: JsonSchemaObject, place: Place): string | null {
    const { chain, notation, form } = place;
    const target = resolveReference(this.#root, reference);
    if (target === undefined || chain.includes(reference) || chain.length > MAX_CHAIN) {
      this.#options.onUnsupported("$ref");
      return this.#any(place);
    }
    const { $ref: _, ...siblings } = schema;
    const next = [...chain, reference];
    if (Object.keys(siblings).some((keyword) => !isAnnotation(keyword))) {
      return this.#visit(this.#merge(siblings, target), { ...place, chain: next });
    }
    const key = `${reference} ${notation.name} ${form === null}`;
    const known = this.#references.get(key);
    if (known !== undefined) return known;
    const name = this.#options.rules.reserve(reference.split("/").at(-1) || "value");
    this.#references.set(key, name);
    this.#options.rules.define(name, this.#visitOrAny(target, { ...place, hint: name, chain: next }));
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

  #constants(values: readonly unknown[], schema: JsonSchemaObject, { notation }: Place): string | null {
    const types = schemaTypes(schema);
    const allowed = schema.enum;
    const texts = Array.isArray(allowed) ? new Set(allowed.map((value) => JSON.stringify(value))) : null;
    const fitting = values.filter(
      (value) =>
        (types === null || types.some((type) => fitsType(typeOfValue(value), type))) &&
        (texts === null || texts.has(JSON.stringify(value))),
    );
    if (fitting.length === 0) return null;
    const { rules } = this.#options;
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
    if (types === null) return this.#any(place);
    const possible = place.form ? types.filter((type) => type === "object") : types;
    const choices = possible.flatMap((type) => this.#visitType(type, schema, place) ?? []);
    return choices.length === 0 ? null : grammarChoice(choices);
  }

  #visitType(type: JsonType, schema: JsonSchemaObject, place: Place): string | null {
    const { rules, onUnsupported } = this.#options;
    const { notation } = place;
    switch (type) {
      case "object":
        return this.#object(schema, place);
      case "array":
        return this.#array(schema, { ...place, chain: [], form: null });
      case "string":
        return stringExpression(schema, { rules, notation, onUnsupported });
      case "number":
      case "integer":
        return numberExpression(type, schema, { rules, onUnsupported });
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
      return this.#anyObject(place);
    }
    const isOpen = isSchema(additional) ? additional !== false : names.length === 0;
    const rest = isSchema(additional) ? additional : true;
    const members: GrammarMember[] = [];
    for (const name of names) {
      const value = this.#member(declared.get(name) ?? rest, { ...place, hint: `${place.hint}-${name}` });
      const isRequired = required.includes(name);
      if (value === null && isRequired) return null;
      if (value !== null) members.push({ name, value, required: isRequired });
    }
    const others = isOpen ? this.#member(rest, place) : null;
    if (typeof minProperties === "number" && minProperties > required.length) onUnsupported("minProperties");
    if (typeof maxProperties === "number" && (others !== null || maxProperties < members.length)) {
      onUnsupported("maxProperties");
    }
    const { notation, form } = place;
    return objectExpression(members, { ...this.#options, notation, ...(form ? { form } : {}), others });
  }

  #member(schema: JsonSchema, { hint, notation, form }: Place): string | null {
    const text = form?.textNotation;
    const isText = text !== undefined && isTextSchema(this.#followed(schema));
    // A bracket stands before it, so references may come round again.
    return this.#visit(schema, { hint, chain: [], notation: isText ? text : notation, form: null });
  }

  #array(schema: JsonSchemaObject, place: Place): string | null {
    const { onUnsupported } = this.#options;
    const { items, prefixItems, additionalItems, minItems, maxItems, uniqueItems } = schema;
    const isTuple = Array.isArray(prefixItems) || Array.isArray(items);
    const rest = Array.isArray(items) ? additionalItems : items;
    if (!isTuple && rest === undefined && minItems === undefined && maxItems === undefined) {
      if (uniqueItems === true) onUnsupported("uniqueItems");
      return anyArray({ ...this.#options, notation: place.notation });
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
    const { rules } = this.#options;
    const { notation } = place;
    const more = needsMore ? anyValue({ rules, notation }) : item;
    return arrayExpression({ rules, notation, ...bounds, prefix, item: more });
  }

  #itemBounds({ minItems, maxItems }: JsonSchemaObject): {
    readonly minimum: number;
    readonly maximum: number | null;
  } {
    const minimum = countOf(minItems, Math.ceil) ?? 0;
    const maximum = countOf(maxItems, Math.floor);
    if (minimum > MAX_REPETITIONS) this.#options.onUnsupported("minItems");
    if (maximum !== null && maximum > MAX_REPETITIONS) this.#options.onUnsupported("maxItems");
    return {
      minimum: Math.min(minimum, MAX_REPETITIONS),
      maximum: maximum !== null && maximum > MAX_REPETITIONS ? null : maximum,
    };
  }
}
