import { join } from "node:path";
import { packagedData } from "@ml-intern/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { publish, testScore } from "./published.ts";
import { testHome } from "./run-cli.ts";

let home: Awaited<ReturnType<typeof testHome>>;
let packaged: string | null;

beforeAll(async () => {
  home = await testHome();
  packaged = await packagedData();
}, 300_000);
afterAll(() => home[Symbol.asyncDispose]());

test("regression with missing values, dates and categories: film ratings", async (context) => {
  if (packaged === null) return context.skip("no registry, so no data");
  const done = await publish(home.path, [
    "Predict the IMDB Rating of a film",
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
  if (packaged === null) return context.skip("no registry, so no data");
  const done = await publish(home.path, [
    "Classify penguins by species",
    "--data",
    join(packaged, "penguins.json"),
  ]);
  expect(done.contract).toMatchObject({ task_type: "classification", target: "Species" });
  expect(testScore(done).value).toBeGreaterThan(0.9);
}, 300_000);

test("more than 10,000 rows, with dates: how late flights are", async (context) => {
  if (packaged === null) return context.skip("no registry, so no data");
  const done = await publish(home.path, [
    "Predict the delay of a flight",
    "--data",
    join(packaged, "flights-20k.json"),
    "--target",
    "delay",
  ]);
  const score = testScore(done);
  expect(done.contract.data.rows).toBeGreaterThan(10_000);
  expect(score.value).toBeLessThan(score.baseline.value);
}, 300_000);
