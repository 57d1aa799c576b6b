import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { modelCatalog } from "./model-catalog.ts";

let modelsFolder: string;
beforeAll(async () => {
  modelsFolder = await mkdtemp(join(tmpdir(), "models-"));
  for (const file of [
    "one.gguf",
    "two.gguf",
    "big-00001-of-00002.gguf",
    "big-00002-of-00002.gguf",
    "notes.txt",
  ])
    await writeFile(join(modelsFolder, file), "");
});
afterAll(() => rm(modelsFolder, { recursive: true }));

const catalog = (folder: string | null = modelsFolder) =>
  modelCatalog({
    models: { two: { path: "/elsewhere/2.gguf", sequences: 1 } },
    modelsFolder: folder,
    defaults: { contextSize: 100, sequences: 3 },
    prefix: "llama",
  });

test("models are those of the configuration and of the folder; parts count as one", async () => {
  expect([...(await catalog().names())].sort()).toEqual(["big", "one", "two"]);
  expect(await catalog().find("one")).toEqual({
    path: join(modelsFolder, "one.gguf"),
    contextSize: 100,
    sequences: 3,
  });
  expect((await catalog().find("big")).path).toBe(join(modelsFolder, "big-00001-of-00002.gguf"));
});

test("the configuration goes before the folder, and its own settings before the general ones", async () => {
  expect(await catalog().find("two")).toEqual({ path: "/elsewhere/2.gguf", contextSize: 100, sequences: 1 });
});

test("a request cannot name a file by its path", async () => {
  for (const name of [
    join(modelsFolder, "one.gguf"),
    "../one",
    "./one",
    "one.gguf",
    "/etc/passwd",
    "toString",
  ]) {
    await expect(catalog().find(name)).rejects.toMatchObject({ code: "model_not_found", status: 404 });
  }
});

test("an unknown name is answered with those that exist, or with how to get one", async () => {
  await expect(catalog().find("three")).rejects.toMatchObject({
    message: "model: llama/three",
    mend: "There are `llama/two`, `llama/big`, `llama/one`.",
  });
  const empty = modelCatalog({ models: {}, modelsFolder: "/nowhere", defaults: {}, prefix: "llama" });
  await expect(empty.find("three")).rejects.toMatchObject({
    mend: "There is none yet: put a GGUF file into /nowhere.",
  });
});
