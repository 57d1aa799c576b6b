import type { Conversation, JudgeTool } from "./judge.ts";
import type { ModelAnswer } from "./model-answer.ts";

/** A conversation, and the model that plays the other part in it. */
export interface Scenario {
  readonly conversation: Conversation;
  readonly answers: readonly ModelAnswer[];
}

export const GET_WEATHER: JudgeTool = {
  name: "get_weather",
  description: "Says what the weather is like.",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  result: "18 degrees",
};

export const GET_TIME: JudgeTool = {
  name: "get_time",
  description: "Says what time it is.",
  input_schema: { type: "object", properties: {} },
  result: "12:30",
};

export const WRITE_FILE: JudgeTool = {
  name: "write_file",
  description: "Writes a file.",
  input_schema: {
    type: "object",
    properties: { path: { type: "string" }, body: { type: "string" } },
    required: ["path", "body"],
  },
  result: "written",
};

/** Each of these characters is more than one byte in UTF-8, and some are two units in UTF-16. */
export const MANY_SCRIPTS: string = "naïve 東京 🌍👩‍👩‍👧 Ω ".repeat(20);

export const QUESTION: Conversation = {
  prompt: "How is the weather in Paris?",
  tools: [GET_WEATHER, GET_TIME],
};

export const TWO_STEPS: Scenario = {
  conversation: QUESTION,
  answers: [
    {
      text: "Let me look.",
      toolCalls: [{ id: "toolu_paris", name: "get_weather", input: { city: "Paris" } }],
      usage: { input_tokens: 472, output_tokens: 89 },
    },
    { text: "It is 18 degrees in Paris." },
  ],
};

export const PARALLEL: Scenario = {
  conversation: QUESTION,
  answers: [
    {
      toolCalls: [
        { id: "toolu_paris", name: "get_weather", input: { city: "Paris" } },
        { id: "toolu_clock", name: "get_time", input: {} },
      ],
    },
    { text: "18 degrees at 12:30." },
  ],
};

export const THINKING: Scenario = {
  conversation: { ...QUESTION, thinking: true },
  answers: [
    {
      thinking: "The user wants the weather, so I look it up.",
      toolCalls: [{ id: "toolu_paris", name: "get_weather", input: { city: "Paris" } }],
    },
    { thinking: "18 degrees it is.", text: "It is 18 degrees in Paris." },
  ],
};

export const CUT_TEXT: Scenario = {
  conversation: { ...QUESTION, maxTokens: 5 },
  answers: [{ text: "It is 18 degr", stopReason: "max_tokens" }],
};

export const CUT_CALL: Scenario = {
  conversation: { prompt: "Write a poem.", tools: [WRITE_FILE], maxTokens: 20 },
  answers: [
    {
      toolCalls: [
        {
          id: "toolu_poem",
          name: "write_file",
          input: {},
          written: '{"path": "poem.txt", "body": "Beneath the vast and star-strewn',
        },
      ],
      stopReason: "max_tokens",
    },
  ],
};

export const STOP_SEQUENCE: Scenario = {
  conversation: { prompt: "Count.", stopSequences: ["four", "nine"] },
  answers: [{ text: "one two three ", stopReason: "stop_sequence", stopSequence: "four" }],
};

export const SCRIPTS: Scenario = {
  conversation: { prompt: "Write it down.", tools: [WRITE_FILE] },
  answers: [
    {
      text: MANY_SCRIPTS,
      toolCalls: [{ id: "toolu_write", name: "write_file", input: { path: "東京.txt", body: MANY_SCRIPTS } }],
    },
    { text: "Done 🌍" },
  ],
};

/** An endpoint that cuts between the halves of a character, and a model that writes characters as two escapes, or half of one. */
export const SPLIT_CHARACTERS: Scenario = {
  conversation: { prompt: "Write it down.", tools: [{ ...WRITE_FILE, eager_input_streaming: true }] },
  answers: [
    {
      thinking: "🌍".repeat(300),
      text: "a🌍🌍🌍".repeat(300),
      toolCalls: [
        {
          id: "toolu_split",
          name: "write_file",
          input: {},
          written: `{"path": "${"🌍".repeat(7)}", "body": "${"\\ud83c\\udf0d".repeat(500)}\\ud83c!"}`,
        },
      ],
      splitsCharacters: true,
    },
    { text: "Done." },
  ],
};

/** 32 KB, with what needs an escape in JSON. */
export const LONG_BODY: string = 'line with "quotes" and a \\ in it\n'.repeat(1024);

export const LONG_CALL: Scenario = {
  conversation: { prompt: "Write it down.", tools: [WRITE_FILE], maxTokens: 20_000 },
  answers: [
    {
      toolCalls: [{ id: "toolu_long", name: "write_file", input: { path: "a.txt", body: LONG_BODY } }],
    },
    { text: "Done." },
  ],
};
