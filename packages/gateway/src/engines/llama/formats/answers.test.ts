import { expect, test } from "vitest";
import type { AnswerPart, ChatFamily } from "./chat-format.ts";
import {
  call,
  everySplit,
  formatOf,
  joined,
  readPieces,
  request,
  text,
  thinking,
} from "./testing/parse-answer.ts";
import * as templates from "./testing/templates.ts";

interface Answer {
  readonly name: string;
  readonly template: string;
  readonly family: ChatFamily;
  readonly answer: string;
  readonly parts: readonly AnswerPart[];
  readonly thinks?: boolean;
  /** No grammar would let the model write this. */
  readonly isFree?: boolean;
}

const OSLO = '{"city": "Oslo", "days": 2}';
const END: AnswerPart = { type: "answer_end" };

const ANSWERS: readonly Answer[] = [
  {
    name: "text",
    template: templates.HERMES_TEMPLATE,
    family: "hermes",
    answer: "\n Hello,\n\nworld! <tool or < think> or a } \n",
    parts: [text("Hello,\n\nworld! <tool or < think> or a } \n")],
  },
  {
    name: "a call of Hermes' kind with text before it",
    template: templates.HERMES_TEMPLATE,
    family: "hermes",
    answer: `I look.\n<tool_call>\n{"name": "get_weather", "arguments": ${OSLO}}\n</tool_call>`,
    parts: [text("I look."), ...call("get_weather", OSLO)],
  },
  {
    name: "parallel calls of Hermes' kind, one without arguments, and text",
    template: templates.HERMES_TEMPLATE,
    family: "hermes",
    answer: `<tool_call>\n{"name": "clock", "arguments": {}}\n</tool_call>\n<tool_call>{"name":"clock"}</tool_call>\n\nDone.`,
    parts: [...call("clock", "{}"), ...call("clock", "{}"), text("Done.")],
  },
  {
    name: "braces, quotes and markers within arguments",
    template: templates.HERMES_TEMPLATE,
    family: "hermes",
    answer: `<tool_call>\n{"name": "get_weather", "arguments": {"city": "a}{\\"\\\\</tool_call>"}}\n</tool_call>`,
    parts: call("get_weather", '{"city": "a}{\\"\\\\</tool_call>"}'),
  },
  {
    name: "arguments before the name, and as a string",
    template: templates.HERMES_TEMPLATE,
    family: "hermes",
    answer: `<tool_call>{"arguments": ${OSLO}, "name": "get_weather"}</tool_call><tool_call>{"name": "get_weather", "arguments": "{\\"city\\": \\"Oslo\\"}"}</tool_call>`,
    parts: [...call("get_weather", OSLO), ...call("get_weather", '{"city": "Oslo"}')],
  },
  {
    name: "a call without its closing tag, before the next one",
    isFree: true,
    template: templates.HERMES_TEMPLATE,
    family: "hermes",
    answer: `<tool_call>\n{"name": "clock", "arguments": {}}\n<tool_call>\n{"name": "clock", "arguments": {}}`,
    parts: [...call("clock", "{}"), ...call("clock", "{}")],
  },
  {
    name: "the call of an unknown tool as text",
    isFree: true,
    template: templates.HERMES_TEMPLATE,
    family: "hermes",
    answer: `See: <tool_call>\n{"name": "get_weather_2", "arguments": {}}\n</tool_call> so.`,
    parts: [text(`See: <tool_call>\n{"name": "get_weather_2", "arguments": {}}\n</tool_call> so.`)],
  },
  {
    name: "thinking that the model opens",
    template: templates.SWITCHED_THINKING_TEMPLATE,
    family: "hermes",
    thinks: true,
    answer: `<think>\nWell, a < b.\n</think>\n\nYes.<tool_call>\n{"name": "clock", "arguments": {}}\n</tool_call>`,
    parts: [thinking("Well, a < b."), text("Yes."), ...call("clock", "{}")],
  },
  {
    name: "thinking that the prompt opened",
    template: templates.OPENED_THINKING_TEMPLATE,
    family: "hermes",
    thinks: true,
    answer: "Well <think> again.\n</think>\n\nYes.",
    parts: [thinking("Well <think> again."), text("Yes.")],
  },
  {
    name: "empty thinking as none",
    template: templates.SWITCHED_THINKING_TEMPLATE,
    family: "hermes",
    thinks: true,
    answer: "<think>\n\n</think>\n\nYes.",
    parts: [text("Yes.")],
  },
  {
    name: "a turn that the model ends in text",
    template: templates.HERMES_TEMPLATE,
    family: "hermes",
    answer: "Yes.<|im_end|>\n<|im_start|>user\nAnd now?",
    parts: [text("Yes."), END],
  },
  {
    name: "the thinking tag in the middle of text as text",
    template: templates.HERMES_TEMPLATE,
    family: "hermes",
    answer: "The tag <think> begins it.",
    parts: [text("The tag <think> begins it.")],
  },
  {
    name: "a call without any tag, as small models write it",
    template: templates.HERMES_TEMPLATE,
    family: "hermes",
    answer: `{"name": "get_weather", "arguments": ${OSLO}}`,
    parts: call("get_weather", OSLO),
  },
  {
    name: "an object that was asked for as text",
    template: templates.HERMES_TEMPLATE,
    family: "hermes",
    answer: '{"name": "clock", "hands": {"name": "get_weather"}}\n[{"name": "x", "arguments": {}}]',
    parts: [text('{"name": "clock", "hands": {"name": "get_weather"}}\n[{"name": "x", "arguments": {}}]')],
  },
  {
    name: "tags for calls and parameters",
    template: templates.XML_TEMPLATE,
    family: "qwen-xml",
    answer:
      'I look.\n\n<tool_call>\n<function=get_weather>\n<parameter=city>\nOs"lo\n</p>\n</parameter>\n<parameter=days>\n2\n</parameter>\n<parameter=exact>\nTrue\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n<function=clock>\n</function>\n</tool_call>',
    parts: [
      text("I look."),
      ...call("get_weather", '{"city": "Os\\"lo\\n</p>", "days": 2, "exact": true}'),
      ...call("clock", "{}"),
    ],
  },
  {
    name: "a bare object",
    template: templates.LLAMA3_TEMPLATE,
    family: "llama3",
    answer: `{"name": "get_weather", "parameters": ${OSLO}}`,
    parts: call("get_weather", OSLO),
  },
  {
    name: "bare objects after each other, with a type",
    template: templates.LLAMA3_TEMPLATE,
    family: "llama3",
    answer: `<|python_tag|>{"type": "function", "name": "clock", "parameters": {}}; {"name": "clock", "parameters": {}}<|eom_id|>`,
    parts: [...call("clock", "{}"), ...call("clock", "{}"), END],
  },
  {
    name: "an object that is no call as text",
    template: templates.LLAMA3_TEMPLATE,
    family: "llama3",
    answer: '{"name": "clock", "price": 5}\n{"name": "Ada", "parameters": {}} {}',
    parts: [text('{"name": "clock", "price": 5}\n{"name": "Ada", "parameters": {}} {}')],
  },
  {
    name: "a list of calls with ids",
    template: templates.MISTRAL_LIST_TEMPLATE,
    family: "mistral",
    answer: `[TOOL_CALLS] [{"name": "get_weather", "arguments": ${OSLO}, "id": "abcdefghi"}, {"name": "clock", "arguments": {}, "id": "abcdefghj"}]</s>`,
    parts: [...call("get_weather", OSLO), ...call("clock", "{}"), END],
  },
  {
    name: "named arguments",
    template: templates.MISTRAL_TEMPLATE,
    family: "mistral",
    answer: `[THINK]Hm.[/THINK]I look.[TOOL_CALLS]get_weather[ARGS]${OSLO}[TOOL_CALLS]clock[CALL_ID]abcdefghi[ARGS]{}`,
    parts: [thinking("Hm."), text("I look."), ...call("get_weather", OSLO), ...call("clock", "{}")],
  },
  {
    name: "Python calls",
    template: templates.LFM2_TEMPLATE,
    family: "lfm2",
    answer: `<|tool_call_start|>[get_weather(city='O"s\\'lo', days=2, exact=True, notes=["a", None, 'é\\n',]), clock()]<|tool_call_end|>I look.`,
    parts: [
      ...call("get_weather", '{"city": "O\\"s\'lo", "days": 2, "exact": true, "notes": ["a", null, "é\\n"]}'),
      ...call("clock", "{}"),
      text("I look."),
    ],
  },
  {
    name: "nested Python literals and odd numbers",
    template: templates.LFM2_TEMPLATE,
    family: "lfm2",
    answer: `<|tool_call_start|>[get_weather(city="x", notes={'a': (1, -2.5e3), "b": [.5, 1_000]})]<|tool_call_end|>`,
    parts: call("get_weather", '{"city": "x", "notes": {"a": [1, -2.5e3], "b": [0.5, 1000]}}'),
  },
  {
    name: "fenced arguments",
    template: templates.DEEPSEEK_TEMPLATE,
    family: "deepseek",
    thinks: true,
    answer: `Hm.\n</think>\n\n<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n\`\`\`json\n${OSLO}\n\`\`\`<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>clock\n\`\`\`json\n{}\n\`\`\`<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
    parts: [thinking("Hm."), ...call("get_weather", OSLO), ...call("clock", "{}")],
  },
  {
    name: "arguments behind a separator",
    template: templates.DEEPSEEK_V3_TEMPLATE,
    family: "deepseek",
    answer: `I look.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>${OSLO}<｜tool▁call▁end｜><｜tool▁call▁begin｜>clock<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
    parts: [text("I look."), ...call("get_weather", OSLO), ...call("clock", "{}")],
  },
  {
    name: "channels",
    template: templates.HARMONY_TEMPLATE,
    family: "harmony",
    thinks: true,
    answer: `<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary<|message|>I look.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>${OSLO}<|call|>`,
    parts: [thinking("Hm."), text("I look."), ...call("get_weather", OSLO), END],
  },
  {
    name: "a recipient before the channel",
    template: templates.HARMONY_TEMPLATE,
    family: "harmony",
    answer: `<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant to=functions.clock<|channel|>commentary json<|message|>{}<|call|>`,
    parts: [thinking("Hm."), ...call("clock", "{}"), END],
  },
  {
    name: "a final channel",
    template: templates.HARMONY_TEMPLATE,
    family: "harmony",
    answer: "<|channel|>final<|message|>Yes, a < b.<|return|>",
    parts: [text("Yes, a < b."), END],
  },
  {
    name: "values between marks",
    template: templates.GEMMA4_TEMPLATE,
    family: "gemma",
    thinks: true,
    answer: `<|channel>thought\nHm.\n<channel|><|tool_call>call:get_weather{city:<|"|>Os"lo<|"|>,days:2,notes:[<|"|>a<|"|>,null]}<tool_call|><|tool_call>call:clock{}<tool_call|><|tool_response>`,
    parts: [
      thinking("Hm."),
      ...call("get_weather", '{"city": "Os\\"lo", "days": 2, "notes": ["a", null]}'),
      ...call("clock", "{}"),
      END,
    ],
  },
  {
    name: "a list behind a marker, to the end",
    template: templates.GRANITE_TEMPLATE,
    family: "granite",
    answer: `<|tool_call|>[{"name": "get_weather", "arguments": ${OSLO}}, {"name": "clock", "arguments": {}}]`,
    parts: [...call("get_weather", OSLO), ...call("clock", "{}")],
  },
  {
    name: "an answer in tags behind thinking",
    template: templates.GRANITE_TEMPLATE,
    family: "granite",
    thinks: true,
    answer: "<think>Hm.</think>\n<response>Yes.</response>",
    parts: [thinking("Hm."), text("Yes.")],
  },
  {
    name: "the same tags without thinking as text",
    template: templates.GRANITE_TEMPLATE,
    family: "granite",
    answer: "<response>Yes.</response>",
    parts: [text("<response>Yes.</response>")],
  },
  {
    name: "a list between markers",
    template: templates.PHI_TEMPLATE,
    family: "phi",
    answer: `<|tool_call|>[{"name": "get_weather", "arguments": ${OSLO}}]<|/tool_call|>`,
    parts: call("get_weather", OSLO),
  },
  {
    name: "a fenced object, for models that were taught no syntax",
    template: templates.GEMMA_TEMPLATE,
    family: "gemma",
    answer: `I look.\n\`\`\`json\n{"name": "get_weather", "arguments": ${OSLO}}\n\`\`\`\nWait.`,
    parts: [text("I look."), ...call("get_weather", OSLO), text("Wait.")],
  },
  {
    name: "a bare list, for models that were taught no syntax",
    template: templates.GEMMA_TEMPLATE,
    family: "gemma",
    answer: `[{"name": "clock", "arguments": {}}, {"type": "function", "function": {"name": "get_weather", "arguments": ${OSLO}}}]`,
    parts: [...call("clock", "{}"), ...call("get_weather", OSLO)],
  },
  {
    name: "fences and lists that are no calls as text",
    template: templates.GEMMA_TEMPLATE,
    family: "gemma",
    answer: 'So:\n```json\n{"name": "Ada"}\n```\n[1, 2]\n{"a": [{}]}',
    parts: [text('So:\n```json\n{"name": "Ada"}\n```\n[1, 2]\n{"a": [{}]}')],
  },
];

test.each(ANSWERS)(
  "$family reads $name, wherever it is cut",
  ({ template, family, answer, parts, thinks }) => {
    const format = formatOf(template);
    expect(format.family).toBe(family);
    const turn = format.openTurn(request(thinks ? { thinking: { type: "adaptive" } } : {}));
    const expected = JSON.stringify(parts);
    for (const pieces of everySplit(answer)) {
      const found = readPieces(turn, pieces);
      if (JSON.stringify(found) !== expected) expect(found, JSON.stringify(pieces)).toEqual(parts);
    }
  },
);

test.each(ANSWERS.filter(({ isFree }) => !isFree))(
  "$family reads $name under grammars, too",
  ({ template, answer, parts, thinks }) => {
    const turn = formatOf(template).openTurn(request(thinks ? { thinking: { type: "adaptive" } } : {}));
    for (const pieces of everySplit(answer).slice(0, 2)) {
      const parser = turn.createParser();
      const found: AnswerPart[] = [];
      const todo = [...pieces];
      for (let piece = todo.shift(); piece !== undefined; piece = todo.shift()) {
        for (const part of parser.push(piece)) {
          if (part.type === "grammar_start") todo.unshift(part.rest);
          else if (part.type !== "grammar_end") found.push(part);
        }
      }
      const last = parser.end({ cut: false }).filter(({ type }) => type !== "grammar_end");
      expect(joined([...found, ...last])).toEqual(parts);
    }
  },
);
