import { describe, expect, it } from "vitest";
import { matchesSchema } from "./matches-schema.ts";

const tree = {
  $ref: "#/$defs/node",
  $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } }, required: ["value"] } },
};

describe("a value fits a schema", () => {
  it.each<[boolean, unknown, unknown]>([
    [true, 1, true],
    [false, 1, false],
    [true, 1, {}],
    [true, 1, { type: "integer" }],
    [false, 1.5, { type: "integer" }],
    [true, null, { type: ["string", "null"] }],
    [false, [], { type: "object" }],
    [true, "b", { enum: ["a", "b"] }],
    [true, { b: 1, a: [2] }, { const: { a: [2], b: 1 } }],
    [false, { a: 1 }, { const: { a: "1" } }],
    [true, 3, { minimum: 3, exclusiveMaximum: 4, multipleOf: 1.5 }],
    [false, 4, { exclusiveMaximum: 4 }],
    [false, 4, { multipleOf: 3 }],
    [true, 0.3, { multipleOf: 0.1 }],
    [true, "😀", { maxLength: 1 }],
    [false, "ab", { minLength: 3 }],
    [false, ["a", 1], { items: { type: "string" } }],
    [true, [1, "a", "b"], { prefixItems: [{ type: "number" }], items: { type: "string" } }],
    [false, [1, 2], { contains: { type: "string" } }],
    [
      false,
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      { uniqueItems: true },
    ],
    [false, [1], { minItems: 2 }],
    [false, {}, { required: ["a"] }],
    [false, {}, { required: ["toString"] }],
    [false, { a: 1 }, { properties: { a: { type: "string" } } }],
    [false, { b: 1 }, { properties: { a: {} }, additionalProperties: false }],
    [true, { b: 1 }, { patternProperties: { "^b": {} }, additionalProperties: false }],
    [false, 1, { anyOf: [{ type: "string" }, { type: "null" }] }],
    [false, 1, { oneOf: [{ type: "number" }, { type: "integer" }] }],
    [false, 1, { allOf: [{ type: "number" }, { type: "string" }] }],
    [false, 1, { not: { type: "number" } }],
    [false, 5, JSON.parse('{"if":{"minimum":4},"then":{"multipleOf":2},"else":{"type":"string"}}')],
    [false, 3, JSON.parse('{"if":{"minimum":4},"then":{"multipleOf":2},"else":{"type":"string"}}')],
    [true, 6, JSON.parse('{"if":{"minimum":4},"then":{"multipleOf":2}}')],
    [true, { value: 1, next: { value: 2 } }, tree],
    [false, { value: 1, next: {} }, tree],
  ])("%s: %j in %j", (fits, value, schema) => {
    expect(matchesSchema(value, schema)).toBe(fits);
  });

  it("in bounded time, though the schema refers to itself or branches without end", () => {
    expect(matchesSchema(1, { $ref: "#" })).toBe(true);
    const branching = {
      $defs: { a: { allOf: [{ $ref: "#/$defs/a" }, { $ref: "#/$defs/a" }] } },
      $ref: "#/$defs/a",
    };
    expect(matchesSchema(1, branching)).toBe(true);
  });
});
