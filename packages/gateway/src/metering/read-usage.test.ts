import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readUsage } from "./read-usage.ts";
import { exampleLine } from "./testing/example-line.ts";
import type { UsageLine } from "./usage-line.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "usage-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, ...times: readonly string[]): Promise<void> {
  const lines = times.map((time) => `${JSON.stringify(exampleLine({ time, request_id: time }))}\n`);
  await writeFile(join(folder, name), lines.join(""));
}

async function read(
  range: { since?: string; until?: string } = {},
): Promise<{ ids: readonly string[]; damage: readonly string[] }> {
  const lines: UsageLine[] = [];
  const damage: string[] = [];
  const options = {
    since: range.since ?? null,
    until: range.until ?? null,
    onDamage: (file: string, line: number) => damage.push(`${file}:${line}`),
  };
  for await (const line of readUsage(folder, options)) lines.push(line);
  return { ids: lines.map(({ request_id }) => request_id), damage };
}

it("reads all files of a folder, month by month, and nothing else that lies there", async () => {
  await write("2026-11.bb.jsonl", "2026-11-02T00:00:00.000Z");
  await write("2026-11.aa.jsonl", "2026-11-01T00:00:00.000Z", "2026-11-03T00:00:00.000Z");
  await write("2026-10.bb.jsonl", "2026-10-09T00:00:00.000Z");
  await writeFile(join(folder, "notes.txt"), "not usage\n");
  await writeFile(join(folder, "2026-11.jsonl.bak"), "not usage\n");
  expect(await read()).toEqual({
    ids: [
      "2026-10-09T00:00:00.000Z",
      "2026-11-01T00:00:00.000Z",
      "2026-11-03T00:00:00.000Z",
      "2026-11-02T00:00:00.000Z",
    ],
    damage: [],
  });
});

it("reads from one time on and up to another, which is left out", async () => {
  const times = ["2026-10-31T23:59:59.999Z", "2026-11-01T00:00:00.000Z", "2026-11-30T23:59:59.999Z"];
  await write("2026-10.a.jsonl", times[0]!);
  await write("2026-11.a.jsonl", times[1]!, times[2]!);
  await write("2026-12.a.jsonl", "2026-12-01T00:00:00.000Z");
  expect((await read({ since: "2026-11-01T00:00:00.000Z", until: "2026-12-01T00:00:00.000Z" })).ids).toEqual(
    times.slice(1),
  );
  expect((await read({ until: "2026-11-30T23:59:59.999Z" })).ids).toEqual(times.slice(0, 2));
  expect((await read({ since: "2026-10-31T23:59:59.999Z" })).ids).toHaveLength(4);
});

it("does not take a last line that a crash cut off for one", async () => {
  await write("2026-11.a.jsonl", "2026-11-01T00:00:00.000Z");
  const whole = JSON.stringify(exampleLine());
  await appendFile(join(folder, "2026-11.a.jsonl"), whole.slice(0, whole.length / 2));
  expect(await read()).toEqual({ ids: ["2026-11-01T00:00:00.000Z"], damage: [] });
});

it("reads lines that were written before promises of caches were kept", async () => {
  const { cache_promised_tokens: _, ...older } = exampleLine({ request_id: "older" });
  await writeFile(join(folder, "2026-11.a.jsonl"), `${JSON.stringify(older)}\n`);
  expect(await read()).toEqual({ ids: ["older"], damage: [] });
});

it.each([
  ["no JSON", "{"],
  ["no object", "7"],
  ["an empty line", ""],
  ["bytes of nothing", "\0\0\0\0"],
  ["a count that is none", JSON.stringify({ ...exampleLine(), input_tokens: "7" })],
  ["a promise that is none", JSON.stringify(exampleLine({ cache_promised_tokens: -1 }))],
  ["a negative count", JSON.stringify({ ...exampleLine(), output_tokens: -7 })],
  ["money that is none", JSON.stringify({ ...exampleLine(), total_usd: "1e3" })],
  ["half of the money", JSON.stringify({ ...exampleLine(), total_usd: null })],
  ["a time that is none", JSON.stringify({ ...exampleLine(), time: "yesterday" })],
  ["a line without its engine", JSON.stringify({ ...exampleLine(), engine: undefined })],
])("tells of a line with %s, and goes on after it", async (_, damaged) => {
  await write("2026-11.a.jsonl", "2026-11-01T00:00:00.000Z");
  const after = JSON.stringify(exampleLine({ request_id: "after" }));
  await appendFile(join(folder, "2026-11.a.jsonl"), `${damaged}\n${after}\n`);
  expect(await read()).toEqual({
    ids: ["2026-11-01T00:00:00.000Z", "after"],
    damage: ["2026-11.a.jsonl:2"],
  });
});
