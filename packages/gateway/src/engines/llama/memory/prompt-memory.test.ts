import { mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collectMessage, type Message } from "@ml-intern/messages";
import { type TinyGgufOptions, writeTinyGguf } from "@ml-intern/testkit";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createLlamaEngine, type LlamaEngine } from "../create-llama-engine.ts";
import type { LlamaEngineOptions } from "../llama-engine-options.ts";
import { type LlamaRuntime, openLlamaRuntime } from "../runtime/llama-runtime.ts";
import type { PlacedPrompt } from "./prompt-memory.ts";

let folder: string;
/** Kept open throughout, since loading llama.cpp for each test takes longer than the tests. */
let runtime: LlamaRuntime;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "prompt-memory-"));
  runtime = await openLlamaRuntime({ threads: 1, log: () => {} });
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true });
});

interface Opened {
  readonly engine: LlamaEngine;
  readonly placed: PlacedPrompt[];
  say(texts: readonly string[], options?: SayOptions): Promise<Message>;
}

interface SayOptions {
  readonly workspace?: string;
  readonly signal?: AbortSignal;
}

async function modelAt(name: string, options: TinyGgufOptions = {}): Promise<string> {
  const path = join(folder, `${name}.gguf`);
  await writeTinyGguf(path, { contextLength: 8192, layers: 2, ...options });
  return path;
}

/** An engine over a model of random weights, which answers by its likeliest tokens. */
function open(path: string, options: Partial<LlamaEngineOptions> = {}): Opened {
  const placed: PlacedPrompt[] = [];
  const engine = createLlamaEngine({
    models: { m: { path } },
    contextSize: 8192,
    sequences: 1,
    sampling: { temperature: 0 },
    onPrompt: (each) => placed.push(each),
    ...options,
  });
  onTestFinished(() => engine.close());
  return {
    engine,
    placed,
    say: async (texts, { workspace = "w", signal = new AbortController().signal } = {}) => {
      const messages = texts.map((content, index) => ({
        role: index % 2 === 0 ? ("user" as const) : ("assistant" as const),
        content,
      }));
      const request = { model: "m", max_tokens: 12, messages };
      return collectMessage(engine.generate(request, { signal, workspace, headers: new Headers() }));
    },
  };
}

/** What the model says without any memory. */
async function fresh(
  path: string,
  texts: readonly string[],
  options: Partial<LlamaEngineOptions> = {},
): Promise<Message["content"]> {
  const { engine, say } = open(path, { promptCache: { memoryLimit: 0 }, ...options });
  const { content } = await say(texts);
  await engine.close();
  return content;
}

/** About this many tokens of words: a token of the tiny models is a character. */
function words(count: number, seed: number): string {
  let state = seed;
  let text = "";
  while (text.length < count) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += `${(state >>> 8).toString(36)} `;
  }
  return text.slice(0, count);
}

const BOOK = words(2500, 1);

describe.each(["attention", "sliding-window", "recurrent", "hybrid"] as const)(
  "a model with %s",
  (family) => {
    test("goes on where it was, comes back to it, and says what it would say without", async () => {
      const path = await modelAt(family, { family });
      const { say, placed } = open(path);
      const main = [`${BOOK} What is it about?`];
      const side = ["Something else."];
      const first = await say(main);
      await say(side);
      expect((await say(main)).content).toEqual(first.content);
      expect(first.content).toEqual(await fresh(path, main));
      const longer = [...main, "About words.", "Which ones?"];
      expect((await say(longer)).content).toEqual(await fresh(path, longer));
      const [cold, , again, next] = placed;
      expect(cold).toMatchObject({ held: 0, restored: 0 });
      // All but the piece that has to be read for the first token.
      expect(again?.restored).toBeGreaterThanOrEqual((again?.tokens ?? 0) - 600);
      expect((next?.held ?? 0) + (next?.restored ?? 0)).toBeGreaterThanOrEqual((again?.tokens ?? 0) - 600);
    });

    test("has it all again after a restart, and nothing of it in another workspace", async () => {
      const path = await modelAt(`${family}-restart`, { family });
      const promptCache = { folder: join(folder, `states-${family}`) };
      const main = [`${BOOK} Go on.`];
      const before = open(path, { promptCache });
      const { content } = await before.say(main);
      await before.engine.close();
      const after = open(path, { promptCache });
      expect((await after.say(main, { workspace: "other" })).content).toEqual(content);
      expect((await after.say(main)).content).toEqual(content);
      const [other, own] = after.placed;
      expect(other).toMatchObject({ held: 0, restored: 0 });
      expect(own?.restored).toBeGreaterThan(1500);
    });
  },
);

test("files that are damaged, cut off or of another model are read anew", async () => {
  const path = await modelAt("damaged");
  const states = join(folder, "states-damaged");
  const main = [`${BOOK} Go on.`];
  const before = open(path, { promptCache: { folder: states } });
  const { content } = await before.say(main);
  await before.engine.close();
  const files = (await readdir(states, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(5);
  for (const [index, file] of files.entries()) {
    if (index % 2 === 0) await truncate(file, 100);
    else await writeFile(file, "x".repeat(3000));
  }
  const after = open(path, { promptCache: { folder: states } });
  expect((await after.say(main)).content).toEqual(content);
  await after.engine.close();
  const other = await modelAt("damaged", { seed: 2 });
  const another = open(other, { promptCache: { folder: states } });
  expect((await another.say(main)).content).toEqual(await fresh(other, main));
  expect(another.placed[0]).toMatchObject({ held: 0, restored: 0 });
});

test("whoever asks the same at the same time waits for the work that is under way", async () => {
  const path = await modelAt("joined");
  const { say, placed } = open(path, { sequences: 4 });
  const main = [`${BOOK} Go on.`];
  const answers = await Promise.all([1, 2, 3, 4].map(() => say(main)));
  for (const { content } of answers) expect(content).toEqual(answers[0]?.content);
  expect(placed.map(({ held, restored }) => held + restored > 1500)).toEqual([false, true, true, true]);
});

test("what was read of a prompt whose client left is kept", async () => {
  const path = await modelAt("left", { contextLength: 16_384 });
  const { say, placed } = open(path, { contextSize: 16_384 });
  const main = [words(12_000, 3)];
  const leaving = new AbortController();
  const left = expect(say(main, { signal: leaving.signal })).rejects.toThrow("left");
  await expect.poll(() => placed.length, { interval: 1, timeout: 60_000 }).toBe(1);
  setTimeout(() => leaving.abort(new Error("left")), 50);
  await left;
  await say(["Something else."]);
  const { content } = await say(main);
  expect(placed[2]?.restored).toBeGreaterThan(400);
  expect(content).toEqual(await fresh(path, main, { contextSize: 16_384 }));
});
