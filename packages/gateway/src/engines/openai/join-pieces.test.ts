import { openAiChunk, openAiUsageChunk } from "@ml-intern/testkit";
import { expect, it } from "vitest";
import type { ChatChunk } from "./chat-chunk.ts";
import { joinPieces } from "./join-pieces.ts";

const text = (content: string): ChatChunk => openAiChunk({ content });
const call = (index: number, args: string, more: object = {}): ChatChunk =>
  openAiChunk({ tool_calls: [{ index, function: { arguments: args }, ...more }] });

function brief(chunks: readonly ChatChunk[]): unknown[] {
  return chunks.map(({ choices, usage }) => {
    const delta = choices?.[0]?.delta;
    if (usage || choices?.[0]?.finish_reason) return "other";
    const [piece] = delta?.tool_calls ?? [];
    if (piece?.id) return "other";
    return piece ? [piece.index, piece.function?.arguments] : (delta?.content ?? "other");
  });
}

it("joins text that follows text, and arguments that follow arguments of the same call", () => {
  const batch = [
    text("a"),
    text(""),
    text("b"),
    call(0, "{"),
    call(0, '"x'),
    call(1, "{"),
    call(0, '"'),
    text("c"),
  ];
  expect(brief(joinPieces(batch))).toEqual(["ab", [0, '{"x'], [1, "{"], [0, '"'], "c"]);
});

it("leaves everything else as it is, where it is", () => {
  const others = [
    openAiChunk({ content: "z" }, "stop"),
    openAiUsageChunk({ prompt_tokens: 1 }),
    openAiChunk({ content: "x", refusal: "no" }),
    openAiChunk({ content: "x", reasoning_content: "hm" }),
    openAiChunk({ content: "x", reasoning: "hm" }),
    openAiChunk({ content: "x", reasoning_details: [{ text: "hm" }] }),
    openAiChunk({ content: "x", function_call: { name: "f" } }),
    openAiChunk({ content: [{ type: "text", text: "a" }] }),
    openAiChunk({ content: "x", tool_calls: [{ index: 0, function: { arguments: "{" } }] }),
    openAiChunk({ tool_calls: [{ function: { arguments: "{" } }] }),
    openAiChunk({ tool_calls: [{ index: 0, function: { name: "f", arguments: "{" } }] }),
    call(0, "", { id: "call_1" }),
    { choices: null },
    { choices: [{ message: { content: "x" } }] },
  ] as const satisfies readonly ChatChunk[];
  for (const other of others) {
    const chunks = joinPieces([text("a"), text("b"), other, other, text("c"), text("d")]);
    expect(chunks).toHaveLength(4);
    expect(brief([chunks[0]!, chunks[3]!])).toEqual(["ab", "cd"]);
    expect(chunks[1]).toBe(other);
    expect(chunks[2]).toBe(other);
  }
});

it("makes no piece much longer than a delta may be", () => {
  const pieces = joinPieces(Array.from({ length: 1000 }, () => text("0123456789")));
  const lengths = pieces.map((chunk) => String(chunk.choices?.[0]?.delta?.content).length);
  expect(Math.max(...lengths)).toBeLessThan(1100);
  expect(lengths.reduce((sum, length) => sum + length)).toBe(10_000);
});
