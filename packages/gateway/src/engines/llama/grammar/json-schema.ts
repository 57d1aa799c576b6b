export type JsonSchema = boolean | JsonSchemaObject;

export interface JsonSchemaObject {
  readonly [keyword: string]: unknown;
}

export function isSchemaObject(value: unknown): value is JsonSchemaObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "boolean" || isSchemaObject(value);
}

/** The schemas in a keyword's list. */
export function schemaList(value: unknown): readonly JsonSchema[] {
  return Array.isArray(value) ? value.filter(isSchema) : [];
}

/** A keyword's schemas by name. */
export function schemaMap(value: unknown): ReadonlyMap<string, JsonSchema> {
  if (!isSchemaObject(value)) return new Map();
  return new Map(
    Object.entries(value).flatMap(([name, schema]) => (isSchema(schema) ? [[name, schema]] : [])),
  );
}

export function stringList(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

/** What a local reference such as `#/$defs/node` stands for; undefined when there is nothing. */
export function resolveReference(root: JsonSchema, reference: string): JsonSchema | undefined {
  if (!reference.startsWith("#")) return undefined;
  let found: unknown = root;
  for (const part of reference.slice(1).split("/").slice(1)) {
    const key = decoded(part).replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return isSchema(found) ? found : undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A stray percent sign stands for itself.
    return part;
  }
}

/** A keyword that counts something; null when it is not there. */
export function countOf(value: unknown, round: (value: number) => number): number | null {
  return typeof value === "number" && Number.isFinite(value) ? Math.max(0, round(value)) : null;
}
