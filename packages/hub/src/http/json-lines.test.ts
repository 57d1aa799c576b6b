import { expect, it } from "vitest";
import { Refusal } from "../refusal.ts";
import { readJsonLines } from "./json-lines.ts";

function bodyOf(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(Buffer.from(chunk));
      controller.close();
    },
  });
}

async function collect(body: ReadableStream<Uint8Array> | null, longest = 100): Promise<unknown[]> {
  const lines: unknown[] = [];
  for await (const line of readJsonLines(body, { longest })) lines.push(line);
  return lines;
}

it("reads lines however they are cut into chunks", async () => {
  expect(await collect(bodyOf('{"a":', '1}\n{"b"', ":2}\n\n", '{"c":"ü"}'))).toEqual([
    { a: 1 },
    { b: 2 },
    { c: "ü" },
  ]);
});

it("reads nothing from no body", async () => {
  expect(await collect(null)).toEqual([]);
});

it("refuses a line that is too long before it has all arrived", async () => {
  const refused = collect(bodyOf(`{"a":"${"x".repeat(60)}`, "x".repeat(60)), 100);
  await expect(refused).rejects.toMatchObject({ code: "too_large" });
});

it("refuses what is not JSON", async () => {
  await expect(collect(bodyOf("nonsense\n"))).rejects.toBeInstanceOf(Refusal);
});
