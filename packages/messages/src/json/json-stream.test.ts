import { describe, expect, it } from "vitest";
import type { JsonEvent } from "./json-event.ts";
import { JsonStream } from "./json-stream.ts";
import { JsonStreamError } from "./json-stream-error.ts";

const DOCUMENTS = [
  "{}",
  "[]",
  '""',
  "0",
  "-0",
  "-0.5e-3",
  "1E+10",
  "12345678901234567890",
  "1e400",
  "true",
  "false",
  "null",
  " \t\r\n[ 1 , 2 ]\n ",
  '{"a":1,"b":[true,false,null,{"c":"d"}],"e":{}}',
  '{"path":"a.txt","body":"hello world","lines":["x","y",""]}',
  '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\uD83D\\uDE00"',
  '"😀 and é, 漢字"',
  '"\\ud83d alone, then \\ude00 alone, raw \ud83d\\ude00 mixed"',
  '{"\\u0061\\n":1,"😀":2}',
  '{"a":1,"b":2,"a":{"x":[3]}}',
  '{"__proto__":{"polluted":true},"constructor":1}',
  '{"2":"b","1":"a"}',
  '[[[[[["deep"]]]]],{"a":{"b":{"c":[0]}}}]',
  '{"n":[0,-1,2.5,3e2,4E-2,5.0]}',
  '{"command": "ls -la", "timeout" : 30 }',
];

const BROKEN: readonly [text: string, position: number][] = [
  ["01", 1],
  ["-a", 1],
  ["1.e3", 2],
  ["+1", 0],
  [".5", 0],
  ["[1,]", 3],
  ["[,1]", 1],
  ["{,}", 1],
  ['{"a":1,}', 7],
  ['{"a" 1}', 5],
  ["{a:1}", 1],
  ["{'a':1}", 1],
  ['{"a":1}}', 7],
  ['{"a":1]', 6],
  ["[1}", 2],
  ['{"a":True}', 5],
  ["nul1", 3],
  ['"a\nb"', 2],
  ['"\\x41"', 2],
  ['"\\u00g0"', 5],
  ["1 2", 2],
  ["\uFEFF1", 0],
  ["\u00a01", 0],
];

function parse(pieces: readonly string[]): unknown {
  const stream = new JsonStream();
  for (const piece of pieces) stream.push(piece);
  stream.end();
  return stream.value;
}

function* twoCuts(text: string): Generator<string[]> {
  for (let first = 0; first <= text.length; first++) {
    for (let second = first; second <= text.length; second++) {
      yield [text.slice(0, first), text.slice(first, second), text.slice(second)];
    }
  }
}

describe("a whole document", () => {
  it.each(DOCUMENTS)("equals JSON.parse wherever it is cut in three: %s", (text) => {
    const expected: unknown = JSON.parse(text);
    for (const pieces of twoCuts(text)) expect(parse(pieces)).toStrictEqual(expected);
    expect(parse([...Array(text.length).keys()].map((index) => text.charAt(index)))).toStrictEqual(expected);
  });

  it("keeps the order of keys and gives __proto__ no power", () => {
    const value = parse(['{"b":1,"__proto__":{"x":1},"a":2}']) as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(["b", "__proto__", "a"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it("does not need the call stack for depth", () => {
    const depth = 200_000;
    const stream = new JsonStream({ maxDepth: depth });
    stream.push("[".repeat(depth));
    stream.push("]".repeat(depth));
    expect(stream.complete).toBe(true);
  });
});

describe("the value so far", () => {
  it.each<[string, unknown]>([
    ["", undefined],
    ["{", {}],
    ['{"a', {}],
    ['{"a"', {}],
    ['{"a":', {}],
    ['{"a":"', { a: "" }],
    ['{"a":"hel', { a: "hel" }],
    ['{"a":"x\\', { a: "x" }],
    ['{"a":"x\\u00', { a: "x" }],
    ['{"a":1', {}],
    ['{"a":1,', { a: 1 }],
    ['{"a":[1,2', { a: [1] }],
    ['{"a":[{"b":tr', { a: [{}] }],
    ['["a","b', ["a", "b"]],
    ['"\\ud83d', ""],
    ['"\\ud83d\\ude00', "😀"],
    ['"😀'.slice(0, 2), ""],
  ])("after %j is %j", (text, expected) => {
    const stream = new JsonStream();
    for (const character of text.split("")) stream.push(character);
    expect(stream.value).toStrictEqual(expected);
    expect(stream.complete).toBe(false);
  });

  it("only ever grows: each string shown is a prefix of the final one", () => {
    const text = '{"body":"line\\n\\ud83d\\ude00 end"}';
    const shown: string[] = [];
    const stream = new JsonStream();
    for (const character of text.split("")) {
      stream.push(character);
      const { body } = (stream.value ?? {}) as { body?: string };
      if (body !== undefined) shown.push(body);
    }
    for (const body of shown) expect("line\n😀 end".startsWith(body)).toBe(true);
    expect(shown.at(-1)).toBe("line\n😀 end");
  });

  it("leaves out a string that is still open when asked to", () => {
    const stream = new JsonStream({ partialStrings: false });
    stream.push('{"path":"a.txt","body":"hello wor');
    expect(stream.value).toEqual({ path: "a.txt" });
  });
});

describe("events", () => {
  const told = (pieces: readonly string[]): JsonEvent[][] => {
    const stream = new JsonStream({ events: true });
    return [...pieces.map((piece) => [...stream.push(piece)]), [...stream.end()]];
  };

  it("tell each value once it is whole, by its path, inner values first", () => {
    expect(told(['{"a":{"b":[1,tr', 'ue]},"c":"x"', "}"])).toEqual([
      [{ type: "value", path: ["a", "b", 0], value: 1 }],
      [
        { type: "value", path: ["a", "b", 1], value: true },
        { type: "value", path: ["a", "b"], value: [1, true] },
        { type: "value", path: ["a"], value: { b: [1, true] } },
        { type: "text", path: ["c"], text: "x" },
        { type: "value", path: ["c"], value: "x" },
      ],
      [{ type: "value", path: [], value: { a: { b: [1, true] }, c: "x" } }],
      [],
    ]);
  });

  it("tell what was added to a string that is still open, once for each piece, and never half a character", () => {
    expect(told(['["a\\nb', "\\ud83d", '\\ude00c"]'])).toEqual([
      [{ type: "text", path: [0], text: "a\nb" }],
      [],
      [
        { type: "text", path: [0], text: "😀c" },
        { type: "value", path: [0], value: "a\nb😀c" },
        { type: "value", path: [], value: ["a\nb😀c"] },
      ],
      [],
    ]);
  });

  it("tell a number that stands alone at the end, and nothing of keys", () => {
    expect(told(["-1", "2"])).toEqual([[], [], [{ type: "value", path: [], value: -12 }]]);
    expect(told(['{"ke', 'y":""}'])).toEqual([
      [],
      [
        { type: "value", path: ["key"], value: "" },
        { type: "value", path: [], value: { key: "" } },
      ],
      [],
    ]);
  });

  it("have paths of their own, which stay as they are", () => {
    const [events = []] = told(['[{"a":1},{"a":2}]']);
    const paths = events.map(({ path }) => path);
    expect(paths).toEqual([[0, "a"], [0], [1, "a"], [1], []]);
  });

  it("are not made unless asked for", () => {
    expect(new JsonStream().push('{"a":1}')).toEqual([]);
  });
});

describe("invalid text", () => {
  it.each(BROKEN)("%j is refused at position %i, wherever it is cut", (text, position) => {
    expect(() => JSON.parse(text)).toThrow();
    for (let cut = 0; cut <= text.length; cut++) {
      let thrown: unknown;
      try {
        parse([text.slice(0, cut), text.slice(cut)]);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(JsonStreamError);
      expect(thrown).toMatchObject({ code: "unexpected_character", position });
    }
  });

  it("leaves the value as it was before the fault, wherever the piece began", () => {
    for (const pieces of [['{"a":[1,"x\n"]}'], ['{"a":[1,', '"x', "\n"]]) {
      const stream = new JsonStream();
      expect(() => pieces.forEach((piece) => void stream.push(piece))).toThrow(JsonStreamError);
      expect(stream.value).toEqual({ a: [1, "x"] });
      expect(stream).toMatchObject({ complete: false, closers: null, position: 10 });
    }
  });

  it("that is deeper than allowed is refused at the bracket that is too much, and not earlier", () => {
    const stream = new JsonStream();
    expect(() => stream.push("[".repeat(100_000))).toThrow(
      expect.objectContaining({ name: "JsonStreamError", code: "too_deep", position: 1_000 }),
    );
    expect(() => parse(["[".repeat(1_000), "]".repeat(1_000)])).not.toThrow();
    expect(() => new JsonStream({ maxDepth: 2 }).push('[{"a":{')).toThrow("Too deep at position 6");
  });

  it("stays failed", () => {
    const stream = new JsonStream();
    expect(() => stream.push("{]")).toThrow(JsonStreamError);
    expect(() => stream.push("}")).toThrow("position 1");
    expect(() => stream.end()).toThrow("position 1");
  });

  it.each(["", " ", "{", '{"a":1', "[1", '"a', "tru", "-", "1.", "1e"])("%j has no end", (text) => {
    const stream = new JsonStream();
    stream.push(text);
    expect(() => stream.end()).toThrow(expect.objectContaining({ code: "unexpected_end" }));
  });
});

describe("where a text stops", () => {
  it.each<[string, string | null]>([
    ["", null],
    ["{", null],
    ['{"a":"x"', "}"],
    ['{"a":[{"b":true', "}]}"],
    ['{"a":[{"b":1}', "]}"],
    ['{"a":12', null],
    ['{"a":"x', null],
    ['{"a":1,', null],
    ['{"a":', null],
    ['{"a":1}', ""],
  ])("%j lacks the closers %j", (text, closers) => {
    const stream = new JsonStream();
    stream.push(text);
    expect(stream.closers).toBe(closers);
  });

  it("knows the end of the last whole top-level member", () => {
    const text = '{"a":1,"b":{"c":[1,2]},"d":"x"}';
    const stream = new JsonStream();
    const ends = new Set<string>();
    for (const character of text) {
      stream.push(character);
      ends.add(text.slice(0, stream.memberEnd));
    }
    expect([...ends]).toEqual(["", '{"a":1', '{"a":1,"b":{"c":[1,2]}', '{"a":1,"b":{"c":[1,2]},"d":"x"']);
  });
});
