import { isObject, type JsonObject } from "./shape.ts";

/**
 * How many looks are left. Schemas that branch or refer to themselves can ask for more than anybody has time for, and
 * they come from clients; share one budget between all comparisons of a request.
 */
export interface SchemaBudget {
  steps: number;
}

/** A comparison: the schema that references point into, and how deep it has gone. */
interface Comparison {
  readonly root: unknown;
  readonly budget: SchemaBudget;
  readonly depth: number;
}

const MAX_DEPTH = 500;

export function schemaBudget(): SchemaBudget {
  return { steps: 200_000 };
}

/**
 * Whether a value fits a JSON Schema, as far as it can be told within the budget: types, members, items, bounds, `enum`,
 * `const`, the combinators, `if` and references within the schema. Patterns and formats are not looked at, since a
 * client's pattern may take forever; keywords that are not known allow everything, and so does a budget that is spent.
 */
export function matchesSchema(
  value: unknown,
  schema: unknown,
  budget: SchemaBudget = schemaBudget(),
): boolean {
  return matches(value, schema, { root: schema, budget, depth: 0 });
}

function matches(value: unknown, schema: unknown, outer: Comparison): boolean {
  if (!isObject(schema)) return schema !== false;
  if (!spend(outer, 1) || outer.depth > MAX_DEPTH) return true;
  const inner = { ...outer, depth: outer.depth + 1 };
  const fits = (each: unknown): boolean => matches(value, each, inner);
  if (typeof schema.$ref === "string" && !fits(target(schema.$ref, inner.root))) return false;
  if (schema.type !== undefined && !asList(schema.type).some((type) => isOfType(value, type))) return false;
  if (Array.isArray(schema.enum) && !schema.enum.some((each) => isEqual(value, each, inner))) return false;
  if ("const" in schema && !isEqual(value, schema.const, inner)) return false;
  if (Array.isArray(schema.allOf) && !schema.allOf.every(fits)) return false;
  if (Array.isArray(schema.anyOf) && !schema.anyOf.some(fits)) return false;
  if (Array.isArray(schema.oneOf) && schema.oneOf.filter(fits).length !== 1 && inner.budget.steps > 0)
    return false;
  if (schema.not !== undefined && fits(schema.not) && inner.budget.steps > 0) return false;
  if (schema.if !== undefined && !fits(fits(schema.if) ? schema.then : schema.else)) return false;
  if (typeof value === "number") return numberFits(value, schema);
  if (typeof value === "string") return stringFits(value, schema, inner);
  if (Array.isArray(value)) return itemsFit(value, schema, inner);
  return !isObject(value) || membersFit(value, schema, inner);
}

function numberFits(value: number, schema: JsonObject): boolean {
  const { exclusiveMinimum: above, exclusiveMaximum: below, multipleOf: step } = schema;
  if (!isBetween(value, schema.minimum, schema.maximum)) return false;
  if (typeof above === "number" && value <= above) return false;
  if (typeof below === "number" && value >= below) return false;
  return typeof step !== "number" || step <= 0 || Number.isInteger(Number((value / step).toFixed(9)));
}

function stringFits(
  value: string,
  { minLength: min, maxLength: max }: JsonObject,
  inner: Comparison,
): boolean {
  if (min === undefined && max === undefined) return true;
  return !spend(inner, value.length) || isBetween([...value].length, min, max);
}

function itemsFit(value: readonly unknown[], schema: JsonObject, inner: Comparison): boolean {
  if (!isBetween(value.length, schema.minItems, schema.maxItems)) return false;
  const first: readonly unknown[] = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
  const rest = schema.items;
  if (!value.every((item, index) => matches(item, index < first.length ? first[index] : rest, inner)))
    return false;
  if (schema.contains !== undefined && !value.some((item) => matches(item, schema.contains, inner)))
    return false;
  if (schema.uniqueItems !== true) return true;
  return !hasTwins(value, inner);
}

function hasTwins(value: readonly unknown[], inner: Comparison): boolean {
  for (let index = 1; index < value.length; index++) {
    for (let before = 0; before < index; before++) {
      if (isEqual(value[index], value[before], inner)) return inner.budget.steps > 0;
    }
  }
  return false;
}

function membersFit(value: JsonObject, schema: JsonObject, inner: Comparison): boolean {
  const names = Object.keys(value);
  if (!isBetween(names.length, schema.minProperties, schema.maxProperties)) return false;
  const required: readonly unknown[] = Array.isArray(schema.required) ? schema.required : [];
  if (!spend(inner, required.length + names.length)) return true;
  if (!required.every((name) => typeof name !== "string" || Object.hasOwn(value, name))) return false;
  const known = isObject(schema.properties) ? schema.properties : {};
  const isPatterned = isObject(schema.patternProperties);
  return names.every((name) => {
    if (Object.hasOwn(known, name)) return matches(value[name], known[name], inner);
    return isPatterned || matches(value[name], schema.additionalProperties, inner);
  });
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    case "integer":
      return Number.isInteger(value);
    case "string":
    case "number":
    case "boolean":
      return typeof value === type;
    default:
      return true;
  }
}

/** The same JSON, whatever the order of its members. */
function isEqual(left: unknown, right: unknown, comparison: Comparison): boolean {
  if (!spend(comparison, 1)) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return (
      left.length === right.length && left.every((each, index) => isEqual(each, right[index], comparison))
    );
  }
  if (!isObject(left) || !isObject(right)) return left === right;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && isEqual(left[name], right[name], comparison))
  );
}

/** Only references within the schema; what cannot be found allows everything. */
function target(reference: string, root: unknown): unknown {
  if (!reference.startsWith("#")) return true;
  let found = root;
  for (const step of reference.slice(1).split("/").slice(1)) {
    const key = decoded(step);
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return true;
    found = (found as JsonObject)[key];
  }
  return found;
}

function decoded(step: string): string {
  const pointer = step.replaceAll("~1", "/").replaceAll("~0", "~");
  try {
    return decodeURIComponent(pointer);
  } catch {
    // A stray percent sign is part of the name.
    return pointer;
  }
}

function isBetween(size: number, min: unknown, max: unknown): boolean {
  return !(typeof min === "number" && size < min) && !(typeof max === "number" && size > max);
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** Whether there was enough left. */
function spend({ budget }: Comparison, steps: number): boolean {
  budget.steps -= steps;
  return budget.steps > 0;
}
