import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Published, publish, publishedFiles, testScore } from "./published.ts";
import { eventsOf, runCli, testHome } from "./run-cli.ts";

let home: Awaited<ReturnType<typeof testHome>>;
let done: Published;

beforeAll(async () => {
  home = await testHome();
  done = await publish(home.path, ["demo"]);
}, 300_000);
afterAll(() => home[Symbol.asyncDispose]());

test("digits are recognised with a verified accuracy of at least 0.97", () => {
  const score = testScore(done);
  expect(score.metric).toBe("accuracy");
  expect(score.value).toBeGreaterThanOrEqual(0.97);
  expect(score.interval[0]).toBeLessThan(score.value);
  expect(score.baseline.value).toBeLessThan(0.2);
});

test("the noise was measured with three seeds of one code before a winner was named", () => {
  expect(done.evaluations.some(({ replicates }) => (replicates?.runs ?? 0) >= 3)).toBe(true);
});

test("what is installed was looked up before code was written, and no call of the code is at odds with it", () => {
  const answers = eventsOf(done.result).flatMap((event) => (event.type === "tool_finished" ? [event] : []));
  const [kept, added, found] = answers.filter(({ name }) => name === "docs").map(({ content }) => content);
  expect(kept).toContain("Nothing is kept yet");
  expect(added).toMatch(/^scikit-learn: \d+ pages added/);
  expect(found).toMatch(/cross-validat/i);
  const checked = answers.find(({ name }) => name === "installed_api")?.content.split("\n") ?? [];
  expect(checked.length).toBeGreaterThan(10);
  for (const line of checked) expect(line).toMatch(/^recipes\/\w+\.py: \d+ calls? held .* no problem found/);
});

test("tool calls stream: arguments arrive in pieces before the call is complete", () => {
  const deltas = eventsOf(done.result).filter(
    (event) => event.type === "tool_input_delta" && event.name === "write",
  );
  expect(deltas.length).toBeGreaterThan(20);
});

test("the release holds weights in a safe format, code, lock, evidence and a card with ledger rows", async () => {
  const { paths, read } = await publishedFiles(home.path, done.release.repo);
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
  const { read } = await publishedFiles(home.path, done.release.repo);
  const ledger = await read("ledger.jsonl");
  const path = join(home.path, "ledger.jsonl");
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
  const id = eventsOf(done.result).find((event) => event.type === "session_created")!.id;
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
