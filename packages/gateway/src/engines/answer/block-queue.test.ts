import { expect, it } from "vitest";
import { BlockQueue } from "./block-queue.ts";
import { textWriter } from "./block-writers.ts";
import { toolWriter } from "./tool-writer.ts";

const [first, second] = "🌍".split("") as [string, string];

it("no delta ends within a character, however the text comes", () => {
  const queue = new BlockQueue();
  const text = queue.add(textWriter());
  const deltas = ["a", `b${first}`, `${second}c`, first, second].flatMap((piece) => text.write(piece));
  expect(deltas.map((event) => "delta" in event && event.delta)).toEqual([
    false,
    { type: "text_delta", text: "a" },
    { type: "text_delta", text: "b" },
    { type: "text_delta", text: "🌍c" },
    { type: "text_delta", text: "🌍" },
  ]);
});

it("half a character that never gets its other half becomes the replacement character", () => {
  const queue = new BlockQueue();
  const call = queue.add(toolWriter({ call: { id: "toolu_1", name: "f" }, eager: true }));
  const text = queue.add(textWriter());
  const events = [
    ...call.write(`{"a":"${second}`),
    ...call.write(`x"}`),
    ...text.write(`end${first}`),
    ...queue.end({ cut: false }),
  ];
  expect(events.flatMap((event) => ("delta" in event ? [event.delta] : []))).toEqual([
    { type: "input_json_delta", partial_json: '{"a":"\uFFFD' },
    { type: "input_json_delta", partial_json: 'x"}' },
    { type: "text_delta", text: "end" },
    { type: "text_delta", text: "\uFFFD" },
  ]);
});
