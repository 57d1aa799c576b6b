import { openAiChunk, openAiUsageChunk } from "@ml-intern/testkit";
import { expect, it } from "vitest";
import { chatChunk } from "./chat-chunk.ts";
import { isPlainChunk } from "./is-plain-chunk.ts";

const argumentsPiece = (call: object): object => openAiChunk({ tool_calls: [call] });

const PLAIN: readonly object[] = [
  openAiChunk({ content: "a" }),
  openAiChunk({ role: "assistant", content: "" }),
  openAiChunk({ content: null, refusal: null }),
  openAiChunk({}),
  argumentsPiece({ index: 0, function: { arguments: "{" } }),
  argumentsPiece({ index: 1, id: null, type: "function", function: { name: null, arguments: "" } }),
];

const NOT_PLAIN: readonly unknown[] = [
  null,
  "text",
  [],
  {},
  { choices: [] },
  { choices: [null] },
  { choices: [{ delta: null }] },
  { choices: [{ delta: [] }] },
  { ...openAiChunk({ content: "a" }), error: { message: "no" } },
  openAiUsageChunk({ prompt_tokens: 1 }),
  openAiChunk({ content: "a" }, "stop"),
  openAiChunk({ content: 1 }),
  openAiChunk({ content: [{ type: "text", text: "a" }] }),
  openAiChunk({ reasoning_content: "hm" }),
  openAiChunk({ reasoning: 1 }),
  openAiChunk({ refusal: "no" }),
  openAiChunk({ function_call: { name: "f" } }),
  openAiChunk({ tool_calls: {} }),
  argumentsPiece({ function: { arguments: "{" } }),
  argumentsPiece({ index: 0, function: { name: "f", arguments: "{" } }),
  argumentsPiece({ index: 0, id: "call_1", function: { arguments: "{" } }),
  argumentsPiece({ index: 0, function: { arguments: {} } }),
  argumentsPiece({ index: "0", function: { arguments: "{" } }),
  argumentsPiece({ index: 0, function: null }),
];

it("what is a plain chunk is one for the schema, too, which changes nothing of what is read", () => {
  for (const chunk of PLAIN) {
    expect(isPlainChunk(chunk)).toBe(true);
    expect(chunk).toMatchObject(chatChunk.parse(chunk));
  }
});

it("leaves everything else to the schema", () => {
  for (const value of NOT_PLAIN) expect(isPlainChunk(value), JSON.stringify(value)).toBe(false);
});
