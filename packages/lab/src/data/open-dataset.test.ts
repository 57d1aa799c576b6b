import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabError } from "../lab-error.ts";
import type { Dataset } from "./dataset.ts";
import { openDataset } from "./open-dataset.ts";

let folder: string;
const signal = new AbortController().signal;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dataset-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** A table of thirty rows; `row` makes the cells of row n. */
function csv(header: string, row: (n: number) => string, { rows = 30, end = "\n" } = {}): string {
  return [header, ...Array.from({ length: rows }, (_, n) => row(n))].join(end) + end;
}

async function columns(dataset: Dataset): Promise<Record<string, string>> {
  return Object.fromEntries(dataset.columns.map(({ name, type }) => [name, type]));
}

async function firstValues(dataset: Dataset): Promise<unknown[]> {
  const [row = []] = await dataset.query("SELECT * FROM data_0 WHERE rowid = 0", { signal });
  return [...row];
}

describe("a table file", () => {
  it.each([
    ["comma.csv", ","],
    ["semicolon.csv", ";"],
    ["tab.tsv", "\t"],
    ["bar.csv", "|"],
  ])("is read whatever its separator is: %s", async (name, separator) => {
    const path = await file(
      name,
      csv(["a", "b", "c"].join(separator), (n) => [n, `x${n}`, n / 2].join(separator)),
    );
    await using dataset = await openDataset(path);
    expect(await columns(dataset)).toEqual({ a: "BIGINT", b: "VARCHAR", c: "DOUBLE" });
    expect(dataset.rows).toBe(30);
  });

  it("keeps quoted separators, line ends and quotes inside a value", async () => {
    const path = await file(
      "quoted.csv",
      csv("a,b", (n) => `${n},"one, ""two""\nthree"`),
    );
    await using dataset = await openDataset(path);
    expect(await firstValues(dataset)).toEqual([0, 'one, "two"\nthree']);
    expect(dataset.rows).toBe(30);
  });

  it("takes backslashes before quotes for escapes when the file is written so", async () => {
    const path = await file(
      "backslash.csv",
      csv("a,b", (n) => `${n},"say \\"x, y\\""`),
    );
    await using dataset = await openDataset(path);
    expect(await firstValues(dataset)).toEqual([0, 'say "x, y"']);
  });

  it.each([
    ["CR LF", "\r\n"],
    ["CR", "\r"],
  ])("is read with %s line ends", async (name, end) => {
    await using dataset = await openDataset(
      await file(
        `${name}.csv`,
        csv("a,b", (n) => `${n},x`, { end }),
      ),
    );
    expect(dataset.rows).toBe(30);
  });

  it("is read when CR LF and LF are mixed", async () => {
    const text = csv("a,b", (n) => `${n},x`).replace("1,x\n", "1,x\r\n");
    await using dataset = await openDataset(await file("mixed.csv", text));
    expect(dataset.rows).toBe(30);
    expect(await firstValues(dataset)).toEqual([0, "x"]);
  });

  it("reads numbers, truth values, dates and times as such, and codes with leading zeros as text", async () => {
    const path = await file(
      "types.csv",
      csv(
        "i,f,b,d,t,g,zip",
        (n) =>
          `${n},${n}.5,${n % 2 === 0 ? "True" : "FALSE"},2024-01-${10 + (n % 20)},2024-01-01 10:${10 + n}:00,${13 + (n % 15)}.03.2024,0${1000 + n}`,
      ),
    );
    await using dataset = await openDataset(path);
    expect(await columns(dataset)).toEqual({
      i: "BIGINT",
      f: "DOUBLE",
      b: "BOOLEAN",
      d: "DATE",
      t: "TIMESTAMP",
      g: "DATE",
      zip: "VARCHAR",
    });
  });

  it("takes NA and its like for missing, and 'None' only among numbers", async () => {
    const path = await file(
      "missing.csv",
      csv("a,b", (n) => (n === 0 ? "NA,None" : n === 1 ? "None,NA" : `${n},x`)),
    );
    await using dataset = await openDataset(path);
    const counts = await dataset.query("SELECT count(c0), count(c1) FROM data_0", { signal });
    expect(counts).toEqual([[28, 29]]);
    expect(dataset.alarms.map(({ kind }) => kind)).toContain("missing_values");
  });

  it("reads decimal commas in a semicolon file as numbers", async () => {
    await using dataset = await openDataset(
      await file(
        "comma-decimals.csv",
        csv("a;b", (n) => `${n},25;1.234,5`),
      ),
    );
    expect(await firstValues(dataset)).toEqual([0.25, 1234.5]);
    expect(dataset.alarms.map(({ kind }) => kind)).toContain("decimal_comma");
  });

  it("gives repeated, empty and reserved column names a name of their own", async () => {
    await using dataset = await openDataset(
      await file(
        "names.csv",
        csv("x,x,,row_id,X", (n) => `${n},a,b,${n},c`),
      ),
    );
    expect(dataset.columns.map(({ name }) => name)).toEqual(["x", "x_2", "column_3", "row_id_2", "X_3"]);
  });

  it("notices that there is no header", async () => {
    await using dataset = await openDataset(
      await file(
        "bare.csv",
        csv("0.5,1.5,a", (n) => `${n},${n},b`),
      ),
    );
    expect(dataset.rows).toBe(31);
    expect(dataset.columns[0]?.name).toBe("column_1");
    expect(dataset.alarms.map(({ kind }) => kind)).toContain("no_header");
  });

  it("has a header when its names are a count over numbers", async () => {
    await using dataset = await openDataset(
      await file(
        "counted.csv",
        csv("0,1,2,3", (n) => `${n * 7},${n},5,6`),
      ),
    );
    expect(dataset.columns.map(({ name }) => name)).toEqual(["0", "1", "2", "3"]);
  });

  it("is read when its path holds the signs of a pattern or a quote", async () => {
    await using dataset = await openDataset(
      await file(
        "od[d]*'s.csv",
        csv("a,b", (n) => `${n},x`),
      ),
    );
    expect(dataset.rows).toBe(30);
  });

  it("names the line where JSON lines break off, and nothing of how they are read", async () => {
    const lines = Array.from({ length: 30 }, (_, n) => JSON.stringify({ a: n, y: n }));
    const path = await file(
      "broken.jsonl",
      [...lines.slice(0, 12), '{"a": 3, ', ...lines.slice(12)].join("\n"),
    );
    const refused = await openDataset(path).then(
      () => null,
      (error: LabError) => error,
    );
    expect(refused).toMatchObject({ code: "data/unreadable" });
    expect(refused?.message).toMatch(/broken\.jsonl cannot be read: Malformed JSON.* line 1[34]/);
    expect(refused?.message).not.toMatch(/SELECT|ml-intern-data/);
  });

  it("is read from JSON, JSON lines and Parquet", async () => {
    const records = Array.from({ length: 30 }, (_, n) => ({
      id: n,
      name: `n${n}`,
      tags: ["x"],
      price: n / 4,
    }));
    const json = await file("rows.json", JSON.stringify(records));
    const lines = await file("rows.jsonl", records.map((record) => JSON.stringify(record)).join("\n"));
    const parquet = join(folder, "rows.parquet");
    for (const path of [json, lines]) {
      await using dataset = await openDataset(path);
      expect(await columns(dataset)).toEqual({
        id: "BIGINT",
        name: "VARCHAR",
        tags: "VARCHAR",
        price: "DOUBLE",
      });
      expect(dataset.alarms.map(({ kind }) => kind)).toEqual(["nested_values"]);
      await dataset.query(`COPY (SELECT * FROM data_0) TO '${parquet}' (FORMAT parquet)`, { signal });
    }
    await using dataset = await openDataset(parquet);
    expect(dataset).toMatchObject({ format: "parquet", rows: 30, kind: "table" });
  });

  it("of 2,000 columns is read", async () => {
    const header = Array.from({ length: 2000 }, (_, n) => `col${n}`).join(",");
    await using dataset = await openDataset(
      await file(
        "wide.csv",
        csv(header, (n) => Array.from({ length: 2000 }, (_, m) => n * m).join(",")),
      ),
    );
    expect(dataset.columns).toHaveLength(2000);
    expect(dataset.columns.at(-1)).toMatchObject({ name: "col1999", type: "BIGINT" });
  });

  it("leaves no temporary folder behind", async () => {
    const before = (await readdir(tmpdir())).filter((name) => name.startsWith("ml-intern-data-")).length;
    await (
      await openDataset(
        await file(
          "gone.csv",
          csv("a,b", (n) => `${n},x`),
        ),
      )
    )[Symbol.asyncDispose]();
    await expect(openDataset(await file("short.csv", "a,b\n1,2\n"))).rejects.toThrow();
    const after = (await readdir(tmpdir())).filter((name) => name.startsWith("ml-intern-data-")).length;
    expect(after).toBe(before);
  });
});

describe("an encoding", () => {
  const text = csv("größe,preis", (n) => `${n},fünf €`);

  it("of UTF-8, with or without a mark, needs no alarm", async () => {
    for (const [name, content] of [
      ["utf8.csv", text],
      ["bom.csv", `\ufeff${text}`],
    ] as const) {
      await using dataset = await openDataset(await file(name, content));
      expect(dataset.columns[0]?.name).toBe("größe");
      expect(dataset.alarms).toEqual([]);
    }
  });

  it("of UTF-16 is decoded and reported", async () => {
    for (const content of [
      Buffer.from(`\ufeff${text}`, "utf16le"),
      Buffer.from(`\ufeff${text}`, "utf16le").swap16(),
    ]) {
      await using dataset = await openDataset(await file("utf16.csv", content));
      expect(await firstValues(dataset)).toEqual([0, "fünf €"]);
      expect(dataset.alarms).toMatchObject([{ kind: "encoding", severity: "warn" }]);
    }
  });

  it("of Windows-1252 is decoded, euro sign and all, and reported", async () => {
    const bytes = Buffer.from(text.replaceAll("€", "\x80"), "latin1");
    await using dataset = await openDataset(await file("cp1252.csv", bytes));
    expect(await firstValues(dataset)).toEqual([0, "fünf €"]);
    expect(dataset.alarms[0]?.message).toContain("windows-1252");
  });

  it("that cannot be told is refused with the line", async () => {
    const damaged = Buffer.concat([Buffer.from(text), Buffer.from([0x31, 0x2c, 0xc3, 0x28, 0x0a])]);
    await expect(openDataset(await file("damaged.csv", damaged))).rejects.toMatchObject({
      code: "data/encoding",
      message: expect.stringContaining("line 32"),
    });
    const japanese = Buffer.from([0x93, 0xfa, 0x96, 0x7b, 0x8d, 0x91, 0x2c, 0x61, 0x0a]);
    await expect(openDataset(await file("sjis.csv", japanese))).rejects.toMatchObject({
      code: "data/encoding",
      mend: expect.stringContaining("iconv"),
    });
  });
});

describe("bad data", () => {
  it.each([
    ["an empty file", "empty.csv", "", "data/empty_file"],
    ["blank lines only", "blank.csv", "\n \n\n", "data/empty_file"],
    ["a header only", "header.csv", "a,b,c\n", "data/too_few_rows"],
    ["five rows", "five.csv", csv("a,b", (n) => `${n},x`, { rows: 5 }), "data/too_few_rows"],
    [
      "random bytes",
      "random.csv",
      Uint8Array.from({ length: 4000 }, (_, n) => (n * 7919 + (n >> 3)) % 256),
      "data/not_text",
    ],
    ["a PNG called CSV", "image.csv", Buffer.from("\x89PNG\r\n\x1a\nIHDR", "latin1"), "data/not_text"],
    [
      "a workbook called CSV",
      "book.csv",
      Buffer.from("PK\x03\x04\x14\x00xl/workbook", "latin1"),
      "data/not_text",
    ],
    ["columns divided by spaces", "spaces.csv", csv("a b c", (n) => `${n}  2   3`), "data/delimiter"],
    ["columns divided by colons", "colons.csv", csv("a:b:c", (n) => `${n}:2:3`), "data/delimiter"],
    ["prose", "prose.csv", csv("Once, upon", (n) => "a, ".repeat(n % 7)), "data/delimiter"],
    ["JSON that is cut off", "cut.json", '[{"a":1},{"a":', "data/unreadable"],
    ["JSON without records", "scalar.json", "[1,2,3]", "data/unreadable"],
    ["Parquet in name only", "fake.parquet", "a,b\n1,2\n", "data/unreadable"],
    [
      "6,000 columns",
      "huge.csv",
      csv(Array.from({ length: 6000 }, (_, n) => `c${n}`).join(","), () => `${"1,".repeat(5999)}1`),
      "data/too_many_columns",
    ],
  ])("is refused with its cause and mend: %s", async (_what, name, content, code) => {
    const error = await openDataset(await file(name, content)).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code,
      message: expect.stringContaining(name),
      mend: expect.stringMatching(/\w{3}/),
    });
  });

  it("is named by line when a row has too few or too many values", async () => {
    const short = csv("a,b,c", (n) => (n === 12 ? "1,2" : `${n},"x\ny",3`));
    await expect(openDataset(await file("short-row.csv", short))).rejects.toMatchObject({
      code: "data/unreadable",
      message: expect.stringContaining("line 26: 2 values where the other rows have 3"),
    });
  });

  it("is missing when the path leads nowhere", async () => {
    await expect(openDataset(join(folder, "nowhere.csv"))).rejects.toMatchObject({
      code: "data/missing_file",
    });
  });

  it("stops when it is told to, and leaves nothing behind", async () => {
    const controller = new AbortController();
    const opening = openDataset(
      await file(
        "stop.csv",
        csv("a,b", (n) => `${n},x`, { rows: 50_000 }),
      ),
      { signal: controller.signal },
    );
    controller.abort();
    await expect(opening).rejects.toThrow(/abort/i);
  });
});

describe("a folder of images", () => {
  const png = (n: number) =>
    Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.from(`IHDR pixels ${n} IEND`)]);

  it("is a table of files and labels; what is no image is left out and named", async () => {
    for (const [index, label] of ["cat", "dog"].entries()) {
      await mkdir(join(folder, "images", label), { recursive: true });
      for (let n = 0; n < 15; n++)
        await writeFile(join(folder, "images", label, `${n}.png`), png(index * 100 + n));
    }
    await writeFile(join(folder, "images", "cat", "broken.jpg"), "not an image");
    await writeFile(join(folder, "images", "cat", "cut-off.png"), png(7).subarray(0, 16));
    await writeFile(
      join(folder, "images", "dog", "cut-off.jpg"),
      Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]),
    );
    await using dataset = await openDataset(join(folder, "images"));
    expect(dataset).toMatchObject({ kind: "images", format: "image-folder", rows: 30 });
    expect(await dataset.query("SELECT c1, count(*) FROM data_0 GROUP BY 1 ORDER BY 1", { signal })).toEqual([
      ["cat", 15],
      ["dog", 15],
    ]);
    expect(dataset.alarms).toMatchObject([
      { kind: "images", message: expect.stringMatching(/^3 files .* are left out: .*broken.jpg.*cut-off/) },
    ]);
  });

  it("without class folders is refused", async () => {
    await mkdir(join(folder, "flat"));
    await writeFile(join(folder, "flat", "a.png"), png(1));
    await expect(openDataset(join(folder, "flat"))).rejects.toMatchObject({ code: "data/no_images" });
  });
});
