import type { CountTokensRequest, ToolDefinition } from "@ml-intern/messages";
import { expect, test } from "vitest";
import { Gbnf } from "../grammar/testing/gbnf.ts";
import { isValid } from "../grammar/testing/is-valid.ts";
import { randomNumbers } from "../grammar/testing/random-numbers.ts";
import { randomSchema } from "../grammar/testing/random-schema.ts";
import type { AnswerPart } from "./chat-format.ts";
import { CLOCK, formatOf, readPieces, request, WEATHER } from "./testing/parse-answer.ts";
import * as templates from "./testing/templates.ts";

const TEMPLATES = Object.entries(templates);

interface ReadCall {
  readonly name: string;
  readonly input: unknown;
}

function callsOf(parts: readonly AnswerPart[]): readonly ReadCall[] {
  return parts.flatMap((part, at) => {
    if (part.type !== "tool_call_start") return [];
    const next = parts[at + 1];
    const end = next?.type === "tool_call_arguments" ? parts[at + 2] : next;
    expect(end?.type).toBe("tool_call_end");
    return [{ name: part.name, input: next?.type === "tool_call_arguments" ? JSON.parse(next.text) : null }];
  });
}

function expectValid(calls: readonly ReadCall[], tools: readonly ToolDefinition[], written: string): void {
  expect(calls.length, written).toBeGreaterThan(0);
  for (const { name, input } of calls) {
    const tool = tools.find((known) => known.name === name);
    expect(tool, written).toBeDefined();
    expect(isValid(input, tool?.input_schema ?? false), written).toBe(true);
  }
}

test.each(TEMPLATES)(
  "%s: calls that must come are calls of the tools, with valid arguments",
  (_, template) => {
    const tools = [WEATHER, CLOCK];
    const turn = formatOf(template).openTurn(request({ tools, tool_choice: { type: "any" } }));
    const grammar = new Gbnf(turn.grammar ?? "");
    const random = randomNumbers(3);
    for (let count = 0; count < 15; count++) {
      const written = grammar.sample(random);
      const parts = readPieces(turn, [written], { grammars: true });
      expectValid(callsOf(parts), tools, written);
      expect(
        parts.filter(({ type }) => type === "text"),
        written,
      ).toEqual([]);
    }
  },
);

test.each(TEMPLATES)("%s: arguments of random schemas are valid as they were read", (_, template) => {
  const random = randomNumbers(11);
  const format = formatOf(template);
  for (let count = 0; count < 12; count++) {
    const properties = { first: randomSchema(random, 2), "second-one": randomSchema(random, 1) };
    const tool = { name: "tool", input_schema: { type: "object", properties, required: ["first"] } };
    const turn = format.openTurn(request({ tools: [tool], tool_choice: { type: "tool", name: "tool" } }));
    const grammar = new Gbnf(turn.grammar ?? "");
    for (let sample = 0; sample < 2; sample++) {
      const written = grammar.sample(random);
      const parts = readPieces(turn, written.match(/.{1,7}/gsu) ?? [], { grammars: true });
      expectValid(callsOf(parts), [tool], `${JSON.stringify(properties)}: ${written}`);
    }
  }
});

test.each(TEMPLATES)("%s: a tool that must be called is the only one that can be", (_, template) => {
  const turn = formatOf(template).openTurn(request({ tool_choice: { type: "tool", name: "clock" } }));
  const grammar = new Gbnf(turn.grammar ?? "");
  const random = randomNumbers(5);
  for (let count = 0; count < 5; count++) {
    const names = callsOf(readPieces(turn, [grammar.sample(random)])).map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set(["clock"]));
  }
});

test.each(TEMPLATES)("%s: one call is the end where only one is wanted", (_, template) => {
  const choice = { type: "any", disable_parallel_tool_use: true } as const;
  const turn = formatOf(template).openTurn(request({ tool_choice: choice }));
  const random = randomNumbers(9);
  for (let count = 0; count < 10; count++) {
    const parts = readPieces(turn, [new Gbnf(turn.grammar ?? "").sample(random)], { grammars: true });
    expect(callsOf(parts)).toHaveLength(1);
    expect(parts.at(-1)).toEqual({ type: "answer_end" });
  }
});

interface Beginning {
  readonly template: string;
  /** What the model writes before the grammar begins, and what comes with it in the same piece. */
  readonly before: string;
  readonly rest: string;
}

const PARAMETERS = '{"name": "get_weather", "parameters": ';
const BEGINNINGS: readonly Beginning[] = [
  { template: "HERMES_TEMPLATE", before: "I look.\n<tool_call>", rest: "\n{" },
  { template: "XML_TEMPLATE", before: "<tool_call>", rest: "\n<function" },
  { template: "LLAMA3_TEMPLATE", before: PARAMETERS, rest: '{"city' },
  { template: "MISTRAL_LIST_TEMPLATE", before: "[TOOL_CALLS]", rest: "" },
  { template: "MISTRAL_TEMPLATE", before: "[TOOL_CALLS]", rest: "get" },
  { template: "LFM2_TEMPLATE", before: "<|tool_call_start|>", rest: "[" },
  { template: "DEEPSEEK_V3_TEMPLATE", before: "<｜tool▁calls▁begin｜>", rest: "" },
  {
    template: "HARMONY_TEMPLATE",
    before: "<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>",
    rest: "{",
  },
  { template: "GEMMA4_TEMPLATE", before: "<|tool_call>", rest: "call:" },
  { template: "GEMMA_TEMPLATE", before: 'Yes.\n```json\n{"name": "get_weather", "arguments": ', rest: "{" },
];

test.each(BEGINNINGS)("$template: a grammar begins where a call begins", ({ template, before, rest }) => {
  const turn = formatOf(Object.fromEntries(TEMPLATES)[template] ?? null).openTurn(request());
  const random = randomNumbers(13);
  for (let count = 0; count < 10; count++) {
    const parser = turn.createParser();
    const first = parser.push(before + rest);
    const start = first.at(-1);
    if (start?.type !== "grammar_start") throw new Error(`no grammar: ${JSON.stringify(first)}`);
    expect(start.rest).toBe(rest);
    const grammar = new Gbnf(start.grammar);
    expect(grammar.allows(rest)).toBe(true);
    const written = grammar.sample(random);
    const parts = [...first.slice(0, -1), ...parser.push(written)];
    expect(parts.some(({ type }) => type === "grammar_end" || type === "answer_end")).toBe(true);
    const calls = parts.filter(({ type }) => type === "tool_call_start" || type === "tool_call_end");
    expect(calls.length).toBeGreaterThan(1);
    expect(parts.filter(({ type }) => type === "grammar_start")).toEqual([]);
    // Behind the call the answer goes on as it likes.
    expect(JSON.stringify([...parser.push("\nSo"), ...parser.end({ cut: false })])).not.toContain("grammar");
  }
});

test("a call ends with its arguments' last character, not with its closing tag", () => {
  const parser = formatOf(templates.HERMES_TEMPLATE).openTurn(request()).createParser({ grammars: false });
  parser.push('<tool_call>{"name": "get_weather", "arguments": {"city": "Oslo"');
  expect(parser.place).toBe("call");
  expect(parser.push("}")).toEqual([{ type: "tool_call_arguments", text: "}" }, { type: "tool_call_end" }]);
  expect(parser.push("}\n</tool_call>")).toEqual([]);
});

test("arguments leave as they are written", () => {
  const parser = formatOf(templates.HERMES_TEMPLATE).openTurn(request()).createParser({ grammars: false });
  expect(parser.push('<tool_call>{"name": "get_weather"')).toEqual([
    { type: "tool_call_start", name: "get_weather" },
  ]);
  parser.push(', "arguments": ');
  for (const piece of ['{"ci', 'ty": "O', "sl"]) {
    expect(parser.push(piece)).toEqual([{ type: "tool_call_arguments", text: piece }]);
  }
});

test("a call that is cut stays open, and what was no call yet is left out", () => {
  const turn = formatOf(templates.HERMES_TEMPLATE).openTurn(request());
  const open = readPieces(turn, ['<tool_call>{"name": "get_weather", "arguments": {"city": "Os'], {
    cut: true,
  });
  expect(open.map(({ type }) => type)).toEqual(["tool_call_start", "tool_call_arguments"]);
  expect(readPieces(turn, ['Yes.\n<tool_call>\n{"na'], { cut: true })).toEqual([
    { type: "text", text: "Yes." },
  ]);
});

test("a grammar for calls can be built for any schema; strict tools need one that is exact", () => {
  const format = formatOf(templates.HERMES_TEMPLATE);
  const schema = { type: "object", properties: { a: { type: "integer", multipleOf: 7 } } };
  const open = (strict: boolean): CountTokensRequest =>
    request({
      tools: [CLOCK, { name: "seven", input_schema: schema, strict }],
      tool_choice: { type: "any" },
    });
  expect(
    new Gbnf(format.openTurn(open(false)).grammar ?? "").allows('\n{"name": "seven", "arguments": {"a": 5'),
  ).toBe(true);
  expect(() => format.openTurn(open(true))).toThrowError(
    expect.objectContaining({
      status: 400,
      type: "invalid_request_error",
      message:
        "tools.1.custom.input_schema: strict tools cannot use `multipleOf` in this way with an embedded model",
    }),
  );
});

test("without tools, or with `none`, calls are text and nothing has a grammar", () => {
  const format = formatOf(templates.HERMES_TEMPLATE);
  for (const more of [{ tools: [] }, { tool_choice: { type: "none" } as const }]) {
    const turn = format.openTurn(request(more));
    expect(turn.grammar).toBeNull();
    const written = '<tool_call>{"name": "clock", "arguments": {}}</tool_call>';
    expect(readPieces(turn, [written], { grammars: true })).toEqual([{ type: "text", text: written }]);
  }
});
