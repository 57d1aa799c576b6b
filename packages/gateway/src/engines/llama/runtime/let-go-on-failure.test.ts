import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { writeTinyGguf } from "@ml-intern/testkit";
import { expect, onTestFinished, test } from "vitest";
import { within } from "../../../streaming/within.ts";
import { letGoOnFailure } from "./let-go-on-failure.ts";
import { openLlamaRuntime } from "./llama-runtime.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Until what nobody refers to is gone, and those who wanted to know have been told. */
async function forgetTheUnused(): Promise<void> {
  for (let round = 0; round < 5; round++) {
    collectGarbage();
    await setImmediate();
  }
}

async function tinyModel(metadata: Record<string, string> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "let-go-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "tiny.gguf");
  await writeTinyGguf(path, { metadata });
  return path;
}

test("llama.cpp ends although a model could not be loaded", async () => {
  const modelPath = await tinyModel({ "general.architecture": "alien" });
  const { llama, close } = await openLlamaRuntime({ threads: 1, log: () => {} });
  onTestFinished(close);
  await expect(letGoOnFailure(llama, () => llama.loadModel({ modelPath }))).rejects.toThrow("Failed to load");
  await forgetTheUnused();
  expect(await within(llama.dispose(), 1_000)).not.toBeNull();
});

test("a model can be freed although no context could be made, and others of its kind go on", async () => {
  const modelPath = await tinyModel();
  const { llama, close } = await openLlamaRuntime({ threads: 1, log: () => {} });
  onTestFinished(close);
  const other = await letGoOnFailure(llama, () => llama.loadModel({ modelPath }));
  const model = await letGoOnFailure(llama, () => llama.loadModel({ modelPath }));
  const impossible = {
    contextSize: 256,
    flashAttention: false,
    experimentalKvCacheValueType: "Q8_0",
  } as const;
  const made = letGoOnFailure(model, () =>
    model.createContext({ ...impossible, failedCreationRemedy: false }),
  );
  await expect(made).rejects.toThrow("Failed to create context");
  await forgetTheUnused();
  expect(await within(model.dispose(), 1_000)).not.toBeNull();
  expect(other.tokenize("alive")).not.toEqual([]);
  await other.dispose();
  expect(await within(llama.dispose(), 1_000)).not.toBeNull();
});
