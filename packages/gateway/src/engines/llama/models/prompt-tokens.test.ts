import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PackagedModel, packagedModel, writeTinyGguf } from "@ml-intern/testkit";
import type { LlamaModel } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomNumbers } from "../grammar/testing/random-numbers.ts";
import { type LlamaRuntime, openLlamaRuntime } from "../runtime/llama-runtime.ts";
import { type Block, isShort, longestBlock } from "../testing/longest-block.ts";
import { promptTokens } from "./prompt-tokens.ts";
import { randomText } from "./testing/random-texts.ts";

/** More of them with `PROMPT_TEXTS=1000 npx vitest run prompt-tokens`. */
const TEXTS = Number(process.env.PROMPT_TEXTS ?? 15);
const signal = new AbortController().signal;

let folder: string;
let runtime: LlamaRuntime;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "prompt-tokens-"));
  runtime = await openLlamaRuntime({ threads: 1, log: () => {} });
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true });
});

async function tinyModel(): Promise<string> {
  const path = join(folder, "tiny.gguf");
  await writeTinyGguf(path);
  return path;
}

const CASES: readonly { readonly name: string; readonly path: () => Promise<string | null> }[] = [
  { name: "bytes and a few merges", path: tinyModel },
  ...(["qwen2.5-coder-0.5b", "gemma3-270m"] satisfies PackagedModel[]).map((name) => ({
    name,
    path: () => packagedModel(name),
  })),
];

describe.each(CASES)("with the vocabulary of $name, a long text", ({ path }) => {
  let model: LlamaModel | null = null;
  beforeAll(async () => {
    const modelPath = await path();
    if (modelPath !== null) model = await runtime.llama.loadModel({ modelPath, vocabOnly: true });
  });
  afterAll(async () => {
    await model?.dispose();
  });

  test("has the same tokens as when it is tokenized at once", async ({ skip }) => {
    if (!model) return skip("the model cannot be fetched");
    const random = randomNumbers(20_261_122);
    for (let round = 0; round < TEXTS; round++) {
      const text = randomText(random, 10_000 + random() * 30_000);
      const whole = model.tokenize(text, true);
      const bos = model.tokens.shouldPrependBosToken && model.tokens.bos !== null ? [model.tokens.bos] : [];
      // Compared as a whole: a difference of this many tokens cannot be printed.
      const isSame = String(await promptTokens(model, [text], { signal })) === String([...bos, ...whole]);
      expect({ round, isSame }).toEqual({ round, isSame: true });
    }
  });

  test("does not keep the process from its other work for long", async ({ skip }) => {
    if (!model) return skip("the model cannot be fetched");
    const vocabulary = model;
    const text = randomText(randomNumbers(7), 500_000);
    const blocks: Block[] = [];
    // The best of three: other work on the machine may hold up one, not all.
    for (let round = 0; round < 3 && !blocks.some(isShort); round++) {
      blocks.push(await longestBlock(() => promptTokens(vocabulary, [text], { signal })));
    }
    expect(blocks).toSatisfy(() => blocks.some(isShort));
  });

  test("is left when the client leaves", async ({ skip }) => {
    if (!model) return skip("the model cannot be fetched");
    const reading = promptTokens(model, ["word ".repeat(100_000)], { signal: AbortSignal.timeout(1) });
    await expect(reading).rejects.toMatchObject({ name: "TimeoutError" });
  });
});
