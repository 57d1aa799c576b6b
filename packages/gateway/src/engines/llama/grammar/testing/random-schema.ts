import type { JsonSchemaObject } from "../json-schema.ts";

/** A schema of keywords that a grammar keeps, nested at random. */
export function randomSchema(random: () => number, depth: number = 3): JsonSchemaObject {
  const choose = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const integer = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  const nested = () => randomSchema(random, depth - 1);
  const scalars = [
    () => ({ type: "string" }),
    () => ({ type: "string", minLength: integer(0, 3), maxLength: integer(3, 9) }),
    () => ({
      type: "string",
      pattern: choose(["^[a-z]+$", "^a|b$", "\\d{2,3}", "^(x|yz){1,3}[^a-c]?$", "^\\w+@\\w+$"]),
    }),
    () => ({
      type: "string",
      format: choose(["date", "date-time", "uuid", "email", "ipv4", "ipv6", "hostname", "duration", "uri"]),
    }),
    () => {
      const low = integer(-2000, 2000);
      return { type: choose(["integer", "number"]), minimum: low, maximum: low + integer(0, 3000) };
    },
    () => ({ type: choose(["integer", "number"]), exclusiveMinimum: integer(-50, 50) }),
    () => ({ type: "integer", maximum: integer(-500, 500) }),
    () => ({ type: "number" }),
    () => ({ type: choose(["boolean", "null"]) }),
    () => ({ enum: ["a", 'b"', 3, null, true].slice(0, integer(1, 5)) }),
    () => ({ const: choose(["x", 0, false]) }),
    () => ({ type: ["string", "integer", "null"].slice(0, integer(1, 3)) }),
  ];
  const containers = [
    () => {
      const names = ["a", "b-c", 'd"e', "longer name", "é"].slice(0, integer(0, 5));
      return {
        type: "object",
        properties: Object.fromEntries(names.map((name) => [name, nested()])),
        required: names.filter(() => random() < 0.5),
        ...choose([{}, { additionalProperties: false }, { additionalProperties: nested() }]),
      };
    },
    () => ({ type: "array", items: nested(), minItems: integer(0, 2), maxItems: integer(2, 4) }),
    () => ({
      type: "array",
      prefixItems: [nested(), nested()],
      items: choose([false, nested()]),
      minItems: integer(2, 3) - 1,
    }),
    () => ({ anyOf: [nested(), nested()] }),
    () => ({
      allOf: [
        { type: "object", properties: { a: nested(), b: { type: "integer" } }, required: ["a"] },
        { type: "object", properties: { b: { minimum: integer(0, 9) }, c: nested() }, required: ["b"] },
      ],
    }),
  ];
  return choose(depth > 0 ? [...scalars, ...containers, ...containers] : scalars)();
}
