import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collectMessage, type Message } from "@ml-intern/messages";
import { writeTinyGguf } from "@ml-intern/testkit";
import type { Token } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createLlamaEngine } from "../create-llama-engine.ts";
import { type LlamaRuntime, openLlamaRuntime } from "../runtime/llama-runtime.ts";
import { FirstTokens } from "./first-tokens.ts";
import type { PlacedPrompt } from "./prompt-memory.ts";

let folder: string;
/** Kept open throughout, since loading llama.cpp for each test takes longer than the tests. */
let runtime: LlamaRuntime;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "first-tokens-"));
  runtime = await openLlamaRuntime({ threads: 1, log: () => {} });
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true });
});

const PROMPT = [1, 2, 3] as unknown as readonly Token[];
const [A, B] = [{ token: 7 as Token }, { token: 8 as Token }];

describe("draws", () => {
  test("are given out once each", () => {
    const first = new FirstTokens();
    const sampling = { temperature: 1, topP: 1, topK: 0, seed: null };
    first.keep({ workspace: "w", prompt: PROMPT, sampling }, [A, B]);
    const take = () => first.take({ workspace: "w", prompt: PROMPT, sampling });
    expect([take(), take(), take()]).toEqual([A, B, null]);
  });

  test("serve everybody where nothing is random, whatever else is set", () => {
    const first = new FirstTokens();
    const greedy = { temperature: 0, topP: 1, topK: 0, seed: null };
    first.keep({ workspace: "w", prompt: PROMPT, sampling: greedy }, [A]);
    const take = () => first.take({ workspace: "w", prompt: PROMPT, sampling: { ...greedy, topK: 40 } });
    expect([take(), take()]).toEqual([A, A]);
  });

  test("belong to a workspace, a prompt and its sampling", () => {
    const first = new FirstTokens();
    const sampling = { temperature: 1, topP: 1, topK: 0, seed: 4 };
    const kept = { workspace: "w", prompt: PROMPT, sampling };
    first.keep(kept, [A]);
    expect(first.take({ ...kept, workspace: "other" })).toBeNull();
    expect(first.take({ ...kept, prompt: PROMPT.slice(1) })).toBeNull();
    expect(first.take({ ...kept, sampling: { ...sampling, topP: 0.9 } })).toBeNull();
    expect(first.take({ ...kept, sampling: { ...sampling, seed: 5 } })).toBeNull();
    expect(first.take(kept)).toEqual(A);
  });
});

test("draws of one workspace are forgotten, and of all", () => {
  const first = new FirstTokens();
  const sampling = { temperature: 0, topP: 1, topK: 0, seed: null };
  const kept = ["w", "w2"].map((workspace) => ({ workspace, prompt: PROMPT, sampling }));
  const left = () => kept.map((each) => first.has(each));
  for (const each of kept) first.keep(each, [A]);
  first.forget("w");
  expect(left()).toEqual([false, true]);
  first.forget(null);
  expect(left()).toEqual([false, false]);
});

interface SayOptions {
  readonly temperature?: number;
  readonly maxTokens?: number;
}

async function open(name: string, options: Parameters<typeof writeTinyGguf>[1] = {}) {
  const path = join(folder, `${name}.gguf`);
  await writeTinyGguf(path, { contextLength: 4096, layers: 2, ...options });
  const placed: PlacedPrompt[] = [];
  const engine = createLlamaEngine({
    models: { m: { path } },
    contextSize: 4096,
    sequences: 1,
    onPrompt: (each) => placed.push(each),
  });
  onTestFinished(() => engine.close());
  const say = (content: string, { temperature = 0, maxTokens = 12 }: SayOptions = {}): Promise<Message> => {
    const messages = [{ role: "user" as const, content }];
    const cache = {
      usage: { input_tokens: 0 },
      breakpoints: [{ tokens: 1, ttl: "5m" as const }],
      readTokens: 0,
    };
    return collectMessage(
      engine.generate(
        { model: "m", max_tokens: maxTokens, temperature, messages },
        {
          signal: new AbortController().signal,
          workspace: "w",
          headers: new Headers(),
          cache: cache as never,
        },
      ),
    );
  };
  const unread = () => placed.map(({ tokens, held, restored }) => tokens - held - restored);
  return { say, placed, unread };
}

const LONG = "It was the best of times, it was the worst of times. ".repeat(20);
const OTHER = "Call me Ishmael. Some years ago, never mind how long. ".repeat(20);

test.each(["attention", "sliding-window", "recurrent", "hybrid"] as const)(
  "the same prompt is not read at all, and answered alike: %s",
  async (family) => {
    const { say, unread } = await open(family, { family });
    const cold = await say(LONG);
    const again = await say(LONG);
    await say(OTHER);
    const restored = await say(LONG);
    expect([again.content, restored.content]).toEqual([cold.content, cold.content]);
    expect([unread()[1], unread()[3]]).toEqual([0, 0]);
  },
);

test("a prompt that was warmed is not read again", async () => {
  const { say, unread } = await open("warmed");
  await say(LONG, { maxTokens: 0, temperature: 1 });
  await say(LONG, { maxTokens: 0, temperature: 1 });
  const { usage } = await say(LONG, { temperature: 1 });
  expect(usage.output_tokens).toBe(12);
  expect(unread()).toEqual([expect.any(Number), 0, 0]);
});

test("answers to the same prompt stay random, and the prompt is read again when the draws are used up", async () => {
  const { say, unread } = await open("random");
  const first = new Set<string>();
  for (let i = 0; i < 12; i++) {
    const { content } = await say(LONG, { temperature: 1.5, maxTokens: 1 });
    first.add(JSON.stringify(content));
  }
  expect(first.size).toBeGreaterThan(4);
  expect(unread().map((tokens) => tokens > 0)).toEqual([
    ...[true, false, false, false, false],
    ...[true, false, false, false, false],
    ...[true, false],
  ]);
});

test("a model that says one thing says it from draws too", async () => {
  const { say, unread } = await open("scripted", { script: ["Hel", "lo ", "you"] });
  const answers: unknown[] = [];
  for (let i = 0; i < 3; i++) answers.push((await say("Who? ".repeat(40), { temperature: 1 })).content);
  expect(answers).toEqual(Array(3).fill([{ type: "text", text: "Hello you" }]));
  expect(unread().slice(1)).toEqual([0, 0]);
});
