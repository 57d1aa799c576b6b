import type { GgufValue, TinyGgufOptions } from "@ml-intern/testkit";
import type { Token } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type LlamaRuntime, openLlamaRuntime } from "../../runtime/llama-runtime.ts";
import { type RestoreResult, restoreBlocks, restoreBoundary } from "./restore-state.ts";
import { saveState } from "./save-state.ts";
import { BLOCK_TOKENS, type StateShape, stateKind } from "./state-shape.ts";
import {
  goOn,
  openTinyContexts,
  randomTokens,
  readTokens,
  type TinyContext,
  type TinyContextOptions,
} from "./testing/tiny-contexts.ts";

let runtime: LlamaRuntime;
beforeAll(async () => {
  runtime = await openLlamaRuntime({ threads: 1, log: () => {} });
});
afterAll(() => runtime.close());

const { signal } = new AbortController();
const PROMPT = randomTokens(700, 1);
const NEXT = randomTokens(100, 2);

/** An architecture that turns positions in several dimensions, over the tensors of the usual tiny model. */
const QWEN2VL: readonly (readonly [string, GgufValue])[] = [
  ["context_length", 4096],
  ["embedding_length", 128],
  ["block_count", 4],
  ["feed_forward_length", 256],
  ["attention.head_count", 4],
  ["attention.head_count_kv", 2],
  ["attention.layer_norm_rms_epsilon", { float: 1e-5 }],
  ["rope.dimension_sections", { int32s: [4, 6, 6, 0] }],
];

type Known = TinyContext & { readonly shape: StateShape };

type Family = NonNullable<TinyGgufOptions["family"]>;

/** Opens contexts of a tiny model of the family. */
async function contexts(
  family: Family,
  more: TinyGgufOptions = {},
): Promise<(options?: TinyContextOptions) => Promise<Known>> {
  const tiny = await openTinyContexts(runtime, { family, ...more });
  onTestFinished(() => tiny.close());
  return async (options) => {
    const it = await tiny.open(options);
    if (!it.shape) throw new Error(`the shape of ${family} was not understood`);
    expect(it.sequences[0]?.nextTokenIndex).toBe(0);
    return { ...it, shape: it.shape };
  };
}

function sequenceOf({ sequences }: TinyContext, index: number) {
  const sequence = sequences[index];
  if (!sequence) throw new Error(`there is no sequence ${index}`);
  return sequence;
}

const blocksOf = (it: Known, index: number, range: { from: number; to: number }) =>
  saveState({ ...it, sequence: sequenceOf(it, index), signal }, (saved) => saved.blocks(range));

const boundaryOf = (it: Known, index: number) =>
  saveState({ ...it, sequence: sequenceOf(it, index), signal }, (saved) => saved.boundary());

const into = (it: Known, index: number, tokens: readonly Token[]) => ({
  ...it,
  sequence: sequenceOf(it, index),
  tokens: Uint32Array.from(tokens),
  signal,
});

function expectRestored(result: RestoreResult, floor: number): void {
  if (result.kind !== "restored") throw result.error;
  expect(result.floor).toBe(floor);
}

describe("attention over everything", () => {
  test("blocks that are cut and joined go on as the original does, in other sequences of other contexts", async () => {
    const open = await contexts("attention");
    const [one, three] = [await open({ sequences: 2 }), await open({ sequences: 3 })];
    expect(stateKind(one.shape, { isRecurrent: false, isHybrid: false })).toBe("blocks");
    await readTokens(sequenceOf(one, 1), PROMPT);
    const blocks = await blocksOf(one, 1, { from: 0, to: PROMPT.length });
    expect(blocks.map(({ byteLength }) => byteLength)).toEqual([256, 256, 188].map((count) => count * 1024));
    const original = await goOn(sequenceOf(one, 1), NEXT);
    expectRestored(await restoreBlocks({ ...into(one, 0, PROMPT), blocks }), 0);
    expect(await goOn(sequenceOf(one, 0), NEXT)).toEqual(original);
    expectRestored(await restoreBlocks({ ...into(three, 2, PROMPT), blocks }), 0);
    expect(await goOn(sequenceOf(three, 2), NEXT)).toEqual(original);
    // The tokens need not end where a block does: the rest of the last block is left out.
    const part = PROMPT.slice(0, 300);
    await readTokens(sequenceOf(three, 0), part);
    const fresh = await goOn(sequenceOf(three, 0), NEXT);
    expectRestored(await restoreBlocks({ ...into(three, 1, part), blocks: blocks.slice(0, 2) }), 0);
    expect(await goOn(sequenceOf(three, 1), NEXT)).toEqual(fresh);
  });

  test("blocks of two conversations that begin alike are the same, and mix", async () => {
    const it = await (await contexts("attention"))({ sequences: 3 });
    const other = [...PROMPT.slice(0, 2 * BLOCK_TOKENS), ...randomTokens(300, 3)];
    await readTokens(sequenceOf(it, 0), PROMPT);
    await readTokens(sequenceOf(it, 1), other);
    const first = await blocksOf(it, 0, { from: 0, to: 2 * BLOCK_TOKENS });
    expect(await blocksOf(it, 1, { from: 0, to: 2 * BLOCK_TOKENS })).toEqual(first);
    const later = await blocksOf(it, 1, { from: 2 * BLOCK_TOKENS, to: other.length });
    expectRestored(await restoreBlocks({ ...into(it, 2, other), blocks: [...first, ...later] }), 0);
    expect(await goOn(sequenceOf(it, 2), NEXT)).toEqual(await goOn(sequenceOf(it, 1), NEXT));
  });

  test("cells that also have a place are cut and joined as well", async () => {
    const metadata = {
      "general.architecture": "qwen2vl",
      ...Object.fromEntries(QWEN2VL.map(([key, value]) => [`qwen2vl.${key}`, value])),
    };
    const it = await (await contexts("attention", { metadata }))();
    expect(it.shape.sections).toMatchObject([{ kind: "attention", cells: "place" }]);
    await readTokens(sequenceOf(it, 0), PROMPT);
    const blocks = await blocksOf(it, 0, { from: 0, to: PROMPT.length });
    expectRestored(await restoreBlocks({ ...into(it, 1, PROMPT), blocks }), 0);
    expect(await goOn(sequenceOf(it, 1), NEXT)).toEqual(await goOn(sequenceOf(it, 0), NEXT));
  });

  test("what does not fit is refused, and the sequence is as it was", async () => {
    const open = await contexts("attention");
    const [large, small] = [await open(), await open({ sequences: 1, contextSize: 300 })];
    await readTokens(sequenceOf(large, 0), PROMPT);
    const blocks = await blocksOf(large, 0, { from: 0, to: PROMPT.length });
    const refused = await restoreBlocks({ ...into(small, 0, PROMPT), blocks });
    expect(refused).toMatchObject({ kind: "refused", error: { code: "too_long" } });
    const short = await restoreBlocks({ ...into(large, 0, PROMPT), blocks: blocks.slice(1) });
    expect(short).toMatchObject({ kind: "refused", error: { code: "damaged" } });
    expect(sequenceOf(large, 0).contextTokens).toEqual(PROMPT);
  });

  test("after a load that fails the sequence is thrown away, and a new one works", async () => {
    const it = await (await contexts("attention"))();
    await readTokens(sequenceOf(it, 0), PROMPT);
    const blocks = await blocksOf(it, 0, { from: 0, to: PROMPT.length });
    const shape = { ...it.shape, streams: 3 };
    const failed = await restoreBlocks({ ...into(it, 0, PROMPT), shape, blocks });
    expect(failed).toMatchObject({ kind: "broken", error: { code: "not_loaded" } });
    await sequenceOf(it, 0).dispose();
    const sequence = it.context.getSequence();
    expectRestored(await restoreBlocks({ ...into(it, 0, PROMPT), sequence, blocks }), 0);
    expectRestored(await restoreBlocks({ ...into(it, 1, PROMPT), blocks }), 0);
    expect(await goOn(sequence, NEXT)).toEqual(await goOn(sequenceOf(it, 1), NEXT));
  });

  test("a request that has left loads nothing", async () => {
    const it = await (await contexts("attention"))();
    await readTokens(sequenceOf(it, 0), PROMPT);
    const blocks = await blocksOf(it, 0, { from: 0, to: PROMPT.length });
    const left = AbortSignal.abort(new Error("left"));
    await expect(restoreBlocks({ ...into(it, 1, PROMPT), blocks, signal: left })).rejects.toThrow("left");
    expect(sequenceOf(it, 1).nextTokenIndex).toBe(0);
  });
});

describe("models that can only go on where they were saved", () => {
  test.each([
    ["sliding-window", { isRecurrent: false, isHybrid: false }],
    ["recurrent", { isRecurrent: true, isHybrid: false }],
    ["hybrid", { isRecurrent: false, isHybrid: true }],
  ] as const)("%s: a whole state goes on as the original does", async (family, facts) => {
    const open = await contexts(family);
    const [one, three] = [await open({ sequences: 2 }), await open({ sequences: 3 })];
    expect(stateKind(one.shape, facts)).toBe("boundary");
    await readTokens(sequenceOf(one, 1), PROMPT);
    const blob = await boundaryOf(one, 1);
    const original = await goOn(sequenceOf(one, 1), NEXT);
    expectRestored(await restoreBoundary({ ...into(one, 0, PROMPT), blob }), PROMPT.length);
    expect(await goOn(sequenceOf(one, 0), NEXT)).toEqual(original);
    expectRestored(await restoreBoundary({ ...into(three, 2, PROMPT), blob }), PROMPT.length);
    // What was restored can be saved again.
    expect(await boundaryOf(three, 2)).toEqual(blob);
    expect(await goOn(sequenceOf(three, 2), NEXT)).toEqual(original);
    await readTokens(sequenceOf(three, 0), PROMPT);
    expect(await goOn(sequenceOf(three, 0), NEXT)).toEqual(original);
    await expect(blocksOf(one, 0, { from: 0, to: 256 })).rejects.toMatchObject({ code: "unsupported" });
  });

  test("with a window, going back behind the floor is wrong, though llama.cpp thinks that it can", async () => {
    const it = await (await contexts("sliding-window"))();
    await readTokens(sequenceOf(it, 0), PROMPT);
    const blob = await boundaryOf(it, 0);
    // What was read here can be taken back to any token.
    const branch = PROMPT.slice(0, 600);
    await sequenceOf(it, 0).adaptStateToTokens(branch, false);
    await readTokens(sequenceOf(it, 1), branch);
    const right = await goOn(sequenceOf(it, 1), NEXT);
    expect(await goOn(sequenceOf(it, 0), NEXT)).toEqual(right);
    expectRestored(await restoreBoundary({ ...into(it, 1, PROMPT), blob }), PROMPT.length);
    await sequenceOf(it, 1).adaptStateToTokens(branch, false);
    expect(sequenceOf(it, 1).nextTokenIndex).toBe(branch.length);
    expect((await goOn(sequenceOf(it, 1), NEXT)).logits).not.toEqual(right.logits);
  });

  test("nothing of the conversation that was there before comes back", async () => {
    const it = await (await contexts("recurrent"))();
    await readTokens(sequenceOf(it, 0), PROMPT);
    const blob = await boundaryOf(it, 0);
    await readTokens(sequenceOf(it, 1), randomTokens(300, 9));
    await sequenceOf(it, 1).takeCheckpoint();
    expectRestored(await restoreBoundary({ ...into(it, 1, PROMPT), blob }), PROMPT.length);
    await sequenceOf(it, 1).adaptStateToTokens(PROMPT.slice(0, 600), false);
    expect(sequenceOf(it, 1).nextTokenIndex).toBe(0);
  });
});
