import { z } from "zod";
import type { JsonSchema } from "../json-schema.ts";

/** Whether the value fits the schema: a plain reading of JSON Schema, written apart from the grammars that it judges. */
export function isValid(value: unknown, schema: JsonSchema, root: JsonSchema = schema): boolean {
  if (typeof schema === "boolean") return schema;
  // biome-ignore lint/suspicious/noExplicitAny: a schema in a test is what the test says it is.
  const given = schema as Record<string, any>;
  const fits = (part: JsonSchema, item: unknown = value) => isValid(item, part, root);
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const rules: Record<string, () => boolean> = {
    $ref: () => {
      const path: string[] = given.$ref.slice(2).split("/");
      // biome-ignore lint/suspicious/noExplicitAny: as above.
      return fits(path.reduce<any>((found, key) => found[key], root));
    },
    type: () => {
      const types: string[] = [given.type, ...(given.nullable ? ["null"] : [])].flat();
      return types.some((type) => hasType(value, type));
    },
    enum: () => given.enum.some((item: unknown) => JSON.stringify(item) === JSON.stringify(value)),
    const: () => JSON.stringify(given.const) === JSON.stringify(value),
    anyOf: () => given.anyOf.some((part: JsonSchema) => fits(part)),
    oneOf: () => given.oneOf.filter((part: JsonSchema) => fits(part)).length === 1,
    allOf: () => given.allOf.every((part: JsonSchema) => fits(part)),
    minLength: () => typeof value !== "string" || [...value].length >= given.minLength,
    maxLength: () => typeof value !== "string" || [...value].length <= given.maxLength,
    pattern: () => typeof value !== "string" || new RegExp(given.pattern, "u").test(value),
    format: () => typeof value !== "string" || (FORMATS[given.format]?.safeParse(value).success ?? true),
    minimum: () => typeof value !== "number" || value >= given.minimum,
    maximum: () => typeof value !== "number" || value <= given.maximum,
    exclusiveMinimum: () => typeof value !== "number" || value > given.exclusiveMinimum,
    exclusiveMaximum: () => typeof value !== "number" || value < given.exclusiveMaximum,
    minItems: () => !Array.isArray(value) || value.length >= given.minItems,
    maxItems: () => !Array.isArray(value) || value.length <= given.maxItems,
    prefixItems: () =>
      !Array.isArray(value) ||
      given.prefixItems.every((part: JsonSchema, at: number) => at >= value.length || fits(part, value[at])),
    items: () =>
      !Array.isArray(value) ||
      value.slice(given.prefixItems?.length ?? 0).every((item: unknown) => fits(given.items, item)),
    required: () => !isObject || given.required.every((name: string) => Object.hasOwn(value, name)),
    properties: () =>
      !isObject || Object.entries(value).every(([name, item]) => fits(given.properties[name] ?? true, item)),
    additionalProperties: () =>
      !isObject ||
      Object.entries(value).every(
        ([name, item]) =>
          Object.hasOwn(given.properties ?? {}, name) || fits(given.additionalProperties, item),
      ),
  };
  return Object.keys(schema).every((keyword) => rules[keyword]?.() ?? true);
}

const FORMATS: Record<string, z.ZodType> = {
  date: z.iso.date(),
  "date-time": z.iso.datetime({ offset: true }),
  time: z.string(),
  duration: z.iso.duration(),
  uuid: z.uuid(),
  email: z.email(),
  hostname: z.hostname(),
  ipv4: z.ipv4(),
  ipv6: z.ipv6(),
  uri: z.url(),
};

function hasType(value: unknown, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}
