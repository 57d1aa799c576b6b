// What the store of key-value state costs: memory of its index, look-ups, a turn of a long conversation, the disk.
//   node --conditions=source --import tsx packages/gateway/bench/state-store.ts [--tokens 10000000]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { PrefixStore } from "../src/engines/llama/state/store/prefix-store.ts";
import { createStateStore } from "../src/engines/llama/state/store/state-store.ts";
import { machine, quantile, table } from "./support/figures.ts";

const BLOCK = 256;
const BENCH = { workspace: "bench", model: "bench" };
/** Where all prompts begin: a system prompt with tools. */
const SHARED = 8192;
const LENGTHS = [2_000, 8_000, 14_000, 60_000, 200_000];
/** 256 tokens of the smallest model: four layers of 256 values, in 16 bits. */
const BLOCK_BYTES = 524_288;
const TURN = 1000;
/** A state of one byte, where only the index counts. */
const NO_STATE = new Uint8Array(1);

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

console.log(`${machine()}\n`);
const largest = option("tokens", 10_000_000);
await indexAndLookUps([2_000_000, largest]);
await turns([10_000, 50_000, 200_000, 1_000_000]);
await full(largest);
await disk();
await start(10_000);

/** The index alone: all blocks have the same byte for a state. */
async function indexAndLookUps(sizes: readonly number[]): Promise<void> {
  const rows: string[][] = [];
  for (const size of sizes) {
    const before = memory();
    await using store = await createStateStore({ memoryLimit: 1e12, blockTokens: BLOCK });
    const prefixes = store.open("bench", BENCH);
    const seeds = fill(prefixes, size);
    const bytes = memory() - before;
    const tokens = store.stats().memory.pieces * BLOCK;
    const found: number[] = [];
    const processor: number[] = [];
    const times = Array.from({ length: 2000 }, (_, index) => {
      const { seed, length } = seeds[(index * 7919) % seeds.length] as { seed: number; length: number };
      const kept = Math.floor(length * (((index * 31) % 100) / 100));
      const prompt = Array.from(conversation(seed, kept)).concat(Array.from(conversation(-1 - index, TURN)));
      const before = process.cpuUsage();
      const lasted = timed(() => found.push(prefixes.find(prompt).length / prompt.length));
      const { user, system } = process.cpuUsage(before);
      processor.push((user + system) / 1000);
      return lasted;
    });
    rows.push([
      tokens.toLocaleString("en"),
      String(seeds.length),
      (bytes / tokens).toFixed(2),
      [0.5, 0.99, 1].map((share) => quantile(times, share).toFixed(3)).join(" / "),
      quantile(processor, 0.99).toFixed(3),
      `${(100 * quantile(found, 0.5)).toFixed(0)} %`,
    ]);
  }
  const head = [
    "tokens in the index",
    "conversations",
    "bytes a token",
    "look-up p50 / p99 / max, ms",
    "processor time, p99, ms",
    "found, median",
  ];
  console.log(`${table(head, rows)}\n`);
}

/** A turn adds tokens to a conversation, with two million tokens of others beside it. */
async function turns(lengths: readonly number[]): Promise<void> {
  await using store = await createStateStore({ memoryLimit: 1e12, blockTokens: BLOCK });
  const prefixes = store.open("bench", BENCH);
  fill(prefixes, 2_000_000);
  const rows = lengths.map((length) => {
    const rounds = Array.from({ length: 9 }, (_, round) => {
      const whole = conversation(1e6 + length + round, length + TURN);
      add(prefixes, whole.subarray(0, length));
      const pieces = store.stats().memory.pieces;
      const find = timed(() => prefixes.find(whole));
      const write = timed(() => add(prefixes, whole));
      const touch = timed(() =>
        prefixes.touch(prefixes.find(whole).blocks, { until: Date.now() + 3_600_000 }),
      );
      return { find, write, touch, blocks: store.stats().memory.pieces - pieces };
    });
    const median = (pick: (round: (typeof rounds)[number]) => number): number =>
      quantile(rounds.map(pick), 0.5);
    const find = median((round) => round.find);
    return [
      length.toLocaleString("en"),
      find.toFixed(3),
      ((1e6 * find) / length).toFixed(2),
      median((round) => round.write).toFixed(3),
      median((round) => round.touch).toFixed(3),
      String(median((round) => round.blocks)),
    ];
  });
  const head = [
    "conversation",
    "find, ms",
    "find, ns a token",
    `add ${TURN} tokens, ms`,
    "promise, ms",
    "blocks more",
  ];
  console.log(`${table(head, rows)}\n`);
}

/** One-off prompts come into a store that is full: what it takes to choose what goes. */
async function full(tokens: number): Promise<void> {
  await using store = await createStateStore({ memoryLimit: tokens / BLOCK, blockTokens: BLOCK });
  const prefixes = store.open("bench", BENCH);
  fill(prefixes, tokens);
  const times = Array.from({ length: 1000 }, (_, index) => {
    const prompt = conversation(2e6 + index, SHARED + 4 * BLOCK);
    return timed(() => add(prefixes, prompt));
  });
  const [median, late, most] = [0.5, 0.99, 1].map((share) => quantile(times, share).toFixed(3));
  const { used, limit } = store.stats().memory;
  console.log(
    `${SHARED + 4 * BLOCK} tokens, 1,024 of them new, into a full store of ${tokens.toLocaleString("en")}: ` +
      `p50 / p99 / max ${median} / ${late} / ${most} ms; ${((100 * used) / limit).toFixed(1)} % in use\n`,
  );
}

async function disk(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "state-bench-"));
  try {
    const rows: string[][] = [];
    for (const blocks of [55, 1000]) {
      const tokens = conversation(blocks, blocks * BLOCK);
      const states = Array.from({ length: blocks }, (_, index) => new Uint8Array(BLOCK_BYTES).fill(index));
      const megabytes = (blocks * BLOCK_BYTES) / 1e6;
      const rate = (ms: number): string => `${ms.toFixed(1)} (${((1000 * megabytes) / ms).toFixed(0)} MB/s)`;
      const options = { disk: { folder, limit: 1e12 }, memoryLimit: 1e12, blockTokens: BLOCK };
      const store = await createStateStore(options);
      const adding = timed(() => store.open("bench", BENCH).add(tokens, states));
      const writing = await timedAsync(() => store.settled());
      await store.close();
      await using again = await createStateStore(options);
      const prefixes = again.open("bench", BENCH);
      const read = async (): Promise<void> => {
        using lease = await prefixes.read(prefixes.find(tokens).blocks);
        if (lease.states.length !== blocks) throw new Error(`${lease.states.length} of ${blocks} blocks`);
      };
      const reading = await timedAsync(read);
      const hit = await timedAsync(read);
      rows.push([
        `${(blocks * BLOCK).toLocaleString("en")} (${megabytes.toFixed(0)} MB)`,
        adding.toFixed(2),
        rate(writing),
        rate(reading),
        hit.toFixed(2),
      ]);
    }
    const head = [
      "tokens",
      "add, ms",
      "written behind, ms",
      "read from disk and checked, ms",
      "read from memory, ms",
    ];
    console.log(`${table(head, rows)}\n`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function start(files: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "state-bench-"));
  try {
    const options = { disk: { folder, limit: 1e12 }, memoryLimit: 1e12, blockTokens: BLOCK };
    {
      await using store = await createStateStore(options);
      const prefixes = store.open("bench", BENCH);
      for (let seed = 0; (store.stats().memory.pieces ?? 0) < files; seed++) {
        add(prefixes, conversation(seed, 40 * BLOCK));
        await store.settled();
      }
    }
    let pieces = 0;
    const times: number[] = [];
    for (let round = 0; round < 3; round++) {
      const begun = performance.now();
      await using store = await createStateStore(options);
      times.push(performance.now() - begun);
      pieces = store.stats().disk?.pieces ?? 0;
    }
    console.log(`start with ${pieces.toLocaleString("en")} files: ${quantile(times, 0.5).toFixed(0)} ms`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Stores conversations until so many tokens are in the index. */
function fill(prefixes: PrefixStore, tokens: number): { seed: number; length: number }[] {
  const seeds: { seed: number; length: number }[] = [];
  for (let total = 0; total < tokens; ) {
    const length = Math.min(
      LENGTHS[seeds.length % LENGTHS.length] ?? 0,
      Math.max(SHARED, tokens - total) + SHARED,
    );
    seeds.push({ seed: seeds.length, length });
    total += add(prefixes, conversation(seeds.length - 1, length)) * BLOCK;
  }
  return seeds;
}

function add(prefixes: PrefixStore, tokens: Int32Array): number {
  const from = prefixes.missing(tokens);
  const blocks = Array.from({ length: Math.ceil((tokens.length - from) / BLOCK) }, () => NO_STATE);
  return prefixes.add(tokens, blocks, { from });
}

/** Tokens that begin as everybody's do, and then are this conversation's own. */
function conversation(seed: number, length: number): Int32Array {
  const tokens = new Int32Array(length);
  let mixed = (seed + 1) * 0x9e3779b1;
  for (let index = 0; index < length; index++) {
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) + index;
    tokens[index] = (index < SHARED ? Math.imul(index, 0x297a2d39) : mixed) >>> 15;
  }
  return tokens;
}

/** Bytes on and off the heap. */
function memory(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function timed(action: () => unknown): number {
  const begun = performance.now();
  action();
  return performance.now() - begun;
}

async function timedAsync(action: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await action();
  return performance.now() - begun;
}

function option(name: string, fallback: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}
