import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Message, MessageStreamEvent } from "@ml-intern/messages";
import { type TinyGgufOptions, writeTinyGguf } from "@ml-intern/testkit";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openPromptCache } from "../../../cache/open-prompt-cache.ts";
import { verifies } from "../../../conformance/verifies.ts";
import { createGateway } from "../../../create-gateway.ts";
import { createLlamaEngine } from "../create-llama-engine.ts";
import type { PromptStates } from "../llama-engine-options.ts";
import { type LlamaRuntime, openLlamaRuntime } from "../runtime/llama-runtime.ts";
import type { PlacedPrompt } from "./prompt-memory.ts";

let folder: string;
/** Kept open throughout, since loading llama.cpp for each test takes longer than the tests. */
let runtime: LlamaRuntime;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "held-usage-"));
  runtime = await openLlamaRuntime({ threads: 1, log: () => {} });
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true });
});

const FAMILIES = ["attention", "sliding-window", "recurrent", "hybrid"] as const;

/** A token of the tiny models is a character. */
const BOOK = "It was the best of times, it was the worst of times. ".repeat(20);
const OTHER = "Call me Ishmael. Some years ago, never mind how long. ".repeat(20);

interface Opened {
  readonly placed: PlacedPrompt[];
  readonly ask: (body: object) => Promise<Message>;
  readonly stream: (body: object) => Promise<readonly MessageStreamEvent[]>;
  readonly close: () => Promise<void>;
}

/** A server over a model of random weights, with one conversation at a time, whose entries are in a file. */
async function open(name: string, promptCache: PromptStates, model: TinyGgufOptions = {}): Promise<Opened> {
  const path = join(folder, `${name}.gguf`);
  // A file that is written anew is another model.
  if (!existsSync(path)) await writeTinyGguf(path, { contextLength: 8192, layers: 2, ...model });
  const placed: PlacedPrompt[] = [];
  const engine = createLlamaEngine({
    models: { m: { path } },
    contextSize: 4096,
    sequences: 1,
    sampling: { temperature: 0 },
    promptCache,
    onPrompt: (each) => placed.push(each),
  });
  const entries = await openPromptCache({
    path: join(folder, name, "entries.log"),
    warn: expect.unreachable,
  });
  const gateway = createGateway({ engines: { llama: engine }, promptCache: entries.promptCache });
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await engine.close();
    await entries[Symbol.asyncDispose]();
  };
  onTestFinished(close);
  const post = async (body: object): Promise<Response> => {
    const response = await gateway.request("/v1/messages", {
      method: "POST",
      body: JSON.stringify({ model: "llama/m", max_tokens: 8, ...body }),
    });
    expect(response.status).toBe(200);
    return response;
  };
  return {
    placed,
    close,
    ask: async (body) => (await post(body)).json() as Promise<Message>,
    stream: async (body) =>
      (await (await post({ ...body, stream: true })).text())
        .split("\n")
        .flatMap((line) =>
          line.startsWith("data: ") ? [JSON.parse(line.slice(6)) as MessageStreamEvent] : [],
        ),
  };
}

const MARKER = { cache_control: { type: "ephemeral" } };

/** A conversation whose system prompt and last turn are marked. */
function saying(system: string, ...texts: readonly string[]): object {
  return {
    system: [{ type: "text", text: system, ...MARKER }],
    messages: texts.map((text, index) => ({
      role: index % 2 === 0 ? "user" : "assistant",
      content: [{ type: "text", text, ...(index === texts.length - 1 ? MARKER : {}) }],
    })),
  };
}

function splitOf({ usage }: Message): { read: number; written: number; total: number } {
  const { input_tokens, cache_read_input_tokens: read, cache_creation_input_tokens: written } = usage;
  return { read, written, total: input_tokens + read + written };
}

/** What was said to be read has not been computed, but for the piece at the end. */
function expectKept(message: Message, placed: PlacedPrompt | undefined): void {
  const kept = (placed?.held ?? 0) + (placed?.restored ?? 0);
  expect(kept).toBeGreaterThanOrEqual(splitOf(message).read - 64);
}

describe.each(FAMILIES)("a model with %s", (family) => {
  test("says of a prompt whose state was pushed out that it is written anew", async () => {
    verifies("caching.only-what-is-held", "diagnostics.state-lost");
    const { ask, stream, placed } = await open(`${family}-memory`, { memoryLimit: 0 }, { family });
    const first = await ask({ ...saying(BOOK, "Which times?"), diagnostics: { previous_message_id: null } });
    const { total, written } = splitOf(first);
    expect(written).toBeGreaterThan(900);
    const pushing = await ask(saying(OTHER, "Who?"));
    expect(splitOf(pushing).read).toBe(0);
    const lost = await ask({
      ...saying(BOOK, "Which times?"),
      diagnostics: { previous_message_id: first.id },
    });
    expect(lost.content).toEqual(first.content);
    expect(splitOf(lost)).toEqual({ read: 0, written, total });
    expect(lost.diagnostics).toEqual({ cache_miss_reason: { type: "unavailable" } });
    // What every prompt begins with is still in the sequence.
    expect(placed[2]?.held).toBeLessThan(64);
    await ask(saying(OTHER, "Who?"));
    const events = await stream(saying(BOOK, "Which times?"));
    const usages = events.flatMap((event) =>
      event.type === "message_start"
        ? [event.message.usage]
        : event.type === "message_delta"
          ? [event.usage]
          : [],
    );
    expect(usages).toHaveLength(2);
    for (const usage of usages)
      expect(usage).toMatchObject({ cache_read_input_tokens: 0, cache_creation_input_tokens: written });
  });

  test("says so too after the folder of states was deleted, and reads once it holds them again", async () => {
    const states = join(folder, `${family}-states`);
    const first = await open(`${family}-deleted`, { folder: states }, { family });
    const written = splitOf(await first.ask(saying(BOOK, "Which times?"))).written;
    const again = await first.ask(saying(BOOK, "Which times?"));
    expect(splitOf(again)).toMatchObject({ read: written, written: 0 });
    await first.close();
    const kept = await open(`${family}-deleted`, { folder: states }, { family });
    const restored = await kept.ask(saying(BOOK, "Which times?"));
    expect(splitOf(restored)).toMatchObject({ read: written, written: 0 });
    expectKept(restored, kept.placed[0]);
    await kept.close();
    await rm(states, { recursive: true });
    const { ask, placed } = await open(`${family}-deleted`, { folder: states }, { family });
    expect(splitOf(await ask(saying(BOOK, "Which times?")))).toMatchObject({ read: 0, written });
    expect(splitOf(await ask(saying(BOOK, "Which times?")))).toMatchObject({ read: written, written: 0 });
    const next = await ask(saying(BOOK, "Which times?", "The best.", "And?"));
    expect(splitOf(next).read).toBeGreaterThan(written - 64);
    expectKept(next, placed[2]);
  });

  test("reads no more than it holds, however little room there is", async () => {
    const { ask, placed } = await open(`${family}-tight`, { memoryLimit: 700_000 }, { family });
    const systems = [BOOK, OTHER, BOOK.toUpperCase()];
    let read = 0;
    let lost = 0;
    for (let round = 0; round < 12; round++) {
      const system = systems[(round * 7 + (round >> 2)) % 3] ?? BOOK;
      const turns = ["Which times?", "The best.", "And?", "The worst.", "Why?"].slice(0, 1 + 2 * (round % 3));
      const message = await ask(saying(system, ...turns));
      expectKept(message, placed.at(-1));
      if (splitOf(message).read > 0) read++;
      else if (round > 2) lost++;
    }
    expect([read, lost]).not.toContain(0);
  });
});

test("falls back to the part of a prompt that is still held", async () => {
  const { ask, placed } = await open("fallback", { memoryLimit: 0 });
  const long = `${BOOK}${OTHER}`;
  await ask(saying(BOOK, long));
  const system = await ask(saying(BOOK, "Who?"));
  const { read } = splitOf(system);
  expect(read).toBeGreaterThan(900);
  const back = await ask(saying(BOOK, long));
  expect(splitOf(back).read).toBe(read);
  expectKept(back, placed[2]);
});
