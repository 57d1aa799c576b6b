import type { FileHandle } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { TinyFamily } from "@ml-intern/testkit";
import type { LlamaContextSequence } from "node-llama-cpp";
import { openLlamaRuntime } from "../src/engines/llama/runtime/llama-runtime.ts";
import { frameBlocks, readBlocks } from "../src/engines/llama/state/format/blocks.ts";
import { frameBoundary, readBoundary } from "../src/engines/llama/state/format/boundary.ts";
import { parseState } from "../src/engines/llama/state/format/parse-state.ts";
import { writeWhole } from "../src/engines/llama/state/format/scratch-file.ts";
import { BLOCK_TOKENS, cuttable, type StateShape } from "../src/engines/llama/state/format/state-shape.ts";
import {
  openTinyContexts,
  randomTokens,
  readTokens,
} from "../src/engines/llama/state/format/testing/tiny-contexts.ts";
import { machine, quantile, table } from "./support/figures.ts";

/**
 * What it takes to get a conversation's state out of llama.cpp and into it again, for each family of models. The
 * figures are medians, in milliseconds. `--tokens` and `--rounds` change what is measured.
 */
const { values: given } = parseArgs({
  options: { tokens: { type: "string", default: "14000" }, rounds: { type: "string", default: "10" } },
});
const tokens = randomTokens(Number(given.tokens), 1);
const rounds = Number(given.rounds);
const FAMILIES: readonly TinyFamily[] = ["attention", "sliding-window", "recurrent", "hybrid"];
const { signal } = new AbortController();

class Stopwatch {
  readonly #times = new Map<string, number[]>();

  async time<T>(name: string, action: () => T | Promise<T>): Promise<T> {
    const began = performance.now();
    const result = await action();
    this.#times.set(name, [...(this.#times.get(name) ?? []), performance.now() - began]);
    return result;
  }

  median(name: string): string {
    return quantile(this.#times.get(name) ?? [], 0.5).toFixed(1);
  }
}

interface Round {
  readonly handle: FileHandle;
  readonly path: string;
  readonly shape: StateShape;
  readonly from: LlamaContextSequence;
  readonly to: LlamaContextSequence;
}

/** One way out and in again. Returns the bytes of what was kept in between. */
async function round(watch: Stopwatch, { handle, path, shape, from, to }: Round): Promise<number> {
  const held = Uint32Array.from(tokens);
  await watch.time("save", () => from.saveStateToFile(path));
  const parsed = await watch.time("check", () => parseState(handle, { shape, mostTokens: tokens.length }));
  const at = Math.floor(tokens.length / BLOCK_TOKENS - 4) * BLOCK_TOKENS;
  const rest = { shape, parsed, from: at, to: tokens.length };
  if (cuttable(shape)) await watch.time("cut the last blocks", () => readBlocks(handle, rest));
  const { bytes, frame } = await watch.time("cut", async () => {
    if (!cuttable(shape)) {
      const blob = await readBoundary(handle, { shape, parsed });
      return { bytes: blob.byteLength, frame: () => frameBoundary({ shape, tokens: held, blob }) };
    }
    const blocks = await readBlocks(handle, { ...rest, from: 0 });
    const total = blocks.reduce((sum, block) => sum + block.byteLength, 0);
    return { bytes: total, frame: () => frameBlocks({ shape, tokens: held, blocks }) };
  });
  await watch.time("join", () => writeWhole(handle, frame()));
  await watch.time("load", () => to.loadStateFromFile(path, { acceptRisk: true }));
  return bytes;
}

async function measure(family: TinyFamily): Promise<readonly string[]> {
  // Eight layers have the states of a model with four that are twice as wide.
  const tiny = await openTinyContexts(runtime, { family, layers: 8 });
  try {
    const { shape, file, sequences } = await tiny.open({ contextSize: tokens.length + 512 });
    const [from, to] = sequences;
    if (!shape || !from || !to) throw new Error(`the state of ${family} cannot be kept`);
    const watch = new Stopwatch();
    await watch.time("read", () => readTokens(from, tokens));
    let bytes = 0;
    for (let number = 0; number < rounds; number++) {
      bytes = await file.use((handle) => round(watch, { handle, path: file.path, shape, from, to }), {
        signal,
      });
    }
    const columns = COLUMNS.map((name) => watch.median(name).replace("NaN", "-"));
    return [family, (bytes / 1e6).toFixed(1), ...columns];
  } finally {
    await tiny.close();
  }
}

const COLUMNS = ["read", "save", "check", "cut", "cut the last blocks", "join", "load"];

const runtime = await openLlamaRuntime({ threads: 1, log: () => {} });
console.log(`${machine()}; ${tokens.length} tokens, medians of ${rounds} in ms\n`);
const rows: (readonly string[])[] = [];
for (const family of FAMILIES) rows.push(await measure(family));
console.log(table(["model", "MB kept", ...COLUMNS], rows));
await runtime.close();
