import { describe, expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { jsonDepth } from "./json-depth.ts";
import { loneSurrogate } from "./lone-surrogate.ts";
import { parseBody } from "./parse-body.ts";

const parse = (text: string): unknown => parseBody(new TextEncoder().encode(text));

describe("the depth of a text", () => {
  it.each([
    [0, ""],
    [0, "1"],
    [1, "[]"],
    [3, '{"a":[{"b":1}]}'],
    [1, '["[[["]'],
    [2, '["\\\\",[]]'],
    [1, '["\\\\\\"[[[["]'],
    [0, '"unclosed [[['],
    [2, "[[]"],
  ])("is %i in %s", (depth, text) => {
    expect(jsonDepth(text)).toBe(depth);
  });

  it("takes one look at each character, also where nearly all of them are escaped quotes", () => {
    expect(jsonDepth(`["${'\\"'.repeat(500_000)}"]`)).toBe(1);
    expect(jsonDepth(`["${"\\\\".repeat(500_000)}"]`)).toBe(1);
  });
});

describe("half a surrogate pair", () => {
  it.each<[number | null, string]>([
    [null, '"plain"'],
    [null, '"\\ud83d\\ude00"'],
    [null, '"\\\\ud83d"'],
    [1, '"\\ud83d"'],
    [1, '"\\ude00"'],
    [1, '"\\ud83dx\\ude00"'],
    [1, '"\\ud83d\\n\\ude00"'],
    [7, '"\\u0041\\uD83D\\u0041"'],
    [13, '"\\ud83d\\ude00\\ud83d\\ud83d\\ude00"'],
  ])("is found at %s in %s", (place, text) => {
    verifies("body.half-surrogate");
    expect(loneSurrogate(text)).toBe(place);
  });

  it("is looked for in linear time, also where everything is escaped", () => {
    expect(loneSurrogate(`"${"\\ud83d\\ude00".repeat(200_000)}"`)).toBeNull();
    expect(loneSurrogate(`"${"\\\\".repeat(500_000)}u"`)).toBeNull();
    expect(loneSurrogate(`"${"\\n".repeat(1_000_000)}\\ud83d"`)).toBe(2_000_001);
  });

  it("makes a body that is refused", () => {
    verifies("body.half-surrogate");
    expect(() => parse('"\\ud83d"')).toThrow(
      "The request body is not valid JSON: half a surrogate pair in a string at position 1",
    );
  });
});

describe("a body", () => {
  it("may begin with a byte order mark, and of members with one name the last counts", () => {
    verifies("body.any-content-type");
    expect(parse('\ufeff{"a":1,"a":2}')).toEqual({ a: 2 });
  });

  it("that names __proto__ changes no prototype", () => {
    const value = parse('{"__proto__":{"polluted":true}}') as { polluted?: boolean };
    expect(value.polluted).toBeUndefined();
    expect(Object.keys(value)).toEqual(["__proto__"]);
  });

  it.each(["", " ", "{", "nul", "NaN", "[1,]", "{'a':1}", '"\t"', "1 2", "[Infinity]"])(
    "%j is not JSON",
    (text) => {
      verifies("body.not-json");
      expect(() => parse(text)).toThrow(/^The request body is not valid JSON: /);
    },
  );

  it("is refused before it is built when it is nested too deep", () => {
    verifies("body.depth");
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expect(() => parse(nested(256))).not.toThrow();
    expect(() => parse(nested(257))).toThrow("The request body is nested deeper than 256 levels");
    expect(() => parse("[".repeat(10_000_000))).toThrow("nested deeper");
    expect(() => parse('{"a":'.repeat(1_000_000))).toThrow("nested deeper");
  });
});
