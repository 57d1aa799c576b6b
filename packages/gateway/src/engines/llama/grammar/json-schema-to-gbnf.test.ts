import { expect, test } from "vitest";
import type { JsonSchema } from "./json-schema.ts";
import { jsonSchemaToGbnf } from "./json-schema-to-gbnf.ts";
import { prefixGrammar } from "./prefix-grammar.ts";
import { Gbnf } from "./testing/gbnf.ts";
import { isValid } from "./testing/is-valid.ts";
import { randomNumbers } from "./testing/random-numbers.ts";
import { randomSchema } from "./testing/random-schema.ts";
import { PYTHON_NOTATION, rawNotation } from "./value-notation.ts";

interface Example {
  readonly name: string;
  readonly schema: JsonSchema;
  /** Values that match in `JSON.stringify`'s spelling. */
  readonly allowed: readonly unknown[];
  readonly refused: readonly unknown[];
}

const WEATHER = {
  type: "object",
  properties: {
    city: { type: "string" },
    days: { type: "integer", minimum: 1, maximum: 14 },
    units: { enum: ["metric", "imperial"] },
  },
  required: ["city"],
} as const;

const TREE = {
  $defs: {
    node: {
      type: "object",
      properties: {
        value: { type: "integer" },
        children: { type: "array", items: { $ref: "#/$defs/node" } },
      },
      required: ["value", "children"],
      additionalProperties: false,
    },
  },
  $ref: "#/$defs/node",
};

const EXAMPLES: readonly Example[] = [
  {
    name: "an object with optional members, in the declared order",
    schema: WEATHER,
    allowed: [{ city: "Oslo" }, { city: "Oslo", days: 14 }, { city: "", units: "metric" }],
    refused: [
      {},
      { days: 1 },
      { days: 1, city: "Oslo" },
      { city: "Oslo", days: 15 },
      { city: "Oslo", more: 1 },
    ],
  },
  {
    name: "an object whose members are all optional",
    schema: {
      type: "object",
      properties: { a: { type: "null" }, b: { type: "boolean" }, c: { type: "integer" } },
    },
    allowed: [{}, { a: null }, { b: true }, { c: 0 }, { a: null, c: 5 }, { a: null, b: false, c: 5 }],
    refused: [{ d: 1 }, { b: null }, []],
  },
  {
    name: "other members after the declared ones, by another name",
    schema: {
      type: "object",
      properties: { ab: { type: "string" } },
      additionalProperties: { type: "integer" },
    },
    allowed: [{}, { ab: "x" }, { ab: "x", abc: 1 }, { a: 1, b: 2 }, { "": 3 }],
    refused: [{ ab: 1 }, { ab: "x", a: "y" }],
  },
  {
    name: "any object",
    schema: { type: "object" },
    allowed: [{}, { a: { b: [1, "x", null, true, { c: [] }] } }, { "a b": 1e9 }],
    refused: [[], "x", null],
  },
  {
    name: "any value",
    schema: {},
    allowed: [null, true, -1.5, 'x"\\\n', [[]], { a: {} }],
    refused: [],
  },
  {
    name: "an object without members",
    schema: { type: "object", properties: {}, additionalProperties: false },
    allowed: [{}],
    refused: [{ a: 1 }],
  },
  {
    name: "several types, and null",
    schema: { type: ["string", "integer", "null"] },
    allowed: ["x", 3, null],
    refused: [1.5, true, {}],
  },
  {
    name: "a nullable string",
    schema: { type: "string", nullable: true },
    allowed: ["x", null],
    refused: [1],
  },
  {
    name: "constants of every type",
    schema: { enum: ["a", 1, null, true, { x: [1, 2] }, 'quote"and\\slash\n'] },
    allowed: ["a", 1, null, true, 'quote"and\\slash\n'],
    refused: ["b", 2, false],
  },
  {
    name: "constants of the named type",
    schema: { type: "string", enum: ["a", 1] },
    allowed: ["a"],
    refused: [1],
  },
  { name: "one constant", schema: { const: "only" }, allowed: ["only"], refused: ["other", null] },
  {
    name: "a string of bounded length",
    schema: { type: "string", minLength: 2, maxLength: 4 },
    allowed: ["ab", "abcd", "漢字", "\\\\"],
    refused: ["a", "abcde", ""],
  },
  {
    name: "a string of a pattern",
    schema: { type: "string", pattern: "^[A-Z]{2}-\\d+(?:\\.x)?$" },
    allowed: ["AB-1", "ZZ-123.x"],
    refused: ["A-1", "AB-", "AB-1y", "xAB-1"],
  },
  {
    name: "a pattern that may stand anywhere",
    schema: { type: "string", pattern: "b+\\s|^x|y$" },
    allowed: ["ab c", "x and more", "ends in y", "b\nmore"],
    refused: ["abc", "no"],
  },
  {
    name: "a pattern with characters that JSON escapes",
    schema: { type: "string", pattern: '^["\\\\\\n]+$' },
    allowed: ['"', "\\", '\n"\\'],
    refused: ["", "n"],
  },
  {
    name: "a pattern of one set with a bounded length",
    schema: { type: "string", pattern: "^[a-z]+$", minLength: 2, maxLength: 3 },
    allowed: ["ab", "abc"],
    refused: ["a", "abcd", "AB"],
  },
  {
    name: "a date",
    schema: { type: "string", format: "date" },
    allowed: ["2026-11-22"],
    refused: ["2026-13-01", "x"],
  },
  {
    name: "a moment",
    schema: { type: "string", format: "date-time" },
    allowed: ["2026-11-22T19:05:00Z", "2026-11-22T19:05:00.5+01:00"],
    refused: ["2026-11-22", "2026-11-22T25:00:00Z"],
  },
  {
    name: "a UUID",
    schema: { type: "string", format: "uuid" },
    allowed: ["123e4567-e89b-42d3-a456-426614174000"],
    refused: ["123e4567"],
  },
  {
    name: "an unknown format as any string",
    schema: { type: "string", format: "colour" },
    allowed: ["x"],
    refused: [1],
  },
  { name: "integers", schema: { type: "integer" }, allowed: [0, -7, 123456789], refused: [1.5, "1"] },
  {
    name: "bounded integers",
    schema: { type: "integer", minimum: -12, exclusiveMaximum: 345 },
    allowed: [-12, -9, 0, 9, 10, 99, 100, 299, 300, 344],
    refused: [-13, -20, -100, 345, 350, 1000],
  },
  {
    name: "integers without an upper bound",
    schema: { type: "integer", minimum: 27 },
    allowed: [27, 29, 30, 99, 100, 12345],
    refused: [26, 0, 7, -27],
  },
  {
    name: "negative integers",
    schema: { type: "integer", maximum: -5 },
    allowed: [-5, -10, -600],
    refused: [-4, 0, 5],
  },
  {
    name: "the bounds of safe integers",
    schema: { type: "integer", minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
    allowed: [0, -5, 123456789012345],
    refused: [0.5],
  },
  {
    name: "a fraction of one",
    schema: { type: "number", minimum: 0, maximum: 1 },
    allowed: [0, 1, 0.5, 0.001],
    refused: [-0.5, 1.5, 2, 1e3],
  },
  {
    name: "numbers between exclusive bounds",
    schema: { type: "number", exclusiveMinimum: -2, exclusiveMaximum: 0 },
    allowed: [-1, -1.5, -0.25, -1.999],
    refused: [-2, 0, 0.5, -3],
  },
  {
    name: "positive numbers",
    schema: { type: "number", exclusiveMinimum: 0 },
    allowed: [0.5, 1, 77.5],
    refused: [0, -1],
  },
  {
    name: "an array of bounded length",
    schema: { type: "array", items: { type: "integer" }, minItems: 1, maxItems: 3 },
    allowed: [[1], [1, 2, 3]],
    refused: [[], [1, 2, 3, 4], ["x"]],
  },
  {
    name: "a tuple",
    schema: {
      type: "array",
      prefixItems: [{ type: "string" }, { type: "integer" }],
      items: false,
      minItems: 1,
    },
    allowed: [["a"], ["a", 1]],
    refused: [[], [1], ["a", 1, 2]],
  },
  {
    name: "a tuple with more behind it",
    schema: {
      type: "array",
      prefixItems: [{ type: "string" }],
      items: { type: "integer" },
      minItems: 2,
      maxItems: 3,
    },
    allowed: [
      ["a", 1],
      ["a", 1, 2],
    ],
    refused: [["a"], ["a", 1, 2, 3], ["a", "b"]],
  },
  {
    name: "an empty array",
    schema: { type: "array", items: { type: "string" }, maxItems: 0 },
    allowed: [[]],
    refused: [["a"]],
  },
  {
    name: "one of several objects, with what they share",
    schema: {
      type: "object",
      properties: { kind: { type: "string" } },
      required: ["kind"],
      oneOf: [
        { properties: { kind: { const: "file" }, path: { type: "string" } }, required: ["path"] },
        { properties: { kind: { const: "url" } } },
      ],
    },
    allowed: [{ kind: "file", path: "a" }, { kind: "url" }],
    refused: [{ kind: "file" }, { kind: "other" }],
  },
  {
    name: "all of several objects",
    schema: {
      allOf: [
        { type: "object", properties: { a: { type: "integer" } }, required: ["a"] },
        { type: "object", properties: { a: { minimum: 5 }, b: { type: "string" } } },
      ],
    },
    allowed: [{ a: 5 }, { a: 6, b: "x" }],
    refused: [{ a: 4 }, { b: "x" }],
  },
  {
    name: "references that come round again",
    schema: TREE,
    allowed: [
      { value: 1, children: [] },
      { value: 1, children: [{ value: 2, children: [{ value: 3, children: [] }] }] },
    ],
    refused: [{ value: 1 }, { value: 1, children: [{}] }],
  },
  {
    name: "a reference with a bound beside it",
    schema: { $defs: { count: { type: "integer" } }, $ref: "#/$defs/count", minimum: 3 },
    allowed: [3, 44],
    refused: [2],
  },
];

test.each(EXAMPLES)("a grammar holds $name", ({ schema, allowed, refused }) => {
  const grammar = new Gbnf(jsonSchemaToGbnf(schema));
  for (const value of allowed)
    expect.soft(grammar.matches(JSON.stringify(value)), JSON.stringify(value)).toBe(true);
  for (const value of refused)
    expect.soft(grammar.matches(JSON.stringify(value)), JSON.stringify(value)).toBe(false);
});

test.each(EXAMPLES)("what a grammar writes for $name is valid", ({ schema }) => {
  const grammar = new Gbnf(jsonSchemaToGbnf(schema));
  const random = randomNumbers(7);
  for (let count = 0; count < 50; count++) {
    const text = grammar.sample(random);
    expect(isValid(JSON.parse(text), schema), text).toBe(true);
  }
});

test("what the grammars of random schemas write is valid, and matches", () => {
  const random = randomNumbers(20261122);
  for (let count = 0; count < 300; count++) {
    const schema = randomSchema(random);
    const grammar = new Gbnf(jsonSchemaToGbnf(schema));
    for (let sample = 0; sample < 6; sample++) {
      const text = grammar.sample(random);
      expect(isValid(JSON.parse(text), schema), `${JSON.stringify(schema)} wrote ${text}`).toBe(true);
      expect(grammar.matches(text), text).toBe(true);
    }
  }
});

test("white space is at most one space, after a colon or a comma", () => {
  const grammar = new Gbnf(jsonSchemaToGbnf({ type: "object", properties: { a: { type: "array" } } }));
  expect(grammar.matches('{"a": [1, 2]}')).toBe(true);
  expect(grammar.matches('{"a":[1,2]}')).toBe(true);
  for (const text of ['{ "a": []}', '{"a":  []}', '{"a": []}\n', '{"a" : []}'])
    expect(grammar.allows(text)).toBe(false);
});

test.each<[keyword: string, schema: JsonSchema]>([
  ["not", { not: { type: "string" } }],
  ["multipleOf", { type: "integer", multipleOf: 5 }],
  ["uniqueItems", { type: "array", items: { type: "integer" }, uniqueItems: true }],
  ["uniqueItems", { type: "array", uniqueItems: true }],
  ["if", { type: "object", if: {}, properties: {} }],
  ["patternProperties", { type: "object", patternProperties: { "^a": {} } }],
  ["pattern", { type: "string", pattern: "(?=a)" }],
  ["pattern", { type: "string", pattern: "^(a*)*$" }],
  ["pattern", { type: "string", pattern: "\\bword" }],
  ["minLength", { type: "string", pattern: "^ab*c*$", minLength: 7 }],
  ["maxLength", { type: "string", maxLength: 2001 }],
  ["maxItems", { type: "array", items: {}, maxItems: 5000 }],
  ["minimum", { type: "number", minimum: 0.5 }],
  ["oneOf", { oneOf: [{ type: "number" }, { type: "integer" }] }],
  ["minProperties", { type: "object", additionalProperties: true, minProperties: 1 }],
  ["$ref", { $ref: "#/$defs/missing" }],
  ["$ref", { $ref: "https://example.com/schema" }],
  ["$ref", { $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } }, $ref: "#/$defs/a" }],
  ["false", { type: "object", properties: { a: false }, required: ["a"] }],
])("a grammar says that it does not keep %s", (keyword, schema) => {
  const unsupported: string[] = [];
  const text = jsonSchemaToGbnf(schema, { onUnsupported: (found) => unsupported.push(found) });
  expect(unsupported).toContain(keyword);
  expect(() => new Gbnf(text)).not.toThrow();
});

test("a grammar keeps all that it can say", () => {
  const unsupported: string[] = [];
  for (const { schema } of EXAMPLES)
    jsonSchemaToGbnf(schema, { onUnsupported: (found) => unsupported.push(found) });
  expect(unsupported).toEqual([]);
});

test("Python's notation has its own literals", () => {
  const schema = { type: "array", items: { type: ["boolean", "null", "string"] } };
  const grammar = new Gbnf(jsonSchemaToGbnf(schema, { notation: PYTHON_NOTATION }));
  expect(grammar.matches('[True, False, None, "x"]')).toBe(true);
  expect(grammar.matches("[true]")).toBe(false);
});

test("the raw notation has neither escapes nor quoted names", () => {
  const grammar = new Gbnf(jsonSchemaToGbnf(WEATHER, { notation: rawNotation('<|"|>') }));
  expect(grammar.matches('{city:<|"|>Rue "X" \\ 5<|"|>,days:3,units:<|"|>metric<|"|>}')).toBe(true);
  expect(grammar.matches('{"city":"x"}')).toBe(false);
});

test("a prefix stands before all that the grammar allows", () => {
  const grammar = new Gbnf(prefixGrammar(jsonSchemaToGbnf({ const: 1 }), '"\n['));
  expect(grammar.matches('"\n[1')).toBe(true);
  expect(grammar.matches("1")).toBe(false);
});
