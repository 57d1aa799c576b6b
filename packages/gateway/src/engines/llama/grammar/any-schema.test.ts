import { expect, test } from "vitest";
import type { JsonSchema } from "./json-schema.ts";
import { jsonSchemaToGbnf } from "./json-schema-to-gbnf.ts";
import { Gbnf } from "./testing/gbnf.ts";
import { randomNumbers } from "./testing/random-numbers.ts";

const KEYWORDS = [
  ...[
    "type",
    "enum",
    "const",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "prefixItems",
    "minItems",
  ],
  ...[
    "maxItems",
    "anyOf",
    "oneOf",
    "allOf",
    "$ref",
    "$defs",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
  ],
  ...["maximum", "exclusiveMinimum", "exclusiveMaximum", "nullable", "not", "uniqueItems", "minProperties"],
];

const SCRAPS: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e300,
    3,
    "",
    "object",
    "array",
    "string",
    "number",
    "integer",
    "null",
    "a",
  ],
  ...[
    "#",
    "#/$defs/a",
    "#/%",
    "#/properties/a",
    "^a+$",
    "[",
    "(a|",
    "\\ud800",
    "[\\ud800-\\udfff]",
    "date",
    "__proto__",
  ],
  ...[[], ["string", "null"], ["a", "b"], [1, null, "x"]],
];

function anything(random: () => number, depth: number): unknown {
  const choose = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const kind = random();
  if (depth === 0 || kind < 0.35) return choose(SCRAPS);
  const count = Math.floor(random() * 4);
  if (kind < 0.5) return Array.from({ length: count }, () => anything(random, depth - 1));
  const names = random() < 0.75 ? KEYWORDS : ["a", "b", '"', "__proto__"];
  return Object.fromEntries(
    Array.from({ length: count }, () => [choose(names), anything(random, depth - 1)]),
  );
}

test("whatever a schema says, its grammar can be read and lets the model write something", () => {
  const random = randomNumbers(29);
  for (let count = 0; count < 250; count++) {
    const schema = Object.fromEntries(
      Array.from({ length: 1 + Math.floor(random() * 4) }, () => [
        KEYWORDS[Math.floor(random() * KEYWORDS.length)],
        anything(random, 3),
      ]),
    ) as JsonSchema;
    const text = jsonSchemaToGbnf(schema);
    const grammar = new Gbnf(text);
    const written = grammar.sample(random);
    expect(() => JSON.parse(written), `${JSON.stringify(schema)} wrote ${written}`).not.toThrow();
  }
});
