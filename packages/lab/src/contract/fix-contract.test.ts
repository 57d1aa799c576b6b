import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { csvRows } from "../data/csv-rows.ts";
import { inspectDataset } from "../data/inspect-dataset.ts";
import { openDataset } from "../data/open-dataset.ts";
import { openLedger } from "../ledger/open-ledger.ts";
import type { Contract, ContractProposal } from "./contract.ts";
import { fixContract } from "./fix-contract.ts";
import { openValidation } from "./open-validation.ts";
import { readContract } from "./read-contract.ts";

let folder: string;
const budget = { usd: null, iterations: 300, run_seconds: 3600 };
const classification: ContractProposal = { task_type: "classification", input_kind: "tabular", target: "y" };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "contract-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function data(lines: readonly string[], name = "data.csv"): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `${lines.join("\n")}\n`);
  return path;
}

/** Two hundred different rows of three classes, sorted by class: the worst case for anything that looks at places. */
function sortedByClass(count = 200): string[] {
  return [
    "x,colour,y",
    ...Array.from(
      { length: count },
      (_, n) => `${n}.25,${["red", "blue"][n % 2]},${["a", "b", "c"][Math.floor((3 * n) / count)]}`,
    ),
  ];
}

async function fix(
  path: string,
  proposal: ContractProposal,
  options: { session?: string; own?: (path: string) => Promise<void> } = {},
): Promise<Contract> {
  const sessionDirectory = join(folder, options.session ?? "session");
  await using dataset = await openDataset(path);
  await using ledger = await openLedger({
    path: join(sessionDirectory, "lab", "ledger.jsonl"),
    home: join(folder, "home"),
    now: () => new Date(0),
  });
  return await fixContract({
    proposal,
    dataset,
    task: "predict y",
    budget,
    sessionDirectory,
    ledger,
    ...(options.own ? { own: options.own } : {}),
  });
}

async function table(path: string): Promise<Record<string, string>[]> {
  const [header, ...rows] = [...csvRows(await readFile(path, "utf8"))].map(({ fields }) => fields);
  return rows.map((fields) =>
    Object.fromEntries((header ?? []).map((name, index) => [name, fields[index] ?? ""])),
  );
}

async function parts(
  session = "session",
): Promise<Record<"train" | "validation" | "test", Record<string, string>[]>> {
  const lab = join(folder, session, "lab", "sealed");
  return {
    train: await table(join(folder, session, "workspace", "data", "train.csv")),
    validation: await table(join(lab, "validation.csv")),
    test: await table(join(lab, "test.csv")),
  };
}

const values = (rows: readonly Record<string, string>[], name: string): string[] =>
  rows.map((row) => row[name] ?? "");
const counts = (list: readonly string[]): Record<string, number> => {
  const result: Record<string, number> = {};
  for (const value of list) result[value] = (result[value] ?? 0) + 1;
  return result;
};

describe("fixing a contract", () => {
  it("gives the training rows to the workspace and keeps the others outside, every row exactly once", async () => {
    const owned: string[] = [];
    const contract = await fix(await data(sortedByClass()), classification, {
      own: async (path) => void owned.push(path),
    });
    expect(contract).toMatchObject({
      version: 1,
      classes: ["a", "b", "c"],
      metric: "accuracy",
      direction: "maximize",
      features: [
        { name: "x", kind: "number" },
        { name: "colour", kind: "category" },
      ],
      split: { kind: "stratified", train: 122, validation: 39, test: 39, dropped: 0 },
      queries: { validation: 30, test: 1 },
    });
    const { train, validation, test } = await parts();
    expect(Object.keys(train[0] ?? {})).toEqual(["row_id", "x", "colour", "y"]);
    expect([...values(train, "x"), ...values(validation, "x"), ...values(test, "x")].sort()).toEqual(
      Array.from({ length: 200 }, (_, n) => `${n}.25`).sort(),
    );
    const ids = [...train, ...validation, ...test].map((row) => Number(row.row_id)).sort((a, b) => a - b);
    expect(ids).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
    const session = join(folder, "session");
    expect(await readdir(join(session, "workspace", "data"))).toEqual(["task.json", "train.csv"]);
    expect((await stat(join(session, "lab", "sealed", "test.csv"))).mode & 0o777).toBe(0o600);
    expect(owned.map((path) => path.slice(session.length)).sort()).toEqual([
      "/workspace/data",
      "/workspace/data/task.json",
      "/workspace/data/train.csv",
    ]);
    expect(await readContract(session)).toEqual(contract);
    expect(JSON.parse(await readFile(join(session, "workspace", "data", "task.json"), "utf8"))).toEqual(
      contract,
    );
  });

  it("keeps the shares of the classes in every part", async () => {
    await fix(await data(sortedByClass()), classification);
    const { train, validation, test } = await parts();
    for (const part of [validation, test])
      expect(Object.values(counts(values(part, "y"))).sort()).toEqual([13, 13, 13]);
    expect(Object.values(counts(values(train, "y"))).sort()).toEqual([40, 41, 41]);
  });

  it("is the same again for the same data, row ids too", async () => {
    const path = await data(sortedByClass());
    await fix(path, classification, { session: "one" });
    await fix(path, classification, { session: "two" });
    expect(await parts("two")).toEqual(await parts("one"));
  });

  it("gives row ids, and an order to sealed rows, that do not tell the place in the file", async () => {
    await fix(await data(sortedByClass()), classification);
    const { test } = await parts();
    const ids = test.map((row) => Number(row.row_id));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    // In a file sorted by class, places would give the classes away: neighbours would nearly always agree.
    const labels = values(test, "y");
    const agreeing = labels.slice(1).filter((label, index) => label === labels[index]).length;
    expect(agreeing).toBeLessThan(25);
  });

  it("never seals a row that was shown as a sample, nor a row equal to it", async () => {
    const rows = sortedByClass();
    const path = await data([...rows, ...rows.slice(1, 6)]);
    await using dataset = await openDataset(path);
    const report = await inspectDataset(dataset, { task: "predict y" });
    await fix(path, classification);
    const { train } = await parts();
    for (const sample of report.samples) {
      expect(values(train, "x").filter((x) => Number(x) === sample.x)).toHaveLength(2);
    }
  });

  it("keeps equal rows on one side, also when an identifier tells them apart", async () => {
    const rows = Array.from({ length: 300 }, (_, n) => `k${n},${n % 100},${n % 2 === 0 ? "yes" : "no"}`);
    const contract = await fix(await data(["id,x,y", ...rows]), {
      ...classification,
      exclude: [{ column: "id", reason: "identifier" }],
    });
    const { train, validation, test } = await parts();
    const sides = [train, validation, test].map((part) => new Set(values(part, "x")));
    expect(sides.reduce((sum, side) => sum + side.size, 0)).toBe(100);
    expect(contract.notes).toEqual([]);
    expect(contract.split.test).toBeGreaterThan(50);
  });

  it("gives each part a row of every class that has three", async () => {
    const rows = Array.from(
      { length: 100 },
      (_, n) => `${n},${n < 94 ? "often" : n < 97 ? "seldom" : "rarely"}`,
    );
    await fix(await data(["x,y", ...rows]), classification);
    for (const part of Object.values(await parts()))
      expect(Object.keys(counts(values(part, "y"))).sort()).toEqual(["often", "rarely", "seldom"]);
  });

  it("keeps groups together and joins groups that share equal rows", async () => {
    const rows = Array.from(
      { length: 240 },
      (_, n) => `p${Math.floor(n / 6)},${n === 11 ? 0 : n},${n % 2 === 0 || n === 11 ? "u" : "v"}`,
    );
    const contract = await fix(await data(["patient,x,y", ...rows]), {
      ...classification,
      split: { kind: "grouped", column: "patient" },
    });
    expect(contract.split).toMatchObject({ kind: "grouped", column: "patient" });
    expect(contract.excluded).toMatchObject([{ column: "patient" }]);
    const { train, validation, test } = await parts();
    const patientOf = (row: Record<string, string>): number => Math.floor(Number(row.x) / 6);
    const sides = [train, validation, test].map((part) => new Set(part.map(patientOf)));
    const everywhere = sides.flatMap((side) => [...side]);
    expect(new Set(everywhere).size).toBe(everywhere.length);
    expect(contract.split.test).toBeGreaterThan(20);
    // The evaluator learns which sealed rows belong together, though the group is no feature.
    const groups = await table(join(folder, "session/lab/sealed/groups.csv"));
    const sealed = [...validation, ...test];
    expect(groups).toHaveLength(sealed.length);
    for (const row of sealed) {
      expect(groups.find(({ row_id }) => row_id === row.row_id)?.group).toBe(`p${patientOf(row)}`);
    }
  });

  it("seals the newest rows when it splits by time", async () => {
    const rows = Array.from(
      { length: 200 },
      (_, n) =>
        `2024-${String(1 + Math.floor(n / 25)).padStart(2, "0")}-${String(1 + (n % 25)).padStart(2, "0")},${n}`,
    );
    const contract = await fix(await data(["day,y", ...rows]), {
      task_type: "regression",
      input_kind: "tabular",
      target: "y",
      split: { kind: "time", column: "day" },
    });
    expect(contract).toMatchObject({
      metric: "rmse",
      direction: "minimize",
      split: { kind: "time", train: 120, validation: 40, test: 40 },
    });
    const { train, validation, test } = await parts();
    const latest = (part: Record<string, string>[]): string => values(part, "day").sort().at(-1) ?? "";
    const earliest = (part: Record<string, string>[]): string => values(part, "day").sort()[0] ?? "";
    expect(latest(train) < earliest(validation) && latest(validation) < earliest(test)).toBe(true);
  });

  it("drops shown rows that a split by time would have sealed, and rows without a target, and counts both", async () => {
    const rows = Array.from(
      { length: 100 },
      (_, n) =>
        `2024-${String(12 - Math.floor(n / 20)).padStart(2, "0")}-${String(28 - (n % 20)).padStart(2, "0")},${n >= 90 ? "" : n}`,
    );
    const contract = await fix(await data(["day,y", ...rows]), {
      task_type: "regression",
      input_kind: "tabular",
      target: "y",
      split: { kind: "time", column: "day" },
    });
    expect(contract.split.dropped).toBe(15);
    expect(contract.notes).toHaveLength(2);
  });

  it("caps the sealed parts of large data", async () => {
    const rows = Array.from({ length: 150_000 }, (_, n) => `${n},${n % 2}`);
    const contract = await fix(await data(["x,y", ...rows]), classification);
    expect(contract.split.validation).toBeLessThanOrEqual(20_000);
    expect(contract.split.test).toBeLessThanOrEqual(20_000);
    expect(contract.split.test).toBeGreaterThan(19_900);
  });

  it("writes labels as one text each: 3.0 is 3, and True is true", async () => {
    const rows = Array.from({ length: 60 }, (_, n) => `${n},${n % 2}.0`);
    expect(await fix(await data(["x,y", ...rows]), classification, { session: "numbers" })).toMatchObject({
      classes: ["0", "1"],
      positive_class: "1",
    });
    const truths = Array.from({ length: 60 }, (_, n) => `${n},${n % 2 === 0 ? "True" : "False"}`);
    expect(await fix(await data(["x,y", ...truths]), classification, { session: "truths" })).toMatchObject({
      classes: ["false", "true"],
    });
    expect(Object.keys(counts(values((await parts("truths")).train, "y"))).sort()).toEqual(["false", "true"]);
  });

  it("keeps text with commas, quotes and line ends as it was", async () => {
    const rows = Array.from(
      { length: 40 },
      (_, n) => `"well, ""number ${n}"" is\na good one",${n % 2 === 0 ? "pos" : "neg"}`,
    );
    await fix(await data(["text,y", ...rows]), { ...classification, input_kind: "text" });
    const { train } = await parts();
    expect(values(train, "text")).toContain('well, "number 0" is\na good one');
  });

  it("copies images under their row ids: nothing that is sealed names a class", async () => {
    for (const label of ["cat", "dog"]) {
      await mkdir(join(folder, "images", label), { recursive: true });
      for (let n = 0; n < 20; n++)
        await writeFile(
          join(folder, "images", label, `${n}.PNG`),
          `\x89PNG\r\n\x1a\nIHDR${label}${n}IEND`,
          "latin1",
        );
    }
    const contract = await fix(join(folder, "images"), {
      task_type: "classification",
      input_kind: "image",
      target: "label",
    });
    expect(contract).toMatchObject({
      data: { kind: "images" },
      classes: ["cat", "dog"],
      split: { train: 24, validation: 8, test: 8 },
    });
    const { train, validation, test } = await parts();
    expect(train[0]?.file).toBe(`images/${train[0]?.row_id}.png`);
    const sealed = join(folder, "session", "lab", "sealed");
    expect((await readdir(join(sealed, "test_images"))).length).toBe(8);
    expect((await readdir(join(sealed, "validation_images"))).sort()).toEqual(
      validation.map((row) => `${row.row_id}.png`).sort(),
    );
    for (const row of test) {
      expect(await readFile(join(sealed, "test_images", `${row.row_id}.png`), "latin1")).toContain(row.label);
    }
    expect(await readdir(join(folder, "session", "workspace", "data", "images"))).toHaveLength(24);
  });

  it.runIf(canMount())("leaves nothing half-written on a full disk, and can be done again", async () => {
    const rows = Array.from({ length: 3000 }, (_, n) => `${n},${"some words ".repeat(20)}${n},${n % 2}`);
    const path = await data(["x,text,y", ...rows]);
    const disk = join(folder, "session");
    await mkdir(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=512k", "none", disk]);
    try {
      await expect(fix(path, classification)).rejects.toMatchObject({
        code: "disk/full",
        mend: expect.stringContaining("df -h"),
      });
      expect(await readContract(disk)).toBeNull();
      expect((await readdir(disk, { recursive: true })).sort()).toEqual([
        "lab",
        "lab/ledger.jsonl",
        "workspace",
      ]);
      execFileSync("mount", ["-o", "remount,size=8m", disk]);
      expect((await fix(path, classification)).split.train).toBe(1800);
    } finally {
      execFileSync("umount", ["-l", disk]);
    }
  });

  it("is done again when it was interrupted before the contract was written", async () => {
    const path = await data(sortedByClass());
    const contract = await fix(path, classification);
    await rm(join(folder, "session", "lab", "contract.json"));
    await writeFile(join(folder, "session", "workspace", "data", "left-over.csv"), "x");
    expect(await fix(path, classification)).toEqual(contract);
    expect(await readdir(join(folder, "session", "workspace", "data"))).toEqual(["task.json", "train.csv"]);
    const rows = (await readFile(join(folder, "session", "lab", "ledger.jsonl"), "utf8"))
      .trimEnd()
      .split("\n");
    expect(rows.map((line) => JSON.parse(line).kind)).toEqual(["genesis", "contract"]);
  });
});

describe("a contract is refused", () => {
  const cases: [
    string,
    string[],
    Partial<ContractProposal>,
    { code: string; mend?: string; message?: string },
  ][] = [
    [
      "without its target",
      ["x,Price", ...Array.from({ length: 30 }, (_, n) => `${n},${n % 3}`)],
      { target: "prise" },
      { code: "contract/target_missing", mend: 'Did you mean "Price"?' },
    ],
    [
      "when the target is constant",
      ["x,y", ...Array.from({ length: 30 }, (_, n) => `${n},same`)],
      {},
      { code: "contract/target_constant" },
    ],
    [
      "when the target is empty",
      ["x,y", ...Array.from({ length: 30 }, (_, n) => `${n},`)],
      {},
      { code: "contract/target_constant" },
    ],
    [
      "when a class has one member",
      ["x,y", ...Array.from({ length: 30 }, (_, n) => `${n},${n === 7 ? "lonely" : n % 2}`)],
      {},
      { code: "contract/rare_class", message: '"lonely"' },
    ],
    [
      "when the metric does not fit the task",
      sortedByClass(),
      { metric: "rmse" },
      { code: "contract/invalid", mend: "accuracy" },
    ],
    [
      "when f1 meets three classes",
      sortedByClass(),
      { metric: "f1" },
      { code: "contract/invalid", mend: "macro_f1" },
    ],
    [
      "when words are to be regressed",
      sortedByClass(),
      { task_type: "regression" },
      { code: "contract/invalid", mend: "classification" },
    ],
    [
      "when a quantity is to be classified",
      sortedByClass(),
      { target: "x" },
      { code: "contract/invalid", mend: "regression" },
    ],
    [
      "when an excluded column does not exist",
      sortedByClass(),
      { exclude: [{ column: "color", reason: "" }] },
      { code: "contract/target_missing", mend: "colour" },
    ],
    [
      "when everything is excluded",
      sortedByClass(),
      { exclude: ["x", "colour"].map((column) => ({ column, reason: "" })) },
      { code: "contract/invalid" },
    ],
    [
      "when the positive class is none",
      sortedByClass(),
      { positive_class: "z" },
      { code: "contract/invalid", mend: '"a"' },
    ],
    [
      "when the goal cannot be reached",
      sortedByClass(),
      { target_value: 97 },
      { code: "contract/invalid", mend: "0.97" },
    ],
    [
      "when time has no order",
      sortedByClass(),
      { split: { kind: "time", column: "colour" } },
      { code: "contract/invalid" },
    ],
    [
      "when there are two groups",
      sortedByClass(),
      { split: { kind: "grouped", column: "colour" } },
      { code: "contract/invalid", mend: "Three groups" },
    ],
    [
      "when a text task has no text",
      sortedByClass(),
      { input_kind: "text" },
      { code: "contract/invalid", mend: "text_column" },
    ],
    [
      "when a pixel is a word",
      sortedByClass(),
      { input_kind: "image" },
      { code: "contract/invalid", message: '"colour"' },
    ],
  ];

  it.each(cases)("%s, and nothing is left behind", async (_what, lines, change, expected) => {
    const error = await fix(await data(lines), { ...classification, ...change }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({
      code: expected.code,
      message: expect.stringContaining(expected.message ?? ""),
      mend: expect.stringContaining(expected.mend ?? ""),
    });
    expect(await readContract(join(folder, "session"))).toBeNull();
    await expect(stat(join(folder, "session", "workspace", "data"))).rejects.toThrow(/ENOENT/);
  });

  it("when one is fixed already", async () => {
    const path = await data(sortedByClass());
    await fix(path, classification);
    await expect(fix(path, { ...classification, metric: "macro_f1" })).rejects.toMatchObject({
      code: "contract/already_fixed",
    });
  });
});

describe("opening the validation rows", () => {
  it("gives them with their labels, and says so in the ledger once", async () => {
    await fix(await data(sortedByClass()), classification);
    const sessionDirectory = join(folder, "session");
    await using ledger = await openLedger({
      path: join(sessionDirectory, "lab", "ledger.jsonl"),
      home: join(folder, "home"),
      now: () => new Date(0),
    });
    const path = await openValidation({ sessionDirectory, ledger });
    expect(await table(path)).toEqual((await parts()).validation);
    await openValidation({ sessionDirectory, ledger });
    expect(ledger.rows.map(({ kind }) => kind)).toEqual(["genesis", "contract", "validation_opened"]);
  });

  it("needs a contract", async () => {
    await using ledger = await openLedger({
      path: join(folder, "ledger.jsonl"),
      home: folder,
      now: () => new Date(0),
    });
    await expect(openValidation({ sessionDirectory: folder, ledger })).rejects.toMatchObject({
      code: "contract/not_fixed",
    });
  });
});

function canMount(): boolean {
  try {
    execFileSync("sh", ["-c", "d=$(mktemp -d) && mount -t tmpfs none $d && umount $d && rmdir $d"], {
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  }
}
