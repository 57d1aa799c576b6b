import { type JsonSchema, type JsonSchemaObject, schemaMap, stringList } from "./json-schema.ts";
import { fitsType, schemaTypes, typeOfValue } from "./schema-types.ts";

/** Whether it is clear that no value fits two of the schemas: by type, by constants, or by a member that tells them apart. */
export function areExclusive(schemas: readonly JsonSchema[]): boolean {
  return schemas.every((first, index) => schemas.slice(index + 1).every((second) => exclude(first, second)));
}

function exclude(first: JsonSchema, second: JsonSchema): boolean {
  if (first === false || second === false) return true;
  if (first === true || second === true) return false;
  const [ours, theirs] = [constants(first), constants(second)];
  if (ours && theirs) return ours.every((text) => !theirs.includes(text));
  const [types, otherTypes] = [typesOf(first, ours), typesOf(second, theirs)];
  if (
    types &&
    otherTypes &&
    !types.some((type) => otherTypes.some((other) => fitsType(type, other) || fitsType(other, type)))
  ) {
    return true;
  }
  if (!isOnlyObject(first) || !isOnlyObject(second)) return false;
  const members = schemaMap(second.properties);
  const otherRequired = stringList(second.required);
  return Array.from(schemaMap(first.properties)).some(([name, schema]) => {
    const other = members.get(name);
    const isShared = stringList(first.required).includes(name) && otherRequired.includes(name);
    return isShared && other !== undefined && exclude(schema, other);
  });
}

function constants(schema: JsonSchemaObject): readonly string[] | null {
  if (Object.hasOwn(schema, "const")) return [JSON.stringify(schema.const)];
  const { enum: values } = schema;
  return Array.isArray(values) ? values.map((value) => JSON.stringify(value)) : null;
}

function typesOf(schema: JsonSchemaObject, values: readonly string[] | null) {
  return values ? values.map((text) => typeOfValue(JSON.parse(text))) : schemaTypes(schema);
}

function isOnlyObject(schema: JsonSchemaObject): boolean {
  const types = schemaTypes(schema);
  return types?.length === 1 && types[0] === "object";
}
