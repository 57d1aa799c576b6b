import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDataset } from "./open-dataset.ts";

async function typesOf(name: string, content: string): Promise<Record<string, string>> {
  const path = join(await mkdtemp(join(tmpdir(), "open-typed-")), name);
  await writeFile(path, content);
  await using dataset = await openDataset(path);
  return Object.fromEntries(dataset.columns.map((column) => [column.name, column.type]));
}

const rows = Array.from({ length: 40 }, (_, index) => index);

test("text in JSON that is nothing but numbers or dates is read as what it is", async () => {
  const objects = rows.map((row) => ({
    seen: `2001/01/${String((row % 28) + 1).padStart(2, "0")} 06:30`,
    released: `${["Jan", "Feb", "Mar"][row % 3]} ${(row % 28) + 1} 1998`,
    size: String(row * 1.5),
    code: `x${row % 5}`,
    delay: row - 20,
  }));
  expect(await typesOf("a.json", JSON.stringify(objects))).toEqual({
    seen: "TIMESTAMP",
    released: "DATE",
    size: "DOUBLE",
    code: "VARCHAR",
    delay: "BIGINT",
  });
});

test.each([
  ["03.02.2021 14:05", "TIMESTAMP"],
  ["2021/02/03 14:05:59", "TIMESTAMP"],
  ["February 3, 2021", "DATE"],
  ["3-Feb-2021", "DATE"],
  ["may be late", "VARCHAR"],
])("a CSV column of values like %s is a %s", async (value, type) => {
  const types = await typesOf("a.csv", `d,y\n${rows.map((row) => `"${value}",${row}`).join("\n")}\n`);
  expect(types.d).toBe(type);
});
