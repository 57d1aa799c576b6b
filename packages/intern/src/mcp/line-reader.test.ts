import { expect, it } from "vitest";
import { LineReader } from "./line-reader.ts";

function read(limit: number, ...parts: string[]): { lines: string[]; tooLong: number } {
  const lines: string[] = [];
  let tooLong = 0;
  const reader = new LineReader({ limit, onLine: (line) => lines.push(line), tooLong: () => tooLong++ });
  for (const part of parts) reader.write(Buffer.from(part));
  return { lines, tooLong };
}

it("finds lines wherever they are cut", () => {
  expect(read(100, "on", "e\ntw", "o\r\n\nthr").lines).toEqual(["one", "two", ""]);
  const euro = Buffer.from("€\n");
  const lines: string[] = [];
  const reader = new LineReader({ limit: 10, onLine: (line) => lines.push(line), tooLong: () => undefined });
  for (const byte of euro) reader.write(Buffer.from([byte]));
  expect(lines).toEqual(["€"]);
});

it("stops at a line that is too long, and says so once", () => {
  expect(read(4, "1234\n", "123", "45", "67\nok\n")).toEqual({ lines: ["1234"], tooLong: 1 });
});
