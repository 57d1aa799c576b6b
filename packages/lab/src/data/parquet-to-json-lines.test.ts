import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { openDatabase, sqlText } from "./duckdb.ts";
import { withParquetAsJsonLines } from "./parquet-to-json-lines.ts";

const signal = new AbortController().signal;

test("rows of a Parquet file become lines of JSON, with what is nested in them", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "it's.parquet");
  await using database = await openDatabase();
  const rows =
    "SELECT 1 AS id, [{'role': 'user', 'content': 'Hé'}] AS messages, NULL::INT AS score UNION ALL SELECT 2, [], 3";
  await database.query(`COPY (${rows}) TO ${sqlText(path)} (FORMAT parquet)`, signal);
  const lines = await withParquetAsJsonLines(path, { use: (lines) => readFile(lines, "utf8"), signal });
  expect(
    lines
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { id: 1, messages: [{ role: "user", content: "Hé" }], score: null },
    { id: 2, messages: [], score: 3 },
  ]);
});

test("what is no Parquet file is refused by name", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "x.parquet");
  await writeFile(path, "no");
  const reading = withParquetAsJsonLines(path, { use: async () => null, signal });
  await expect(reading).rejects.toMatchObject({
    code: "data/unreadable",
    message: expect.stringContaining("x.parquet"),
  });
});
