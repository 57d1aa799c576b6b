import { expect, test } from "vitest";
import { randomNumbers } from "../grammar/testing/random-numbers.ts";
import { formatOf, readPieces, request } from "./testing/parse-answer.ts";
import * as templates from "./testing/templates.ts";

const SCRAPS = [
  ...[
    "<think>",
    "</think>",
    "<tool_call>",
    "</tool_call>",
    "\n",
    " ",
    "text",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "'",
  ],
  ...[
    '"name"',
    '"arguments"',
    '"parameters"',
    '"clock"',
    "clock",
    "get_weather",
    '"get_weather"',
    "{}",
    "null",
    "1.5",
  ],
  ...[
    '{"name": "clock", "arguments": {}}',
    '{"name": "get_weather", "arguments": {"city": "x',
    "(",
    ")",
    "=",
    "\\",
    "é",
  ],
  ...[
    "[TOOL_CALLS]",
    "[ARGS]",
    "[CALL_ID]",
    "<|tool_call_start|>",
    "<|tool_call_end|>",
    "<|python_tag|>",
    "; ",
    "```json\n",
  ],
  ...[
    "<function=clock>",
    "<function=get_weather>",
    "<parameter=city>",
    "</parameter>",
    "</function>",
    "```",
    "<|im_",
  ],
  ...["<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>", "function"],
  ...[
    "<|channel|>",
    "analysis",
    "final",
    "commentary to=functions.clock",
    "<|message|>",
    "<|end|>",
    "<|start|>assistant",
  ],
  ...[
    "<|tool_call>",
    "<tool_call|>",
    "call:",
    '<|"|>',
    "city:",
    "<|channel>thought",
    "<channel|>",
    "<|tool_call|>",
  ],
];

test.each(Object.entries(templates))("%s: any text is read alike, however it is cut", (_, template) => {
  const random = randomNumbers(17);
  const turn = formatOf(template).openTurn(request({ thinking: { type: "adaptive" } }));
  for (let count = 0; count < 60; count++) {
    const scraps = Array.from(
      { length: 1 + Math.floor(random() * 14) },
      () => SCRAPS[Math.floor(random() * SCRAPS.length)],
    );
    const answer = scraps.join("");
    for (const cut of [false, true]) {
      const whole = JSON.stringify(readPieces(turn, [answer], { cut }));
      expect(JSON.stringify(readPieces(turn, answer.split(""), { cut })), answer).toBe(whole);
      expect(JSON.stringify(readPieces(turn, scraps as string[], { cut })), answer).toBe(whole);
    }
  }
});

test.each(Object.entries(templates))(
  "%s: parts come in an order that blocks can be made of",
  (_, template) => {
    const random = randomNumbers(23);
    const turn = formatOf(template).openTurn(request());
    for (let count = 0; count < 60; count++) {
      const scraps = Array.from(
        { length: 1 + Math.floor(random() * 14) },
        () => SCRAPS[Math.floor(random() * SCRAPS.length)],
      );
      const parts = readPieces(turn, scraps as string[], { cut: false });
      let isOpen = false;
      for (const part of parts) {
        if (part.type === "tool_call_start" || part.type === "text" || part.type === "thinking")
          expect(isOpen).toBe(false);
        if (part.type === "tool_call_arguments" || part.type === "tool_call_end") expect(isOpen).toBe(true);
        if (part.type === "tool_call_start") isOpen = true;
        if (part.type === "tool_call_end") isOpen = false;
        if ("text" in part) expect(part.text).not.toBe("");
      }
      expect(isOpen, scraps.join("")).toBe(false);
    }
  },
);
