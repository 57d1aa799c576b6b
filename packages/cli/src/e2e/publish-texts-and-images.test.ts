import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { provisionEnvironment } from "@ml-intern/lab";
import { exportData } from "@ml-intern/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { publish, testScore } from "./published.ts";
import { testHome } from "./run-cli.ts";

let home: Awaited<ReturnType<typeof testHome>>;
let folder: string;
let python: string;

beforeAll(async () => {
  home = await testHome();
  folder = await mkdtemp(join(tmpdir(), "publish-"));
  python = (await provisionEnvironment({ name: "base", home: home.path })).python;
}, 300_000);
afterAll(() => home[Symbol.asyncDispose]());

test("text: which library a paragraph of documentation comes from", async () => {
  const data = join(folder, "docs.csv");
  await exportData({ script: "export_docstrings.py", python, into: data });
  const done = await publish(home.path, ["Classify the text by library", "--data", data]);
  expect(done.contract).toMatchObject({ input_kind: "text", text_column: "text", target: "library" });
  expect(testScore(done).value).toBeGreaterThan(testScore(done).baseline.value + 0.2);
}, 300_000);

test("a folder of images by class", async () => {
  const data = join(folder, "digit images");
  await exportData({ script: "export_digit_images.py", python, into: data });
  const done = await publish(home.path, ["Learn to tell these pictures apart", "--data", data]);
  expect(done.contract).toMatchObject({ input_kind: "image", data: { kind: "images" } });
  expect(testScore(done).value).toBeGreaterThan(0.9);
}, 300_000);
