import { expect, it } from "vitest";
import { parseByteRange } from "./byte-range.ts";

it.each([
  ["bytes=0-0", 10, { kind: "part", start: 0, end: 0 }],
  ["bytes=3-", 10, { kind: "part", start: 3, end: 9 }],
  ["bytes=3-100", 10, { kind: "part", start: 3, end: 9 }],
  ["bytes=-4", 10, { kind: "part", start: 6, end: 9 }],
  ["bytes=-40", 10, { kind: "part", start: 0, end: 9 }],
  ["bytes=10-", 10, { kind: "unsatisfiable" }],
  ["bytes=0-0", 0, { kind: "unsatisfiable" }],
  ["bytes=-0", 10, { kind: "unsatisfiable" }],
  ["bytes=5-2", 10, { kind: "whole" }],
  ["bytes=0-1,4-5", 10, { kind: "whole" }],
  ["lines=0-1", 10, { kind: "whole" }],
  ["bytes=-", 10, { kind: "whole" }],
  [undefined, 10, { kind: "whole" }],
])("reads %s of %i bytes", (header, size, expected) => {
  expect(parseByteRange(header, size)).toEqual(expected);
});
