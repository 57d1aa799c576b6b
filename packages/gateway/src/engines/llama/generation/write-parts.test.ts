import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeTinyGguf } from "@ml-intern/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Finish } from "../../answer/answer.ts";
import { type LlamaRuntime, openLlamaRuntime } from "../runtime/llama-runtime.ts";
import { markerTurn } from "../testing/marker-turn.ts";
import { createGrammars } from "./grammars.ts";
import { TokenSource } from "./token-source.ts";
import { type AnswerCounts, type WrittenPart, writeParts } from "./write-parts.ts";

let folder: string;
let runtime: LlamaRuntime;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "write-parts-"));
  runtime = await openLlamaRuntime({ threads: 1, log: () => {} });
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true });
});

interface WriteOptions {
  readonly script: readonly (string | Uint8Array)[];
  readonly loop?: boolean;
  readonly thinks?: boolean;
  readonly limit?: number;
  readonly thinkingBudget?: number;
}

interface Written {
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly string[];
  readonly finish: Finish;
  readonly counts: AnswerCounts;
  readonly pieces: readonly WrittenPart[];
}

/** What comes out when a model says exactly the given tokens, unless a grammar stops it. */
async function write({
  script,
  loop = false,
  thinks = false,
  limit = 60,
  thinkingBudget,
}: WriteOptions): Promise<Written> {
  const path = join(folder, `${crypto.randomUUID()}.gguf`);
  await writeTinyGguf(path, { script, loop });
  await using model = await runtime.llama.loadModel({ modelPath: path });
  await using context = await model.createContext({ contextSize: 512, threads: 1, flashAttention: true });
  const turn = markerTurn({ thinks });
  const prompt = model.tokenize(turn.prompt.join(""), true);
  await using source = new TokenSource({
    sequence: context.getSequence(),
    prompt,
    sampling: { temperature: 0, topP: 1, topK: 0, seed: 1 },
    read: (evaluate) => evaluate(),
    loop: runtime.loop,
    signal: new AbortController().signal,
  });
  const counts: AnswerCounts = { output: 0, thinking: 0 };
  const parts = writeParts({
    turn,
    source,
    grammars: createGrammars(runtime.llama, model),
    detokenize: (tokens) => model.detokenize(tokens, true),
    tokenize: (text) => model.tokenize(text, true),
    before: prompt.slice(-1),
    limit: { tokens: limit, finish: "length" },
    thinkingBudget: thinkingBudget ?? null,
    counts,
  });
  const pieces: WrittenPart[] = [];
  let next = await parts.next();
  for (; !next.done; next = await parts.next()) pieces.push(...next.value);
  return { ...sums(pieces), finish: next.value, counts, pieces };
}

function sums(pieces: readonly WrittenPart[]): Pick<Written, "text" | "thinking" | "calls"> {
  const calls: string[] = [];
  let [text, thinking] = ["", ""];
  for (const piece of pieces) {
    if (piece.type === "text") text += piece.text;
    if (piece.type === "thinking") thinking += piece.text;
    if (piece.type === "tool_call_start") calls.push("");
    if (piece.type === "tool_call_arguments") calls[calls.length - 1] += piece.text;
  }
  return { text, thinking, calls };
}

test("text comes out as the model writes it, and its end of turn ends it", async () => {
  const { text, finish, counts } = await write({ script: ["Hel", "lo ", "you"] });
  expect({ text, finish, counts }).toEqual({
    text: "Hello you",
    finish: null,
    counts: { output: 3, thinking: 0 },
  });
});

test("a character that is spread over tokens comes out whole", async () => {
  const bytes = Buffer.from("a😀é!");
  const script = [bytes.subarray(0, 3), bytes.subarray(3, 6), bytes.subarray(6)];
  const { pieces } = await write({ script });
  expect(pieces).toEqual([
    { type: "text", text: "a" },
    { type: "text", text: "😀" },
    { type: "text", text: "é!" },
  ]);
});

test("an answer that is too long is cut at its limit", async () => {
  const { text, finish, counts } = await write({ script: ["one ", "two "], loop: true, limit: 5 });
  expect({ text, finish, counts }).toEqual({
    text: "one two one two one ",
    finish: "length",
    counts: { output: 5, thinking: 0 },
  });
});

describe("a grammar holds from where a call begins until it ends", () => {
  test("between two tokens", async () => {
    const { calls, text } = await write({ script: ["Now <g", "o>", '{"n":', "12", "3}", " done"] });
    expect({ calls, text }).toEqual({ calls: ['{"n":123}'], text: "Now  done" });
  });

  test("in the middle of a token that fits it", async () => {
    const { calls, text, counts } = await write({ script: ["Now ", '<go>{"n', '":4', "2}", " done"] });
    expect({ calls, text, output: counts.output }).toEqual({
      calls: ['{"n":42}'],
      text: "Now  done",
      output: 5,
    });
  });

  test("in the middle of a token that does not fit it, which is taken back and sampled again", async () => {
    const { calls, text, counts } = await write({ script: ["Now ", "<go>[oops", " done"], limit: 40 });
    expect(text).toBe("Now ");
    expect(calls).toHaveLength(1);
    // The model has nothing to say there, so it takes any token that the grammar allows: digits, for ever.
    expect(calls[0]).toMatch(/^\{"n":\d+$/);
    expect(counts.output).toBe(40);
  });

  test("what the model would rather say is not said", async () => {
    const { calls } = await write({ script: ["<go>", "nonsense"], limit: 30 });
    expect(calls[0]).toMatch(/^\{"n":\d+$/);
  });

  test("each call has its own", async () => {
    const { calls, text } = await write({ script: ['<go>{"n":1', "} and ", '<go>{"n":', "23}", ".."] });
    // The first call ends within a token: under the grammar that token cannot be, so it is another one.
    expect(calls[0]).toMatch(/^\{"n":1/);
    expect(text).not.toContain("and");
  });
});

test("thinking that takes too long is ended for the model", async () => {
  const { thinking, text, counts } = await write({
    script: ["hm ", "so ", "well "],
    loop: true,
    thinks: true,
    thinkingBudget: 4,
    limit: 12,
  });
  expect(thinking).toBe("hm so well hm ");
  // The closing marker's four tokens count as well; after it, the script begins anew.
  expect(text).toBe("hm so well hm ");
  expect(counts).toEqual({ output: 12, thinking: 4 });
});
