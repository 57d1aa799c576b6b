import { expect, it } from "vitest";
import { spliceModel } from "./splice-model.ts";

const spliced = (text: string, model = "new"): string =>
  Buffer.from(spliceModel(new TextEncoder().encode(text), model)).toString("utf8");

it.each([
  ['{"model":"old","max_tokens":1}', '{"model":"new","max_tokens":1}'],
  ['{"max_tokens":1,"model":"old"}', '{"max_tokens":1,"model":"new"}'],
  [' \r\n{ "model" :\t"old" , "a" : 1.0 }\n', ' \r\n{ "model" :\t"new" , "a" : 1.0 }\n'],
  ['{"metadata":{"model":"x"},"model":"old"}', '{"metadata":{"model":"x"},"model":"new"}'],
  ['{"a":[{"model":"x"},["model",":"]],"model":"old"}', '{"a":[{"model":"x"},["model",":"]],"model":"new"}'],
  ['{"a":"\\"model\\":\\"x\\",{[","model":"old"}', '{"a":"\\"model\\":\\"x\\",{[","model":"new"}'],
  ['{"a":"x\\\\","model":"o\\"ld","b":[]}', '{"a":"x\\\\","model":"new","b":[]}'],
  ['{"model ":1,"":{},"model":"old"}', '{"model ":1,"":{},"model":"new"}'],
  ['{"\\u006dodel":"old"}', '{"\\u006dodel":"new"}'],
  ['{"model":"one","a":null,"model":"two"}', '{"model":"new","a":null,"model":"new"}'],
  ['{"system":"model","model":"old"}', '{"system":"model","model":"new"}'],
  ['{"a":-1.5e3,"b":true,"c":[[]],"model":"öld 😀"}', '{"a":-1.5e3,"b":true,"c":[[]],"model":"new"}'],
  ['\uFEFF{"model":"old"}', '\uFEFF{"model":"new"}'],
  ['{"a":1}', '{"a":1}'],
  ["{}", "{}"],
])("only the request's own model is replaced: %s", (text, expected) => {
  expect(spliced(text)).toBe(expected);
});

it("a name is written as JSON", () => {
  expect(spliced('{"model":"old"}', 'a"b\\ 😀')).toBe('{"model":"a\\"b\\\\ 😀"}');
});

it("a large body is read through once", () => {
  const filler = JSON.stringify({
    text: 'x\\"'.repeat(1_000_000),
    list: Array(200_000).fill({ model: "x" }),
  });
  const text = `{"filler":${filler},"model":"old"}`;
  expect(spliced(text)).toBe(`{"filler":${filler},"model":"new"}`);
});
