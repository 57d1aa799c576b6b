import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inspectDataset } from "./inspect-dataset.ts";
import { openDataset } from "./open-dataset.ts";
import type { Alarm, DataReport } from "./report.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inspect-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The same noise every time. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

async function inspect(
  header: string,
  row: (n: number) => string,
  options: { rows?: number; task?: string; target?: string } = {},
): Promise<DataReport> {
  const path = join(folder, "data.csv");
  const lines = Array.from({ length: options.rows ?? 200 }, (_, n) => row(n));
  await writeFile(path, `${[header, ...lines].join("\n")}\n`);
  await using dataset = await openDataset(path);
  const { task = "predict y", target } = options;
  return await inspectDataset(dataset, { task, ...(target === undefined ? {} : { target }) });
}

function alarms(report: DataReport, kind: Alarm["kind"]): Alarm[] {
  return report.alarms.filter((alarm) => alarm.kind === kind);
}

function kinds(report: DataReport): Record<string, string> {
  return Object.fromEntries(report.columns.map(({ name, kind }) => [name, kind]));
}

describe("a column is", () => {
  it("a number, category, truth value, date, text, identifier, constant or empty", async () => {
    const random = noise(1);
    const report = await inspect(
      "passengerId,uuid,price,colour,member,day,review,const,void,paid,y",
      (n) =>
        `${n + 1},u-${n}-x,${random().toFixed(3)},${["red", "blue"][n % 2]},${n % 3 === 0},2024-01-${10 + (n % 20)},"this is review number ${n}",7,,${n % 5},${(n >> 1) % 2}`,
    );
    expect(kinds(report)).toEqual({
      passengerId: "identifier",
      uuid: "identifier",
      price: "number",
      colour: "category",
      member: "boolean",
      day: "date",
      review: "text",
      const: "constant",
      void: "empty",
      paid: "number",
      y: "number",
    });
    expect(report.columns.find(({ name }) => name === "colour")?.top).toEqual([
      { value: "blue", count: 100 },
      { value: "red", count: 100 },
    ]);
    expect(report.columns.find(({ name }) => name === "day")).toMatchObject({
      min: "2024-01-10",
      max: "2024-01-29",
    });
    expect(report.columns.find(({ name }) => name === "paid")).toMatchObject({
      min: 0,
      max: 4,
      mean: 2,
      distinct: 5,
      missing: 0,
    });
    expect(alarms(report, "empty_column")[0]?.columns).toEqual(["void"]);
    expect(alarms(report, "constant_column")[0]?.columns).toEqual(["const"]);
    expect(report.suggestion?.exclude?.map(({ column }) => column)).toEqual([
      "passengerId",
      "uuid",
      "const",
      "void",
    ]);
  });
});

describe("a leak is found when a column", () => {
  it("copies the target under another name", async () => {
    const random = noise(2);
    const report = await inspect(
      "a,code,y",
      (n) => `${random()},${["A", "B", "C"][n % 3]},${["x", "y", "z"][n % 3]}`,
    );
    expect(alarms(report, "leak").map(({ columns }) => columns)).toEqual([["code"]]);
    expect(report.suggestion?.exclude).toMatchObject([
      { column: "code", reason: expect.stringContaining("Leak") },
    ]);
  });

  it("is a monotone function of a quantity", async () => {
    const random = noise(3);
    const report = await inspect("a,dollars,y", () => {
      const y = random() * 100;
      return `${random()},${Math.exp(y / 20).toFixed(6)},${y.toFixed(6)}`;
    });
    expect(alarms(report, "leak").map(({ columns }) => columns)).toEqual([["dollars"]]);
  });

  it("is filled in for one class only", async () => {
    const random = noise(4);
    const report = await inspect(
      "a,refund,y",
      (n) => `${random()},${n % 4 === 0 && n % 8 === 0 ? n : ""},${n % 4 === 0 ? "bad" : "good"}`,
    );
    expect(alarms(report, "leak")[0]).toMatchObject({
      columns: ["refund"],
      message: expect.stringContaining('50.0 % of the rows with "bad" but practically never for "good"'),
    });
  });

  it("is a date that only exists for some values of the target", async () => {
    const random = noise(5);
    const report = await inspect(
      "a,closed_on,y",
      (n) => `${random()},${n % 3 === 0 ? `2024-02-${10 + (n % 15)}` : ""},${n % 3 === 0}`,
    );
    expect(alarms(report, "leak")[0]?.message).toContain("a date that leaks");
  });

  it("but not when it is merely a good feature", async () => {
    const random = noise(6);
    const report = await inspect(
      "a,b,y",
      (n) => `${(n % 2) + random() * 1.3},${random() > 0.1 ? n % 2 : 1 - (n % 2)},${n % 2 === 0 ? "u" : "v"}`,
      { rows: 600 },
    );
    expect(alarms(report, "leak")).toEqual([]);
  });

  it("and is kept in the suggestion when there is nothing else to learn from", async () => {
    const report = await inspect("x,y", (n) => `${n}.5,${n * 2}.25`);
    expect(alarms(report, "leak")).toHaveLength(1);
    expect(report.suggestion?.exclude).toBeUndefined();
  });
});

describe("rows are audited for", () => {
  it("repetition, identifiers aside, and for contradiction", async () => {
    const report = await inspect(
      "id,x,y",
      (n) => `${n * 3},${n % 150},${n < 150 || n % 2 === 0 ? n % 2 : 1 - (n % 2)}`,
    );
    expect(report.duplicates.rows).toBe(25);
    expect(alarms(report, "duplicate_rows")[0]?.severity).toBe("warn");
    expect(alarms(report, "conflicting_labels")[0]?.message).toMatch(/^50 rows/);
  });

  it("order in time, when the target follows its own past", async () => {
    const random = noise(7);
    let level = 0;
    const report = await inspect(
      "day,x,y",
      (n) => {
        level += random() - 0.5;
        return `${new Date(Date.UTC(2020, 0, 1 + n)).toISOString().slice(0, 10)},${random()},${level.toFixed(4)}`;
      },
      { rows: 400 },
    );
    expect(alarms(report, "time_order")[0]?.columns).toEqual(["day"]);
    expect(report.suggestion?.split).toEqual({ kind: "time", column: "day" });
  });

  it("but not when the target has nothing to do with the date", async () => {
    const random = noise(8);
    const report = await inspect(
      "day,x,y",
      (n) =>
        `${new Date(Date.UTC(2020, 0, 1 + n)).toISOString().slice(0, 10)},${random()},${random().toFixed(4)}`,
      { rows: 400 },
    );
    expect(alarms(report, "time_order")).toEqual([]);
    expect(report.suggestion?.split).toEqual({ kind: "random" });
  });

  it("groups that belong together", async () => {
    const random = noise(9);
    const report = await inspect("patient_id,x,y", (n) => `p${n % 40},${random()},${random() > 0.5}`);
    expect(alarms(report, "group")[0]?.columns).toEqual(["patient_id"]);
    expect(report.suggestion?.split).toEqual({ kind: "grouped", column: "patient_id" });
  });
});

describe("the target", () => {
  it("is described by its classes, and its rare ones and missing values are said", async () => {
    const report = await inspect(
      "x,y",
      (n) => `${n}.5,${n === 3 ? "once" : n < 20 ? "" : n % 10 === 0 ? "few" : "many"}`,
    );
    expect(report.target).toMatchObject({
      name: "y",
      kind: "category",
      missing: 19,
      classes: [
        { value: "many", count: 162 },
        { value: "few", count: 18 },
        { value: "once", count: 1 },
      ],
    });
    expect(alarms(report, "rare_class")[0]).toMatchObject({
      severity: "stop",
      message: expect.stringContaining('"once"'),
    });
    expect(alarms(report, "missing_target")[0]?.message).toMatch(/^19 rows/);
    expect(alarms(report, "imbalance")).toHaveLength(1);
  });

  it("stops everything when it is empty or constant", async () => {
    for (const value of ["", "same"]) {
      const report = await inspect("x,y", (n) => `${n}.5,${value}`, { target: "y" });
      expect(alarms(report, "target")[0]?.severity).toBe("stop");
      expect(report.suggestion).toBeNull();
    }
  });

  it("is asked for when nothing can be taken for it", async () => {
    const report = await inspect("when,what", (n) => `2024-01-${10 + (n % 20)},"note number ${n} about it"`, {
      task: "find something",
    });
    expect(report).toMatchObject({ target: null, suggestion: null });
    expect(alarms(report, "target")[0]?.message).toContain("--target");
  });

  it("that was named but does not exist is refused with what may have been meant", async () => {
    await expect(inspect("Price,x", (n) => `${n},${n}`, { target: "prices" })).rejects.toMatchObject({
      code: "contract/target_missing",
      mend: 'Did you mean "Price"?',
    });
  });
});

describe("a report", () => {
  it("of 2,000 columns is bounded, and names the target although it stands last", async () => {
    const random = noise(10);
    const names = Array.from({ length: 1999 }, (_, n) => `f${n}`);
    const report = await inspect(
      [...names, "y"].join(","),
      (n) => [...names.map(() => Math.floor(random() * 100)), n % 2].join(","),
      { rows: 60 },
    );
    expect(report.columns).toHaveLength(60);
    expect(report).toMatchObject({ columns_omitted: 1940, omitted_kinds: { number: 1940 } });
    expect(report.columns.some(({ name }) => name === "y")).toBe(true);
    expect(JSON.stringify(report).length).toBeLessThan(40_000);
  });

  it("shows the first five rows and cuts long texts", async () => {
    const report = await inspect("x,text,y", (n) => `${n},"${"long ".repeat(100)}${n}",${n % 2}`);
    expect(report.samples).toHaveLength(5);
    expect(report.samples[1]).toMatchObject({ x: 1, y: 1 });
    expect(String(report.samples[0]?.text).length).toBeLessThan(210);
  });

  it("is the same for all who ask at once, also after one that failed", async () => {
    const path = join(folder, "at-once.csv");
    const rows = Array.from({ length: 100 }, (_, n) => `${n % 7},${n % 2 ? "a" : "b"}`);
    await writeFile(path, `x,y\n${rows.join("\n")}\n`);
    await using dataset = await openDataset(path);
    const alone = await inspectDataset(dataset, { target: "y" });
    const [wrong, ...reports] = await Promise.allSettled(
      ["z", "y", "y", "y"].map((target) => inspectDataset(dataset, { target })),
    );
    expect(wrong).toMatchObject({ reason: { code: "contract/target_missing" } });
    expect(reports).toEqual([1, 2, 3].map(() => ({ status: "fulfilled", value: alone })));
  });

  it("is the same twice", async () => {
    const random = noise(11);
    const rows = Array.from({ length: 300 }, (_, n) => `${random()},${["a", "b"][n % 2]},${n % 3}`);
    const [first, second] = [
      await inspect("x,c,y", (n) => rows[n] ?? "", { rows: 300 }),
      await inspect("x,c,y", (n) => rows[n] ?? "", { rows: 300 }),
    ];
    expect(second).toEqual(first);
  });
});

describe("a text in a script without spaces", () => {
  it.each([
    ["Chinese", ["质量不错物流很快", "非常失望质量很差", "值得购买，推荐"]],
    ["Japanese", ["とても良い品でした", "すぐに壊れて残念です", "また買いたいと思います"]],
    ["Thai", ["สินค้าดีมากส่งเร็ว", "ผิดหวังคุณภาพแย่มาก", "จะกลับมาซื้ออีกแน่นอน"]],
  ])("%s is a text, not an identifier", async (_, texts) => {
    const report = await inspect("words,y", (n) => `${texts[n % 3]}${n},${n % 2}`);
    expect(kinds(report)).toMatchObject({ words: "text" });
    expect(report.suggestion).toMatchObject({ input_kind: "text", text_column: "words" });
  });

  it("does not make texts of short names", async () => {
    const report = await inspect("city,y", (n) => `${["东京", "北京", "大阪"][n % 3]},${n % 2}`);
    expect(kinds(report)).toMatchObject({ city: "category" });
  });
});
