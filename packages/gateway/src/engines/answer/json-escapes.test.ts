import { expect, it } from "vitest";
import { toolWriter } from "./tool-writer.ts";

/** What leaves when arguments are written eagerly, in pieces of this size. */
function written(json: string, size: number): readonly string[] {
  const writer = toolWriter({ call: { id: "toolu_1", name: "f" }, eager: true });
  const deltas = [];
  for (let at = 0; at < json.length; at += size) deltas.push(...writer.write(json.slice(at, at + size)));
  deltas.push(...writer.end({ cut: false }));
  return deltas.flatMap((delta) => (delta.type === "input_json_delta" ? delta.partial_json : []));
}

const ARGUMENTS = String.raw`{"a\\":"\\\\ud83c","b":"\ud83c\udf0d\uD83C!\udf0d\ud83c\n\ud83c\u0041\\","c":"\"\u00e9"}`;
const MENDED = String.raw`{"a\\":"\\\\ud83c","b":"\ud83c\udf0d\ufffd!\ufffd\ufffd\n\ufffd\u0041\\","c":"\"\u00e9"}`;

it("escapes of half a character become the replacement character, wherever the arguments are cut", () => {
  for (let size = 1; size <= ARGUMENTS.length; size++) expect(written(ARGUMENTS, size).join("")).toBe(MENDED);
});

it("no delta ends within an escape, or between two that make one character", () => {
  for (let size = 1; size < 14; size++) {
    for (const piece of written(ARGUMENTS, size)) {
      expect(piece.replaceAll("\\\\", "")).not.toMatch(/\\(u[\da-f]{0,3})?$|\\ud83c$/i);
    }
  }
});
