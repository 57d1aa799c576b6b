import { expect, it } from "vitest";
import { SseFraming } from "./sse-framing.ts";

it.each([
  ["", true],
  ["data: x", false],
  ["data: x\n", false],
  ["data: x\r\n", false],
  ["data: x\n\n", true],
  ["data: x\r\n\r\n", true],
  ["data: x\r\r", true],
  ["data: x\n\r\n", true],
  ["data: x\r\n\n", true],
  ["data: x\n\nd", false],
  ["data: x\n\n: comment\n\n", true],
])("after %j something can be put between two events: %s", (text, expected) => {
  const bytes = new TextEncoder().encode(text);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const framing = new SseFraming();
    for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      if (piece.length > 0) framing.pass(piece);
    }
    expect(framing.betweenEvents).toBe(expected);
  }
});
