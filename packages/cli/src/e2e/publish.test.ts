import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadFile, listFiles } from "@huggingface/hub";
import { createHub } from "@ml-intern/hub";
import type { EvaluationRecord, ReleaseRecord } from "@ml-intern/intern";
import { type Contract, provisionEnvironment, type RunRecord } from "@ml-intern/lab";
import { exportData, packagedData } from "@ml-intern/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CliResult, eventsOf, recordsOf, runCli, testHome } from "./run-cli.ts";

let home: Awaited<ReturnType<typeof testHome>>;
let folder: string;
let python: string;
let packaged: string | null;

beforeAll(async () => {
  home = await testHome();
  folder = await mkdtemp(join(tmpdir(), "publish-"));
  packaged = await packagedData();
  python = (await provisionEnvironment({ name: "base", home: home.path })).python;
}, 300_000);
afterAll(() => home[Symbol.asyncDispose]());

interface Published {
  readonly result: CliResult;
  readonly contract: Contract;
  readonly runs: readonly RunRecord[];
  readonly evaluations: readonly EvaluationRecord[];
  readonly release: ReleaseRecord;
}

async function publish(task: string, args: readonly string[]): Promise<Published> {
  const result = await runCli([task, "--model", "recipes/default", "--json", ...args], { home: home.path });
  const events = eventsOf(result);
  const finished = events.findLast((event) => event.type === "turn_finished");
  expect(finished, result.stderr).toMatchObject({ outcome: "published", cause: null });
  expect(result.code).toBe(0);
  const [contract] = recordsOf<Contract>(events, "contract");
  const [release] = recordsOf<ReleaseRecord>(events, "release");
  if (contract === undefined || release === undefined) throw new Error("no contract or release was recorded");
  const evaluations = recordsOf<EvaluationRecord>(events, "evaluation");
  return { result, contract, release, evaluations, runs: recordsOf<RunRecord>(events, "run") };
}

function testScore({ evaluations }: Published): EvaluationRecord["scores"][number] {
  const scores = evaluations.flatMap((evaluation) => evaluation.scores).filter(({ set }) => set === "test");
  expect(scores).toHaveLength(1);
  const [score] = scores;
  if (score === undefined) throw new Error("no test score");
  return score;
}

/** The published files as a client of the hub sees them. */
async function published(repo: string): Promise<{ paths: string[]; read(path: string): Promise<string> }> {
  const hub = createHub({ root: join(home.path, "hub") });
  const access = {
    repo,
    hubUrl: "http://hub.test",
    fetch: (async (input, init) => hub.fetch(new Request(input, init))) as typeof fetch,
  };
  const paths: string[] = [];
  for await (const file of listFiles({ ...access, recursive: true }))
    if (file.type === "file") paths.push(file.path);
  const read = async (path: string): Promise<string> =>
    (await downloadFile({ ...access, path }))?.text() ?? "";
  return { paths, read };
}

describe("handwritten digits", () => {
  let done: Published;
  let demo: CliResult;

  beforeAll(async () => {
    demo = await runCli(["demo", "--json"], { home: home.path });
    const events = eventsOf(demo);
    done = {
      result: demo,
      contract: recordsOf<Contract>(events, "contract")[0]!,
      release: recordsOf<ReleaseRecord>(events, "release")[0]!,
      evaluations: recordsOf<EvaluationRecord>(events, "evaluation"),
      runs: recordsOf<RunRecord>(events, "run"),
    };
  }, 300_000);

  test("are recognised with a verified accuracy of at least 0.97", () => {
    expect(demo.code, demo.stderr).toBe(0);
    const score = testScore(done);
    expect(score.metric).toBe("accuracy");
    expect(score.value).toBeGreaterThanOrEqual(0.97);
    expect(score.interval[0]).toBeLessThan(score.value);
    expect(score.baseline.value).toBeLessThan(0.2);
  });

  test("the noise was measured with three seeds of one code before a winner was named", () => {
    expect(done.evaluations.some(({ replicates }) => (replicates?.runs ?? 0) >= 3)).toBe(true);
  });

  test("tool calls stream: arguments arrive in pieces before the call is complete", () => {
    const deltas = eventsOf(demo).filter(
      (event) => event.type === "tool_input_delta" && event.name === "write",
    );
    expect(deltas.length).toBeGreaterThan(20);
  });

  test("the release holds weights in a safe format, code, lock, evidence and a card with ledger rows", async () => {
    const { paths, read } = await published(done.release.repo);
    for (const path of [
      "README.md",
      "model/predict.py",
      "environment.lock.txt",
      "contract.json",
      "metrics.json",
      "ledger.jsonl",
    ]) {
      expect(paths).toContain(path);
    }
    expect(paths.some((path) => /^model\/.*\.(onnx|skops|safetensors)$/.test(path))).toBe(true);
    expect(paths.some((path) => path.startsWith("code/") && path.endsWith(".py"))).toBe(true);
    expect(paths.filter((path) => /^plots\/verified-.*\.png$/.test(path)).length).toBeGreaterThanOrEqual(2);
    expect(paths.filter((path) => /\.(pkl|pickle|joblib|pt)$/.test(path))).toEqual([]);
    const card = await read("README.md");
    expect(card).toContain("model-index:");
    expect(card).toContain(`#${testScore(done).ledger_seq}`);
  });

  test("the published ledger proves itself to a stranger, and a changed one does not", async () => {
    const { read } = await published(done.release.repo);
    const ledger = await read("ledger.jsonl");
    const path = join(folder, "ledger.jsonl");
    await writeFile(path, ledger);
    expect(await runCli(["ledger", "verify", path], { home: home.path })).toMatchObject({ code: 0 });
    await writeFile(path, ledger.replace(/"value":0\.9\d+/, '"value":0.9999'));
    expect(await runCli(["ledger", "verify", path], { home: home.path })).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/line \d+/),
    });
    expect(await runCli(["ledger", "verify"], { home: home.path })).toMatchObject({ code: 0 });
  });

  test("no sealed row lies in the workspace with its label", async () => {
    const id = eventsOf(demo).find((event) => event.type === "session_created")!.id;
    const sealed = await readFile(join(home.path, "sessions", id, "lab/sealed/test.csv"), "utf8");
    const train = await readFile(join(home.path, "sessions", id, "workspace/data/train.csv"), "utf8");
    const ids = (text: string): string[] =>
      text
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split(",")[0] ?? "");
    const trained = new Set(ids(train));
    expect(ids(sealed).length).toBe(done.contract.split.test);
    expect(ids(sealed).filter((row) => trained.has(row))).toEqual([]);
  });

  test("the session is listed as published", async () => {
    const { stdout } = await runCli(["sessions"], { home: home.path });
    expect(stdout).toMatch(/published.*✔ accuracy 0\.9/);
  });
});

test("regression with missing values, dates and categories: film ratings", async (context) => {
  if (packaged === null) return context.skip("no registry");
  const done = await publish("Predict the IMDB Rating of a film", [
    "--data",
    join(packaged, "movies.json"),
    "--target",
    "IMDB Rating",
  ]);
  const score = testScore(done);
  expect(done.contract.task_type).toBe("regression");
  expect(score.value).toBeLessThan(score.baseline.value);
  expect(done.release.reloaded.agrees).toBe(true);
}, 300_000);

test("classification with missing values and categories: penguins", async (context) => {
  if (packaged === null) return context.skip("no registry");
  const done = await publish("Classify penguins by species", ["--data", join(packaged, "penguins.json")]);
  expect(done.contract).toMatchObject({ task_type: "classification", target: "Species" });
  expect(testScore(done).value).toBeGreaterThan(0.9);
}, 300_000);

test("more than 10,000 rows: which kind of habitat a species' record names", async (context) => {
  if (packaged === null) return context.skip("no registry");
  const done = await publish("Predict the delay of a flight", [
    "--data",
    join(packaged, "flights-20k.json"),
    "--target",
    "delay",
  ]);
  const score = testScore(done);
  expect(done.contract.data.rows).toBeGreaterThan(10_000);
  expect(score.value).toBeLessThan(score.baseline.value);
}, 300_000);

test("text: which library a paragraph of documentation comes from", async () => {
  const data = join(folder, "docs.csv");
  await exportData({ script: "export_docstrings.py", python, into: data });
  const done = await publish("Classify the text by library", ["--data", data]);
  expect(done.contract).toMatchObject({ input_kind: "text", text_column: "text", target: "library" });
  expect(testScore(done).value).toBeGreaterThan(testScore(done).baseline.value + 0.2);
}, 300_000);

test("a folder of images by class", async () => {
  const data = join(folder, "digit images");
  await exportData({ script: "export_digit_images.py", python, into: data });
  const done = await publish("Learn to tell these pictures apart", ["--data", data]);
  expect(done.contract).toMatchObject({ input_kind: "image", data: { kind: "images" } });
  expect(testScore(done).value).toBeGreaterThan(0.9);
}, 300_000);
