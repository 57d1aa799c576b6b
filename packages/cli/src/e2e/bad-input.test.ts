import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT } from "../exit-code.ts";
import { runCli, testHome } from "./run-cli.ts";

let home: Awaited<ReturnType<typeof testHome>>;
let folder: string;

beforeAll(async () => {
  home = await testHome();
  folder = await mkdtemp(join(tmpdir(), "bad-input-"));
});
afterAll(() => home[Symbol.asyncDispose]());

const rows = (count: number, row: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `${row(index)}\n`).join("");

const FINE = `a,b,y\n${rows(60, (i) => `${(i * 13) % 17},${(i * 7) % 11},${i % 2}`)}`;

/** Name, content, further arguments, what the person must read. */
const files: readonly (readonly [string, string | Uint8Array, readonly string[], RegExp])[] = [
  ["empty.csv", "", [], /empty/i],
  ["header-only.csv", "a,b,y\n", ["--target", "y"], /row/i],
  ["binary.csv", Uint8Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256), [], /text|binary/i],
  ["five-rows.csv", `a,y\n${rows(5, (i) => `${i},${i % 2}`)}`, ["--target", "y"], /5 rows/],
  [
    "no-target.csv",
    `a,b,label\n${rows(60, (i) => `${i},${i * 2},${i % 2}`)}`,
    ["--target", "labels"],
    /labels.*|did you mean/is,
  ],
  [
    "constant.csv",
    `a,b,y\n${rows(60, (i) => `${i},${(i * 7) % 11},same`)}`,
    ["--target", "y"],
    /one value|constant|same/i,
  ],
  [
    "rare.csv",
    `a,b,y\n${rows(60, (i) => `${i},${(i * 7) % 11},${i === 30 ? "lonely" : i % 2 === 0 ? "x" : "z"}`)}`,
    ["--target", "y"],
    /lonely/,
  ],
  [
    "ragged.csv",
    `a,b,y\n${rows(40, (i) => `${i},1,${i % 2}`)}1,2,3,4,5,6\n${rows(40, (i) => `${i},1,${i % 2}`)}`,
    ["--target", "y"],
    /line 42|42/,
  ],
];

test.each(files)(
  "%s ends with a clear cause, a mend and exit code 2",
  async (name, content, args, message) => {
    const path = join(folder, name);
    await writeFile(path, content);
    const result = await runCli(["Predict y", "--data", path, "--model", "recipes/default", ...args], {
      home: home.path,
    });
    expect(result.stdout + result.stderr).toMatch(message);
    expect(result.code).toBe(EXIT.badInput);
  },
);

test("a file that does not exist is named", async () => {
  const result = await runCli(
    ["Predict y", "--data", join(folder, "nowhere.csv"), "--model", "recipes/default"],
    { home: home.path },
  );
  expect(result.stdout + result.stderr).toMatch(/nowhere\.csv/);
  expect(result.code).toBe(EXIT.badInput);
});

test("a task without data says how to give some", async () => {
  const result = await runCli(["Train something"], { home: home.path });
  expect(result).toMatchObject({ code: EXIT.badInput, stderr: expect.stringContaining("--data") });
});

test("an empty folder holds no images, and says what it should hold", async () => {
  const path = join(folder, "pictures");
  await mkdir(path);
  const result = await runCli(["Sort the pictures", "--data", path, "--model", "recipes/default"], {
    home: home.path,
  });
  expect(result.stdout + result.stderr).toMatch(/image/i);
  expect(result.code).toBe(EXIT.badInput);
});

test("budget 0, an unknown option and a task without quotes are refused before anything happens", async () => {
  for (const args of [
    ["t", "--budget-usd", "0"],
    ["t", "--dat", "x"],
    ["Train", "me"],
  ]) {
    expect((await runCli(args, { home: home.path })).code).toBe(EXIT.badInput);
  }
});

test("an unknown engine or model names those there are", async () => {
  const data = join(folder, "no-target.csv");
  await writeFile(data, FINE);
  const engine = await runCli(["t", "--data", data, "--model", "gpt9/x"], { home: home.path });
  expect(engine).toMatchObject({ code: EXIT.badInput, stderr: expect.stringMatching(/gpt9.*recipes/s) });
  const model = await runCli(["t", "--data", data, "--model", "recipes/clever"], { home: home.path });
  expect(model).toMatchObject({ code: EXIT.badInput, stderr: expect.stringContaining("recipes/default") });
});

test("an endpoint that is down, or answers nonsense, is named with its address and exit code 5", async () => {
  const data = join(folder, "fine.csv");
  await writeFile(data, FINE);
  const down = await runCli(["t", "--data", data, "--model", "openai/m"], {
    home: home.path,
    env: { OPENAI_BASE_URL: "http://127.0.0.1:9/v1" },
  });
  expect(down).toMatchObject({ code: EXIT.environment, stderr: expect.stringContaining("127.0.0.1:9") });

  const server = createServer((_, response) => response.end("<html>Welcome to my router</html>"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const nonsense = await runCli(["t", "--data", data, "--model", "openai/m"], {
    home: home.path,
    env: { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` },
  });
  server.close();
  expect(nonsense).toMatchObject({
    code: EXIT.environment,
    stderr: expect.stringContaining(`127.0.0.1:${port}`),
  });
});

test("no python3 is said with its mend", async () => {
  await using bare = await testHome();
  const data = join(folder, "fine2.csv");
  await writeFile(data, FINE);
  const result = await runCli(["Predict y", "--data", data, "--model", "recipes/default"], {
    home: bare.path,
    env: { ML_INTERN_PYTHON: "/nowhere/python3" },
  });
  expect(result.stdout + result.stderr).toMatch(/python/i);
  expect(result.code).toBe(EXIT.environment);
});

test("a session, a ledger or a hub token that is not there is said plainly", async () => {
  expect(await runCli(["resume", "20200101-000000-abcdef"], { home: home.path })).toMatchObject({
    code: EXIT.badInput,
  });
  expect(await runCli(["ledger", "verify", "nothing"], { home: home.path })).toMatchObject({
    code: EXIT.badInput,
  });
  const data = join(folder, "fine3.csv");
  await writeFile(data, FINE);
  expect(
    await runCli(["t", "--data", data, "--hub", "hf", "--model", "recipes/default"], { home: home.path }),
  ).toMatchObject({
    stderr: expect.stringContaining("HF_TOKEN"),
  });
});
