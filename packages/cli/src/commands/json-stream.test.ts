import type { SessionEvent } from "@ml-intern/intern";
import { expect, test } from "vitest";
import { jsonStream } from "./json-stream.ts";

const output = (text: string): SessionEvent => ({ type: "tool_output", id: "call", text });
const kept: SessionEvent = { seq: 1, time: "t", type: "notice", level: "info", text: "kept" };

test("a reader that does not read loses output of tools, and no other event; one that reads again gets all", async () => {
  let written = 0;
  let last = "";
  let drain = (): void => undefined;
  const show = jsonStream({
    out: (line) => {
      written += line.length;
      last = line;
    },
    drained: () =>
      new Promise((resolve) => {
        drain = resolve;
      }),
  });
  for (let piece = 0; piece < 1_000; piece++) show(output("x".repeat(65_536)));
  expect(written).toBeLessThan(10 * 1024 ** 2);
  show(kept);
  expect(JSON.parse(last)).toEqual(kept);
  drain();
  await new Promise(setImmediate);
  show(output("again"));
  expect(JSON.parse(last)).toEqual(output("again"));
});
