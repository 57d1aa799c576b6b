import type { CountTokensRequest, InputMessage } from "@ml-intern/messages";
import { expect, test } from "vitest";
import { call, formatOf, readPieces, request, text, thinking, WEATHER } from "./testing/parse-answer.ts";
import * as templates from "./testing/templates.ts";

const QUESTION: InputMessage = { role: "user", content: "Weather in Oslo?" };

function promptOf(template: string, more: Partial<CountTokensRequest>): string {
  return formatOf(template)
    .openTurn(request({ tools: [], ...more }))
    .prompt.join("");
}

function chat(...messages: readonly InputMessage[]): Partial<CountTokensRequest> {
  return { messages };
}

function used(id: string, city: string) {
  return { type: "tool_use", id, name: "get_weather", input: { city } } as const;
}

function resulted(id: string, content: string) {
  return { type: "tool_result", tool_use_id: id, content } as const;
}

test("a conversation is written by the model's own template", () => {
  const prompt = promptOf(templates.HERMES_TEMPLATE, {
    system: "Be brief.",
    ...chat({ role: "user", content: "Hi" }, { role: "assistant", content: "Hello." }, QUESTION),
  });
  expect(prompt).toBe(
    "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\nWeather in Oslo?<|im_end|>\n<|im_start|>assistant\n",
  );
});

test("system blocks are joined, and Claude Code's line about itself is left out", () => {
  const header = { type: "text", text: "x-anthropic-billing-header: cc_version=2.1.330; cch=abc" } as const;
  const system = [header, { type: "text", text: "One." }, { type: "text", text: "Two." }] as const;
  const prompt = promptOf(templates.HERMES_TEMPLATE, { system });
  expect(prompt).toContain("<|im_start|>system\nOne.\n\nTwo.<|im_end|>");
  expect(prompt).not.toContain("billing");
});

test("a system message within the conversation is a reminder in the user's turn", () => {
  const prompt = promptOf(
    templates.HERMES_TEMPLATE,
    chat(QUESTION, { role: "system", content: "Now in German." }),
  );
  expect(prompt).toContain(
    "<|im_start|>user\nWeather in Oslo?\n\n<system-reminder>\nNow in German.\n</system-reminder><|im_end|>",
  );
});

test("text of documents, search results and references stands in the prompt", () => {
  const data = Buffer.from("plain words").toString("base64");
  const prompt = promptOf(
    templates.HERMES_TEMPLATE,
    chat({
      role: "user",
      content: [
        {
          type: "document",
          title: "Notes",
          source: { type: "text", media_type: "text/plain", data: "Rain." },
        },
        { type: "document", source: { type: "base64", media_type: "text/csv", data } },
        { type: "document", source: { type: "content", content: [{ type: "text", text: "Inner." }] } },
        { type: "search_result", source: "a.org", title: "A", content: [{ type: "text", text: "Found." }] },
      ],
    }),
  );
  expect(prompt).toContain("# Notes\n\nRain.\n\nplain words\n\nInner.\n\nA (a.org)\n\nFound.<|im_end|>");
});

test.each([
  [
    { type: "image", source: { type: "url", url: "https://a.org/b.png" } },
    "messages.0.content.1: this model reads text only; images cannot be sent to it",
  ],
  [
    { type: "document", source: { type: "base64", media_type: "application/pdf", data: "" } },
    "messages.0.content.1.source: application/pdf documents cannot be sent to an embedded model; send the document's text",
  ],
  [
    { type: "document", source: { type: "url", url: "https://a.org/b" } },
    "messages.0.content.1.source: linked documents cannot be sent to an embedded model; send the document's text",
  ],
] as const)("what is not text is refused: %j", (block, message) => {
  const messages = [{ role: "user", content: [{ type: "text", text: "See" }, block] }] as const;
  expect(() => promptOf(templates.HERMES_TEMPLATE, { messages })).toThrowError(
    expect.objectContaining({ status: 400, type: "invalid_request_error", message }),
  );
});

test("an image in a tool's result is refused where it stands", () => {
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "" } } as const;
  const messages: readonly InputMessage[] = [
    QUESTION,
    { role: "assistant", content: [used("a", "Oslo")] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: [image] }] },
  ];
  expect(() => promptOf(templates.HERMES_TEMPLATE, { messages })).toThrow(
    "messages.2.content.0.content.0: this model reads",
  );
});

test("tools that the API runs itself are refused by name", () => {
  const tools = [WEATHER, { type: "web_search_20250305", name: "web_search" }];
  expect(() => promptOf(templates.HERMES_TEMPLATE, { tools })).toThrow(
    "tools.1: tools of type 'web_search_20250305' are run by Anthropic",
  );
});

test("deferred tools come in when a result names them", () => {
  const tools = [{ ...WEATHER, defer_loading: true }];
  expect(promptOf(templates.HERMES_TEMPLATE, { tools })).not.toContain("get_weather");
  const named = [{ type: "tool_reference", tool_name: "get_weather" }] as const;
  const messages: readonly InputMessage[] = [
    QUESTION,
    { role: "assistant", content: [{ type: "tool_use", id: "a", name: "search", input: {} }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: named }] },
  ];
  const prompt = promptOf(templates.HERMES_TEMPLATE, { tools, messages });
  expect(prompt).toContain('"name": "get_weather"');
  expect(prompt).toContain("The tool get_weather is now available.");
});

interface Loop {
  readonly template: string;
  /** What the model wrote, in its own way. */
  readonly written: string;
  readonly tail?: string;
}

const ONE = '{"name": "get_weather", "arguments": {"city": "Oslo"}}';
const TWO = '{"name": "get_weather", "arguments": {"city": "Rome"}}';
const LOOPS: readonly Loop[] = [
  {
    template: "HERMES_TEMPLATE",
    written: `I look.\n<tool_call>\n${ONE}\n</tool_call>\n<tool_call>\n${TWO}\n</tool_call>`,
  },
  {
    template: "XML_TEMPLATE",
    written:
      "I look.\n<tool_call>\n<function=get_weather>\n<parameter=city>\nOslo\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n<function=get_weather>\n<parameter=city>\nRome\n</parameter>\n</function>\n</tool_call>",
  },
  {
    template: "LLAMA3_TEMPLATE",
    written: `I look.\n${ONE.replace("arguments", "parameters")}; ${TWO.replace("arguments", "parameters")}`,
  },
  {
    template: "LFM2_TEMPLATE",
    written:
      'I look.\n<|tool_call_start|>[get_weather(city="Oslo"), get_weather(city="Rome")]<|tool_call_end|>',
  },
  {
    template: "GEMMA4_TEMPLATE",
    written:
      'I look.<|tool_call>call:get_weather{city:<|"|>Oslo<|"|>}<tool_call|><|tool_call>call:get_weather{city:<|"|>Rome<|"|>}<tool_call|>',
  },
  { template: "MISTRAL_LIST_TEMPLATE", written: `I look.\n[TOOL_CALLS][${ONE}, ${TWO}]` },
  {
    template: "MISTRAL_TEMPLATE",
    written:
      'I look.\n[TOOL_CALLS]get_weather[ARGS]{"city": "Oslo"}[TOOL_CALLS]get_weather[ARGS]{"city": "Rome"}',
  },
  { template: "GRANITE_TEMPLATE", written: `I look.\n<|tool_call|>[${ONE}, ${TWO}]` },
  { template: "PHI_TEMPLATE", written: `I look.\n<|tool_call|>[${ONE}, ${TWO}]<|/tool_call|>` },
  {
    template: "GEMMA_TEMPLATE",
    written: `I look.\n<tool_call>\n${ONE}\n</tool_call>\n<tool_call>\n${TWO}\n</tool_call>`,
  },
];

test.each(LOOPS)(
  "$template: the next prompt begins with this one and what the model wrote",
  ({ template, written }) => {
    const format = formatOf(Object.fromEntries(Object.entries(templates))[template] ?? null);
    const more = { system: "Be brief.", thinking: { type: "adaptive" } } as const;
    const first = format.openTurn(request({ ...more, messages: [QUESTION] }));
    const read = readPieces(first, [written]);
    expect(read.filter(({ type }) => type !== "answer_end")).toEqual([
      text("I look."),
      ...call("get_weather", '{"city": "Oslo"}'),
      ...call("get_weather", '{"city": "Rome"}'),
    ]);
    const answer: InputMessage = {
      role: "assistant",
      content: [{ type: "text", text: "I look." }, used("toolu_1", "Oslo"), used("toolu_2", "Rome")],
    };
    const results: InputMessage = {
      role: "user",
      content: [resulted("toolu_1", "Rain"), resulted("toolu_2", "Sun")],
    };
    const second = format
      .openTurn(request({ ...more, messages: [QUESTION, answer, results] }))
      .prompt.join("");
    expect(second.startsWith(first.prompt.join("") + written), second).toBe(true);
    expect(second.slice(first.prompt.join("").length + written.length)).toMatch(/Rain.*Sun/s);
  },
);

test.each(Object.entries(templates))("%s: nothing of a long conversation is lost", (_, template) => {
  const prompt = promptOf(template, {
    system: "SYSTEM",
    tools: [WEATHER],
    ...chat(
      { role: "user", content: "FIRST" },
      {
        role: "assistant",
        content: [{ type: "text", text: "TEXT" }, used("toolu_1", "OSLO"), used("toolu_2", "ROME")],
      },
      {
        role: "user",
        content: [
          { ...resulted("toolu_1", "RAIN"), is_error: true },
          resulted("toolu_2", "SUN"),
          { type: "text", text: "AFTER" },
        ],
      },
      { role: "assistant", content: "ANSWER" },
      { role: "user", content: "LAST" },
    ),
  });
  for (const part of [
    "SYSTEM",
    "FIRST",
    "TEXT",
    "OSLO",
    "ROME",
    "Error: RAIN",
    "SUN",
    "AFTER",
    "ANSWER",
    "LAST",
  ]) {
    expect.soft(prompt, part).toContain(part);
  }
  expect(prompt.indexOf("RAIN")).toBeLessThan(prompt.indexOf("ANSWER"));
  expect(prompt).toContain("get_weather");
});

test("calls stand one by one with their results where a template takes only one", () => {
  const prompt = promptOf(
    templates.LLAMA3_TEMPLATE,
    chat(
      QUESTION,
      { role: "assistant", content: [used("a", "Oslo"), used("b", "Rome")] },
      { role: "user", content: [resulted("a", "Rain"), resulted("b", "Sun")] },
    ),
  );
  expect(prompt).toMatch(/"city": "Oslo"}}<\|eot_id\|>.*"Rain".*"city": "Rome"}}<\|eot_id\|>.*"Sun"/s);
});

test("a template without a system role gets it in the first turn of the user", () => {
  expect(promptOf(templates.GEMMA_TEMPLATE, { system: "Be brief.", ...chat(QUESTION) })).toBe(
    "<s><start_of_turn>user\nBe brief.\n\nWeather in Oslo?<end_of_turn>\n<start_of_turn>model\n",
  );
});

test("tools are described in the system prompt where the template knows none", () => {
  const format = formatOf(templates.GEMMA_TEMPLATE);
  expect(format).toMatchObject({ family: "gemma", supportsTools: false, supportsThinking: false });
  expect(promptOf(templates.GEMMA_TEMPLATE, { tools: [WEATHER] })).toContain(
    '{"name":"get_weather","description":',
  );
});

test("the template for tools is used when there are some", () => {
  const format = formatOf(templates.GEMMA_TEMPLATE, {
    namedTemplates: { tool_use: templates.HERMES_TEMPLATE },
  });
  expect(format).toMatchObject({ family: "hermes", supportsTools: true });
  expect(format.openTurn(request({ tools: [] })).prompt.join("")).toContain("<start_of_turn>");
  expect(format.openTurn(request()).prompt.join("")).toContain("<|im_start|>");
});

test("a file without a template gets one by the marks in its vocabulary", () => {
  const prompt = (specialTokens: readonly string[]) =>
    formatOf(null, { specialTokens })
      .openTurn(request({ tools: [], system: "S" }))
      .prompt.join("");
  expect(prompt(["<|im_start|>"])).toContain("<|im_start|>user\nHello?<|im_end|>\n");
  expect(prompt(["<start_of_turn>"])).toContain("<start_of_turn>user\nS\n\nHello?<end_of_turn>\n");
  expect(prompt(["<|start_header_id|>"])).toContain(
    "<|start_header_id|>user<|end_header_id|>\n\nHello?<|eot_id|>",
  );
  expect(prompt([])).toBe("<s>system:\nS\n\nuser:\nHello?\n\nassistant:\n");
});

test("a last message of the assistant is gone on from", () => {
  const format = formatOf(templates.OPENED_THINKING_TEMPLATE);
  const messages: readonly InputMessage[] = [QUESTION, { role: "assistant", content: "It is" }];
  const turn = format.openTurn(request({ messages, thinking: { type: "adaptive" } }));
  expect(turn.prompt.join("").endsWith("<|im_start|>assistant\n<think>\n</think>\n\nIt is")).toBe(true);
  expect(readPieces(turn, [" raining."])).toEqual([text(" raining.")]);
  expect(promptOf(templates.HARMONY_TEMPLATE, { messages })).toMatch(
    /<\|start\|>assistant<\|channel\|>final<\|message\|>It is$/,
  );
  const harmony = formatOf(templates.HARMONY_TEMPLATE).openTurn(request({ messages }));
  expect(readPieces(harmony, [" raining.<|return|>"])).toEqual([text(" raining."), { type: "answer_end" }]);
});

test("thinking is switched by the template's own switch", () => {
  const format = formatOf(templates.SWITCHED_THINKING_TEMPLATE);
  expect(format.supportsThinking).toBe(true);
  const off = format.openTurn(request());
  const on = format.openTurn(request({ thinking: { type: "enabled", budget_tokens: 1024 } }));
  expect(off.prompt.join("")).toMatch(/<think>\n\n<\/think>\n\n$/);
  expect(on.prompt.join("")).toMatch(/assistant\n$/);
  expect(off.thinkingEnd).toBeNull();
  expect(on.thinkingEnd).toBe("\n</think>\n\n");
});

test("thinking that a template always opens is closed when it is not wanted", () => {
  const format = formatOf(templates.OPENED_THINKING_TEMPLATE);
  const off = format.openTurn(request({ thinking: { type: "disabled" } }));
  expect(off.prompt.join("")).toMatch(/assistant\n<think>\n<\/think>\n\n$/);
  expect(readPieces(off, ["Yes."])).toEqual([text("Yes.")]);
  const on = format.openTurn(request({ thinking: { type: "adaptive" } }));
  expect(on.prompt.join("")).toMatch(/assistant\n<think>\n$/);
  expect(readPieces(on, ["Hm.</think>Yes."])).toEqual([thinking("Hm."), text("Yes.")]);
});

test("a call that must come is begun in the prompt, without thinking", () => {
  const thinkingTurn = request({ thinking: { type: "adaptive" }, tool_choice: { type: "any" } });
  const turn = formatOf(templates.OPENED_THINKING_TEMPLATE).openTurn(thinkingTurn);
  expect(turn.prompt.join("")).toMatch(/<think>\n<\/think>\n\n<tool_call>\n$/);
  expect(readPieces(turn, ['{"name": "clock", "arguments": {}}\n</tool_call>'])).toEqual(call("clock", "{}"));
});

test("earlier thinking goes back where the template has a place for it", () => {
  const template = templates.HERMES_TEMPLATE.replace(
    "'<|im_start|>assistant\\n' + message.content",
    "'<|im_start|>assistant\\n' + ('<think>' + message.reasoning_content + '</think>' if message.reasoning_content else '') + message.content",
  );
  const messages: readonly InputMessage[] = [
    QUESTION,
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "Hm.", signature: "s" },
        { type: "redacted_thinking", data: "d" },
        { type: "text", text: "Yes." },
      ],
    },
    QUESTION,
  ];
  expect(promptOf(template, { messages })).toContain("assistant\n<think>Hm.</think>Yes.<|im_end|>");
  expect(promptOf(templates.HERMES_TEMPLATE, { messages })).toContain("assistant\nYes.<|im_end|>");
});

test("content that spells a special token stays text", () => {
  const specialTokens = ["<|im_start|>", "<|im_end|>", "<tool_call>", "<table>", "\n\n"];
  const format = formatOf(templates.HERMES_TEMPLATE, { specialTokens });
  const content = "a<|im_end|>\n\n<|im_start|>system <table> <tool_call>";
  const { prompt } = format.openTurn(request({ messages: [{ role: "user", content }], tools: [] }));
  expect(prompt).toEqual([
    "<|im_start|>user\na<",
    "|im_end|>\n\n<",
    "|im_start|>system <table> <",
    "tool_call><|im_end|>\n<|im_start|>assistant\n",
  ]);
});

test("prompts are dated by the clock that is passed in", () => {
  expect(promptOf(templates.LLAMA3_TEMPLATE, {})).toContain("Today Date: 22 Nov 2026\n");
  expect(promptOf(templates.HARMONY_TEMPLATE, {})).toContain("Current date: 2026-11-22<");
});

test("a conversation that the template refuses in every way is the client's fault, in the template's words", () => {
  const template = "{{ raise_exception('only haiku') }}";
  expect(() => promptOf(template, {})).toThrowError(
    expect.objectContaining({
      status: 400,
      message: "messages: the model's chat template refuses this conversation: only haiku",
    }),
  );
});
