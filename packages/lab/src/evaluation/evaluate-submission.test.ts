import { createHash } from "node:crypto";
import { appendFile, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Contract } from "../contract/contract.ts";
import type { TrainSummary } from "../contract/seal-rows.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { openLedger } from "../ledger/open-ledger.ts";
import { compareScores } from "./compare-scores.ts";
import { evaluateSubmission, type Predict } from "./evaluate-submission.ts";
import { plotData } from "./plot-data.ts";
import { repeatEvaluation } from "./repeat-evaluation.ts";
import { replicates } from "./replicates.ts";
import type { Score } from "./score.ts";

const ROWS = 60;
const signal = new AbortController().signal;
const contract = {
  data: { name: "d.csv", sha256: "s", rows: 100, kind: "table" },
  task_type: "classification",
  target: "y",
  classes: ["cat", "dog"],
  positive_class: "dog",
  metric: "accuracy",
  direction: "maximize",
  split: { seed: 5 },
  queries: { validation: 3, test: 1 },
} as unknown as Contract;

let labDirectory: string;
let ledger: Ledger;
const truth = (row: number): string => (row % 3 === 0 ? "dog" : "cat");

beforeEach(async () => {
  const home = await mkdtemp(join(tmpdir(), "evaluate-"));
  labDirectory = join(home, "lab");
  await mkdir(join(labDirectory, "sealed"), { recursive: true });
  for (const set of ["validation", "test"]) {
    const lines = Array.from({ length: ROWS }, (_, row) => `${set[0]}${row},"a, ""b""",${truth(row)},${row}`);
    await writeFile(join(labDirectory, "sealed", `${set}.csv`), `row_id,words,y,x\n${lines.join("\n")}\n`);
  }
  await keepSummary({
    kind: "classes",
    counts: [
      { value: "cat", count: 30 },
      { value: "dog", count: 10 },
    ],
  });
  ledger = await openLedger({ path: join(labDirectory, "ledger.jsonl"), home, now: () => new Date() });
  await recordSealed();
});
afterEach(() => ledger[Symbol.asyncDispose]());

/** The ledger row by which the evaluator knows what was sealed. */
async function recordSealed(): Promise<void> {
  const digest = async (name: string): Promise<string> =>
    createHash("sha256")
      .update(await readFile(join(labDirectory, "sealed", name)))
      .digest("hex");
  await ledger.append("contract", {
    sealed_sha256: {
      validation: await digest("validation.csv"),
      test: await digest("test.csv"),
      train_summary: await digest("train_summary.json"),
    },
  });
}

async function keepSummary(summary: TrainSummary): Promise<void> {
  await writeFile(join(labDirectory, "sealed/train_summary.json"), JSON.stringify(summary));
}

/** A model that is wrong on the first `errors` rows. */
function wrongOn(errors: number): Predict {
  return async ({ csv }) => {
    const ids = (await readFile(csv, "utf8"))
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",")[0] ?? "");
    const predict = (row: number): string =>
      row < errors ? (truth(row) === "cat" ? "dog" : "cat") : truth(row);
    return {
      text: `row_id,prediction\n${ids
        .map((id, row) => `${id},${predict(row)}`)
        .reverse()
        .join("\n")}\n`,
    };
  };
}

async function submit(
  run: string,
  predict: Predict,
  options: { set?: "validation" | "test"; seed?: number; code?: string; model?: string; key?: string } = {},
): Promise<Score> {
  const { set = "validation", seed = 0, code = run, model = run, key = `call:${run}:${set}` } = options;
  const modelDirectory = join(labDirectory, "models", run);
  await mkdir(modelDirectory, { recursive: true });
  await writeFile(join(modelDirectory, "predict.py"), model);
  return evaluateSubmission({
    labDirectory,
    contract,
    run: { id: run, seed, code_sha256: code },
    modelDirectory,
    set,
    key,
    predict,
    ledger,
    signal,
  });
}

test("a score carries value, interval, baseline from the training labels, and its ledger row", async () => {
  const score = await submit("run_1", wrongOn(6));
  expect(score).toMatchObject({
    value: 0.9,
    rows: ROWS,
    baseline: { name: 'always "cat"', value: 40 / 60 },
    queries_left: 2,
    run: "run_1",
  });
  expect(score.interval[0]).toBeLessThan(0.9);
  expect(score.interval[1]).toBeGreaterThan(0.9);
  expect(ledger.rows[score.ledger_seq]).toMatchObject({ kind: "score", body: { value: 0.9 } });
});

test("the model sees no label, and the other columns as they are", async () => {
  let input = "";
  await submit("run_1", async (rows, signal) => {
    input = await readFile(rows.csv, "utf8");
    return wrongOn(0)(rows, signal);
  });
  expect(input.split("\n")[0]).toBe("row_id,words,x");
  expect(input.split("\n")[1]).toBe('v0,"a, ""b""",0');
  expect(input).not.toMatch(/cat|dog/);
});

test("the same submission, and the same model again, give the recorded score and spend nothing", async () => {
  const never: Predict = async () => {
    throw new Error("asked again");
  };
  const first = await submit("run_1", wrongOn(6), { key: "k" });
  expect(await submit("run_1", never, { key: "k" })).toEqual(first);
  expect(await submit("run_1", never, { key: "other" })).toEqual(first);
  const twin = await submit("run_2", never, { model: "run_1", seed: 1, code: "run_1" });
  expect(twin).toMatchObject({ value: first.value, run: "run_2", seed: 1, queries_left: 2 });
  expect(replicates([first, twin])).toEqual({ runs: 2, mean: 0.9, sd: 0 });
});

test("the query budget ends before anything is predicted, and test answers once", async () => {
  for (const run of ["run_1", "run_2", "run_3"]) await submit(run, wrongOn(1));
  let asked = false;
  const spy: Predict = async (input, signal) => {
    asked = true;
    return wrongOn(0)(input, signal);
  };
  await expect(submit("run_4", spy)).rejects.toMatchObject({ code: "evaluation/budget_exhausted" });
  expect(asked).toBe(false);
  expect((await submit("run_1", wrongOn(2), { set: "test" })).queries_left).toBe(0);
  await expect(submit("run_2", spy, { set: "test" })).rejects.toMatchObject({
    code: "evaluation/budget_exhausted",
  });
});

test("once the validation labels are opened, validation answers no new model", async () => {
  const known = await submit("run_1", wrongOn(6));
  await ledger.append("validation_opened", {});
  await expect(submit("run_2", wrongOn(0))).rejects.toMatchObject({
    code: "evaluation/budget_exhausted",
    message: /closed/,
  });
  expect((await submit("run_1", wrongOn(6), { key: "again" })).ledger_seq).toBe(known.ledger_seq);
});

test.each([
  ["row_id,prediction\nv0,cat\n", /59 rows have no prediction.*"v1"/],
  ["row_id,prediction\nv0,cat\nv0,cat\n", /Line 3.*second time/],
  ["row_id,prediction\nzz,cat\n", /"zz", which is not in the input/],
  ["id,prediction\nv0,cat\n", /no column "row_id"/],
  [
    `row_id,prediction\n${Array.from({ length: ROWS }, (_, row) => `v${row},bird`).join("\n")}`,
    /"v0" is predicted as "bird"/,
  ],
  [
    `row_id,prediction,p_cat\n${Array.from({ length: ROWS }, (_, row) => `v${row},cat,1`).join("\n")}`,
    /none for the class "dog"/,
  ],
  [
    `row_id,prediction,p_cat,p_dog\n${Array.from({ length: ROWS }, (_, row) => `v${row},cat,1,nan`).join("\n")}`,
    /"nan" as p_dog/,
  ],
  ["", /no column "row_id"/],
])(
  "predictions %j are refused with the offending row; no query is spent and the attempt is on record",
  async (text, message) => {
    await expect(submit("run_1", async () => ({ text }))).rejects.toMatchObject({
      code: "evaluation/invalid_predictions",
      message,
    });
    expect(ledger.rows.at(-1)).toMatchObject({ kind: "failed_evaluation", body: { run: "run_1" } });
    expect((await submit("run_1", wrongOn(0))).queries_left).toBe(2);
  },
);

test("a clear gain is better; one within the interval or within the noise is not", async () => {
  const good = await submit("run_1", wrongOn(0));
  const bad = await submit("run_2", wrongOn(24));
  const near = await submit("run_3", wrongOn(1));
  const compare = (a: Score, b: Score, noise: number | null) =>
    compareScores({ labDirectory, contract, a, b, noise, signal });
  expect(await compare(good, bad, 0.01)).toMatchObject({ verdict: "better", difference: 0.4 });
  expect(await compare(bad, good, null)).toMatchObject({ verdict: "worse", difference: -0.4 });
  expect(await compare(good, near, null)).toMatchObject({ verdict: "indistinguishable" });
  expect(await compare(good, bad, 0.3)).toMatchObject({ verdict: "indistinguishable", reason: /noise/ });
});

test("rows of one group are drawn together, so the interval is as wide as the groups make it", async () => {
  const independent = await submit("run_1", wrongOn(10));
  const groups = Array.from({ length: ROWS }, (_, row) => `v${row},patient ${Math.floor(row / 10)}`);
  await writeFile(join(labDirectory, "sealed/groups.csv"), `row_id,group\n${groups.join("\n")}\n`);
  const grouped = { ...contract, split: { ...contract.split, kind: "grouped" } } as Contract;
  const modelDirectory = join(labDirectory, "models", "run_2");
  await mkdir(modelDirectory, { recursive: true });
  await writeFile(join(modelDirectory, "predict.py"), "run_2");
  const run = { id: "run_2", seed: 0, code_sha256: "run_2" };
  const together = await evaluateSubmission({
    labDirectory,
    contract: grouped,
    run,
    modelDirectory,
    set: "validation",
    key: "grouped",
    predict: wrongOn(10),
    ledger,
    signal,
  });
  const width = ({ interval: [low, high] }: Score): number => high - low;
  expect(together.value).toBe(independent.value);
  expect(width(together)).toBeGreaterThan(1.5 * width(independent));
});

test("where lower is better, a smaller loss is a positive difference", async () => {
  const regression = {
    ...contract,
    task_type: "regression",
    classes: null,
    metric: "rmse",
    direction: "minimize",
    target: "x",
  } as Contract;
  await keepSummary({ kind: "quantity", mean: 20, median: 19 });
  await recordSealed();
  const off =
    (by: number): Predict =>
    async () => ({
      text: `row_id,prediction\n${Array.from({ length: ROWS }, (_, row) => `v${row},${row + by * (row % 2 === 0 ? 1 : 0.5)}`).join("\n")}\n`,
    });
  const score = async (run: string, by: number): Promise<Score> => {
    const modelDirectory = join(labDirectory, "models", run);
    await mkdir(modelDirectory, { recursive: true });
    await writeFile(join(modelDirectory, "predict.py"), run);
    return evaluateSubmission({
      labDirectory,
      contract: regression,
      run: { id: run, seed: 0, code_sha256: run },
      modelDirectory,
      set: "validation",
      key: run,
      predict: off(by),
      ledger,
      signal,
    });
  };
  const [close, far] = [await score("run_8", 1), await score("run_9", 5)];
  expect(
    await compareScores({ labDirectory, contract: regression, a: close, b: far, noise: null, signal }),
  ).toMatchObject({ verdict: "better" });
  expect((await plotData({ labDirectory, score: far })).kind).toBe("regression");
});

test("a model that predicts otherwise the second time is found out", async () => {
  const score = await submit("run_1", wrongOn(3));
  const again = (predict: Predict) => repeatEvaluation({ labDirectory, contract, score, predict, signal });
  expect(await again(wrongOn(3))).toEqual({ rows: ROWS, agrees: true });
  expect(await again(wrongOn(4))).toEqual({ rows: ROWS, agrees: false });
});

test("plots get counts that add up", async () => {
  const plots = await plotData({ labDirectory, score: await submit("run_1", wrongOn(6)) });
  if (plots.kind !== "classification") throw new Error("wrong kind");
  expect(plots.confusion).toEqual([
    [36, 4],
    [2, 18],
  ]);
  expect(plots.per_class[1]).toMatchObject({ class: "dog", rows: 20, recall: 0.9 });
});

test("two submissions at once cannot spend the same last query", async () => {
  for (const run of ["run_1", "run_2"]) await submit(run, wrongOn(1));
  const both = await Promise.allSettled([submit("run_3", wrongOn(2)), submit("run_4", wrongOn(3))]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(both.find(({ status }) => status === "rejected")).toMatchObject({
    reason: { code: "evaluation/budget_exhausted" },
  });
});

test("nothing is scored on sealed rows that somebody has changed", async () => {
  await appendFile(join(labDirectory, "sealed", "validation.csv"), "v99,x,cat,1\n");
  await expect(submit("run_1", wrongOn(0))).rejects.toMatchObject({
    code: "evaluation/failed",
    message: expect.stringContaining("not what was sealed"),
  });
  expect((await submit("run_1", wrongOn(0), { set: "test" })).value).toBe(1);
});

test("a model that changes while it predicts is not scored, and spends nothing", async () => {
  const swaps: Predict = async (input, signal) => {
    await writeFile(join(labDirectory, "models", "run_1", "predict.py"), "another model");
    return wrongOn(0)(input, signal);
  };
  await expect(submit("run_1", swaps)).rejects.toMatchObject({ code: "evaluation/failed" });
  expect((await submit("run_2", wrongOn(0))).queries_left).toBe(2);
});

test("a run without a model is refused with what is missing", async () => {
  const options = {
    labDirectory,
    contract,
    set: "validation",
    key: "k",
    predict: wrongOn(0),
    ledger,
    signal,
  } as const;
  await expect(
    evaluateSubmission({
      ...options,
      run: { id: "r", seed: 0, code_sha256: "c" },
      modelDirectory: join(labDirectory, "none"),
    }),
  ).rejects.toMatchObject({ code: "evaluation/no_model", mend: expect.stringContaining("predict.py") });
});

test("an interrupt leaves neither score nor failure behind", async () => {
  const controller = new AbortController();
  const modelDirectory = join(labDirectory, "models", "run_1");
  await mkdir(modelDirectory, { recursive: true });
  await writeFile(join(modelDirectory, "predict.py"), "x");
  const rows = ledger.rows.length;
  await expect(
    evaluateSubmission({
      labDirectory,
      contract,
      run: { id: "run_1", seed: 0, code_sha256: "c" },
      modelDirectory,
      set: "validation",
      key: "k",
      predict: async () => {
        controller.abort(new Error("stopped by the person"));
        throw new Error("killed");
      },
      ledger,
      signal: controller.signal,
    }),
  ).rejects.toThrow("stopped by the person");
  expect(ledger.rows).toHaveLength(rows);
});
