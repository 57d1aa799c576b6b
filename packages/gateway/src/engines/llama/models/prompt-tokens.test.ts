import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PackagedModel, packagedModel, writeTinyGguf } from "@ml-intern/testkit";
import type { LlamaModel, Token } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { randomNumbers } from "../grammar/testing/random-numbers.ts";
import { type LlamaRuntime, openLlamaRuntime } from "../runtime/llama-runtime.ts";
import { type Block, isShort, longestBlock } from "../testing/longest-block.ts";
import { createPromptTokenizer } from "./prompt-tokens.ts";
import { proseText, randomText } from "./testing/random-texts.ts";

/** More of them with `PROMPT_TEXTS=1000 npx vitest run prompt-tokens`. */
const TEXTS = Number(process.env.PROMPT_TEXTS ?? 15);
const OPTIONS = { workspace: "one", signal: new AbortController().signal };

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

/** Tokenized by one that knows no other prompt. */
async function tokensOf(model: LlamaModel, pieces: readonly string[]): Promise<readonly Token[]> {
  return (await createPromptTokenizer(model)(pieces, OPTIONS)).tokens;
}

/** A prompt that goes on, branches off, is changed somewhere, or loses or gets a seam. */
function changed(prompt: readonly string[], random: () => number): readonly string[] {
  const text = prompt.join("");
  const at = Math.floor(random() * text.length);
  const turn = `<|im_end|>\n<|im_start|>user\n${randomText(random, random() * 6_000)}`;
  const way = random();
  if (text.length < 5_000 || way < 0.4) return [...prompt.slice(0, -1), `${prompt.at(-1) ?? ""}${turn}`];
  if (way < 0.6) return [`${text.slice(0, at)}${turn}`];
  if (way < 0.8) return [`${text.slice(0, at)}${random() < 0.5 ? "x" : turn}${text.slice(at)}`];
  return [`${text.slice(0, at)}<`, `|im_end|>${text.slice(at)}`];
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
      const isSame = String(await tokensOf(model, [text])) === String([...bos, ...whole]);
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
      blocks.push(await longestBlock(() => tokensOf(vocabulary, [text])));
    }
    expect(blocks).toSatisfy(() => blocks.some(isShort));
  });

  test("is left when the client leaves", async ({ skip }) => {
    if (!model) return skip("the model cannot be fetched");
    const options = { ...OPTIONS, signal: AbortSignal.timeout(1) };
    const reading = createPromptTokenizer(model)(["word ".repeat(100_000)], options);
    await expect(reading).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("has the same tokens when others began like it: conversations that grow, branch and are edited", async ({
    skip,
  }) => {
    if (!model) return skip("the model cannot be fetched");
    const random = randomNumbers(20_261_123);
    const remembering = createPromptTokenizer(model);
    let prompt: readonly string[] = [""];
    for (let round = 0; round < 2 * TEXTS; round++) {
      prompt = changed(prompt, random);
      const [known, anew] = [await remembering(prompt, OPTIONS), await tokensOf(model, prompt)];
      const isSame = String(known.tokens) === String(anew);
      expect({ round, isSame }).toEqual({ round, isSame: true });
    }
  });

  test("is tokenized from where it goes on, and not at all when it is asked for again", async ({ skip }) => {
    if (!model) return skip("the model cannot be fetched");
    const tokenize = vi.spyOn(model, "tokenize");
    onTestFinished(() => tokenize.mockRestore());
    const remembering = createPromptTokenizer(model);
    const charactersFor = async (text: string, workspace = "one"): Promise<number> => {
      tokenize.mockClear();
      await remembering([text], { ...OPTIONS, workspace });
      return tokenize.mock.calls.reduce((sum, [{ length }]) => sum + length, 0);
    };
    const text = proseText(randomNumbers(8), 56_000);
    expect(await charactersFor(text)).toBeGreaterThanOrEqual(56_000);
    expect(await charactersFor(text)).toBe(0);
    expect(await charactersFor(`${text}<|im_end|>${text.slice(0, 4_000)}`)).toBeLessThan(8_000);
    expect(await charactersFor(`${text.slice(0, 30_000)}<|im_end|>`)).toBeLessThan(3_000);
    // What another workspace asked is not remembered for this one.
    expect(await charactersFor(text, "other")).toBeGreaterThanOrEqual(56_000);
  });

  test("shares with another the tokens that spell their common beginning", async ({ skip }) => {
    if (!model) return skip("the model cannot be fetched");
    const vocabulary = model;
    const random = randomNumbers(20_261_124);
    for (let round = 0; round < TEXTS; round++) {
      const text = proseText(random, 3_000 + random() * 20_000);
      const { tokens, sharedTokens } = await createPromptTokenizer(model)([text], OPTIONS);
      // llama.cpp leaves out the spaces before punctuation for some vocabularies.
      const dense = (part: string): string => part.replaceAll(" ", "");
      const spelt = (count: number): string =>
        dense(vocabulary.detokenize(tokens.slice(0, count), true)).replace(
          vocabulary.tokens.bosString ?? "\0",
          "",
        );
      const at = Math.floor(random() * text.length);
      const count = sharedTokens([`${text.slice(0, at)}\ufdd1`]);
      const [beginning, fits] = [dense(text.slice(0, at)), spelt(count)];
      let longer = count + 2;
      while (longer < tokens.length && spelt(longer) === fits) longer++;
      const more = spelt(longer);
      const isRight = beginning.startsWith(fits) && !beginning.startsWith(more);
      const ends = [beginning, fits, more].map((part) => part.slice(-9));
      expect(isRight, `${round}: ${JSON.stringify(ends)}`).toBe(true);
      expect(sharedTokens([text])).toBe(tokens.length);
    }
  });
});
