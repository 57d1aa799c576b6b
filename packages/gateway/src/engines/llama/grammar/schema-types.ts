import { type JsonSchema, type JsonSchemaObject, stringList } from "./json-schema.ts";

export const JSON_TYPES = ["object", "array", "string", "number", "integer", "boolean", "null"] as const;
export type JsonType = (typeof JSON_TYPES)[number];

/** Keywords that speak of one type only. A schema without `type` that has one of them means this type. */
const TYPE_OF_KEYWORD: ReadonlyMap<string, JsonType> = new Map([
  ["properties", "object"],
  ["required", "object"],
  ["additionalProperties", "object"],
  ["patternProperties", "object"],
  ["items", "array"],
  ["prefixItems", "array"],
  ["minItems", "array"],
  ["maxItems", "array"],
  ["pattern", "string"],
  ["format", "string"],
  ["minLength", "string"],
  ["maxLength", "string"],
  ["minimum", "number"],
  ["maximum", "number"],
  ["exclusiveMinimum", "number"],
  ["exclusiveMaximum", "number"],
]);

/** The types that the schema names or means; null when it says nothing about types. */
export function schemaTypes(schema: JsonSchemaObject): readonly JsonType[] | null {
  const named = namedTypes(schema);
  const types =
    named ??
    [...new Set(Object.keys(schema).flatMap((keyword) => TYPE_OF_KEYWORD.get(keyword) ?? []))].slice(0, 1);
  if (types.length === 0) return named === null ? null : [];
  return schema.nullable === true && !types.includes("null") ? [...types, "null"] : types;
}

function namedTypes({ type }: JsonSchemaObject): readonly JsonType[] | null {
  if (typeof type === "string") return JSON_TYPES.filter((known) => known === type);
  if (!Array.isArray(type)) return null;
  const names = stringList(type);
  return JSON_TYPES.filter(
    (known) => names.includes(known) && !(known === "integer" && names.includes("number")),
  );
}

export function typeOfValue(value: unknown): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  const type = typeof value;
  if (type === "number") return Number.isInteger(value) ? "integer" : "number";
  return type === "string" || type === "boolean" ? type : "object";
}

/** Whether a value of the first type may stand where the second is asked for. */
export function fitsType(type: JsonType, wanted: JsonType): boolean {
  return type === wanted || (type === "integer" && wanted === "number");
}

/** Whether nothing but strings can fit. */
export function isTextSchema(schema: JsonSchema): boolean {
  if (typeof schema === "boolean") return false;
  if (Object.hasOwn(schema, "const")) return typeof schema.const === "string";
  if (Array.isArray(schema.enum)) return schema.enum.every((value) => typeof value === "string");
  const types = schemaTypes(schema);
  return types?.length === 1 && types[0] === "string";
}
