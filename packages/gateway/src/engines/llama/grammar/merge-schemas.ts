import {
  isSchema,
  type JsonSchema,
  type JsonSchemaObject,
  schemaList,
  schemaMap,
  stringList,
} from "./json-schema.ts";
import { fitsType, schemaTypes } from "./schema-types.ts";

export interface MergeOptions {
  /** Called with a keyword of which only one side could be kept. */
  readonly onConflict: (keyword: string) => void;
}

type MergeValues = (first: unknown, second: unknown, options: MergeOptions) => unknown;

const MAX_BRANCHES = 64;

const LARGER: MergeValues = (first, second) => Math.max(Number(first), Number(second));
const SMALLER: MergeValues = (first, second) => Math.min(Number(first), Number(second));
const BOTH: MergeValues = (first, second, options) =>
  isSchema(first) && isSchema(second) ? mergeSchemas(first, second, options) : first;

const MERGES: ReadonlyMap<string, MergeValues> = new Map([
  ["minimum", LARGER],
  ["exclusiveMinimum", LARGER],
  ["minLength", LARGER],
  ["minItems", LARGER],
  ["minProperties", LARGER],
  ["maximum", SMALLER],
  ["exclusiveMaximum", SMALLER],
  ["maxLength", SMALLER],
  ["maxItems", SMALLER],
  ["maxProperties", SMALLER],
  ["items", BOTH],
  ["required", (first, second) => [...new Set([...stringList(first), ...stringList(second)])]],
  ["enum", (first, second) => commonValues(first, second)],
  ["anyOf", mergeBranches],
  ["uniqueItems", (first, second) => first === true || second === true],
]);

const ANNOTATIONS = new Set([
  "$anchor",
  "$comment",
  "$defs",
  "$id",
  "$schema",
  "default",
  "definitions",
  "deprecated",
  "description",
  "example",
  "examples",
  "readOnly",
  "title",
  "writeOnly",
]);

export function isAnnotation(keyword: string): boolean {
  return ANNOTATIONS.has(keyword) || keyword.startsWith("x-");
}

/** A schema for what both schemas allow. */
export function mergeSchemas(first: JsonSchema, second: JsonSchema, options: MergeOptions): JsonSchema {
  if (first === false || second === false) return false;
  if (first === true) return second;
  if (second === true) return first;
  const merged: Record<string, unknown> = { ...second, ...first };
  for (const keyword of Object.keys(first)) {
    if (!Object.hasOwn(second, keyword) || isAnnotation(keyword)) continue;
    const [one, other] = [first[keyword], second[keyword]];
    const merge = MERGES.get(keyword);
    if (merge) merged[keyword] = merge(one, other, options);
    else if (keyword === "const") {
      if (JSON.stringify(one) !== JSON.stringify(other)) return false;
    } else if (!["type", "nullable", "properties", "additionalProperties"].includes(keyword)) {
      if (JSON.stringify(one) !== JSON.stringify(other)) options.onConflict(keyword);
    }
  }
  const types = commonTypes(first, second);
  if (types?.length === 0) return false;
  if (types) {
    merged.type = types;
    delete merged.nullable;
  }
  return { ...merged, ...mergeMembers(first, second, options) };
}

function mergeMembers(
  first: JsonSchemaObject,
  second: JsonSchemaObject,
  options: MergeOptions,
): JsonSchemaObject {
  const [ours, theirs] = [schemaMap(first.properties), schemaMap(second.properties)];
  const names = [...new Set([...ours.keys(), ...theirs.keys()])];
  const properties = names.map((name) => {
    const one = ours.get(name) ?? additional(first);
    const other = theirs.get(name) ?? additional(second);
    return [name, mergeSchemas(one, other, options)] as const;
  });
  const rest = mergeSchemas(additional(first), additional(second), options);
  return {
    ...(names.length > 0 ? { properties: Object.fromEntries(properties) } : {}),
    ...(rest === true && first.additionalProperties !== true && second.additionalProperties !== true
      ? {}
      : { additionalProperties: rest }),
  };
}

function additional({ additionalProperties }: JsonSchemaObject): JsonSchema {
  return isSchema(additionalProperties) ? additionalProperties : true;
}

function commonTypes(first: JsonSchemaObject, second: JsonSchemaObject): readonly string[] | null {
  const [ours, theirs] = [schemaTypes(first), schemaTypes(second)];
  if (!ours || !theirs) return ours ?? theirs;
  return [
    ...ours.filter((type) => theirs.some((other) => fitsType(type, other))),
    ...theirs.filter((type) => !ours.includes(type) && ours.some((other) => fitsType(type, other))),
  ];
}

function commonValues(first: unknown, second: unknown): readonly unknown[] {
  if (!Array.isArray(first) || !Array.isArray(second)) return [];
  const texts = new Set(second.map((value) => JSON.stringify(value)));
  return first.filter((value) => texts.has(JSON.stringify(value)));
}

function mergeBranches(first: unknown, second: unknown, options: MergeOptions): readonly JsonSchema[] {
  const [ours, theirs] = [schemaList(first), schemaList(second)];
  if (ours.length * theirs.length > MAX_BRANCHES) {
    options.onConflict("anyOf");
    return ours;
  }
  return ours.flatMap((one) => theirs.map((other) => mergeSchemas(one, other, options)));
}
