import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { PrefixStore, Tokens } from "./prefix-store.ts";
import { ownerLabel } from "./state-owner.ts";
import { createStateStore, type StateStore } from "./state-store.ts";
import { blocksOf, isOf, ownerOf, ROW, stateOf } from "./testing/state-of.ts";

const BLOCK = 16;
const BLOCK_BYTES = BLOCK * ROW;
const MINUTE = 60_000;
/** Of a file with a whole block. */
const FILE_BYTES = BLOCK_BYTES + 104 + 4 * BLOCK + ownerLabel(ownerOf("one")).length;

let folder: string;
let now: number;
let warnings: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "state-store-"));
  now = 1_800_000_000_000;
  warnings = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = ({ disk = {}, ...options }: { memoryLimit?: number; disk?: { limit?: number } | null } = {}) =>
  createStateStore({
    memoryLimit: 1e9,
    blockTokens: BLOCK,
    now: () => now,
    warn: (message) => warnings.push(message),
    ...(disk && { disk: { folder, limit: 1e9, ...disk } }),
    ...options,
  });

/** A prompt of so many tokens that has only its first `shared` in common with others. */
function prompt(length: number, own: number, shared = 0): number[] {
  return Array.from({ length }, (_, index) => (index < shared ? index : index + 1000 * own));
}

function store(prefixes: PrefixStore, tokens: Tokens, until = 0): number {
  const from = prefixes.missing(tokens);
  return prefixes.add(tokens, blocksOf(tokens, from, BLOCK), { from, until });
}

/** How many tokens of a prompt can really be had; what is read must be what was stored. */
async function held(prefixes: PrefixStore, tokens: Tokens): Promise<number> {
  const { blocks, length } = prefixes.find(tokens);
  using lease = await prefixes.read(blocks);
  let end = 0;
  for (const [index, state] of lease.states.entries()) {
    const { start } = blocks[index]!;
    end = Math.min(length, blocks[index]!.end);
    expect(Buffer.from(state.subarray(0, (end - start) * ROW))).toEqual(
      Buffer.from(stateOf(tokens, { start, end })),
    );
  }
  return end;
}

it("gives back what was stored, from memory and after a restart", async () => {
  const tokens = prompt(100, 1);
  {
    await using states = await open();
    const prefixes = states.open("model", ownerOf("one"));
    expect(prefixes.missing(tokens)).toBe(0);
    expect(store(prefixes, tokens)).toBe(7);
    expect(prefixes.missing(tokens)).toBe(100);
    expect(store(prefixes, tokens)).toBe(0);
    expect(await held(prefixes, tokens)).toBe(100);
  }
  await using states = await open();
  const prefixes = states.open("model", ownerOf("one"));
  expect(states.stats()).toMatchObject({ memory: { used: 0 }, disk: { pieces: 7 } });
  expect(await held(prefixes, [...tokens, 5, 6])).toBe(100);
  expect(states.stats().memory.used).toBe(100 * ROW);
  expect(warnings).toEqual([]);
});

it("stores what conversations share once", async () => {
  await using states = await open();
  const prefixes = states.open("model", ownerOf("one"));
  for (let own = 1; own <= 10; own++) store(prefixes, prompt(64, own, 48));
  await states.settled();
  expect(states.stats()).toMatchObject({ memory: { pieces: 13 }, disk: { pieces: 13 } });
});

it("finds nothing of another workspace, or of another model", async () => {
  await using states = await open();
  const tokens = prompt(64, 1);
  store(states.open("model", ownerOf("one")), tokens);
  for (const other of [states.open("model", ownerOf("two")), states.open("other", ownerOf("one"))]) {
    expect(other.find(tokens)).toEqual({ length: 0, blocks: [], boundaries: [] });
    expect(other.missing(tokens)).toBe(0);
  }
});

it("a turn that goes on makes its shorter last block superfluous", async () => {
  await using states = await open();
  const prefixes = states.open("model", ownerOf("one"));
  const tokens = prompt(60, 1);
  store(prefixes, tokens.slice(0, 20));
  store(prefixes, tokens.slice(0, 30));
  expect(prefixes.missing(tokens)).toBe(16);
  store(prefixes, tokens);
  await states.settled();
  expect(states.stats()).toMatchObject({ memory: { pieces: 4 }, disk: { pieces: 4 } });
  expect(await held(prefixes, tokens)).toBe(60);
});

it("hits a boundary at its exact length only", async () => {
  const tokens = prompt(50, 1);
  {
    await using states = await open();
    const prefixes = states.open("recurrent", ownerOf("one"));
    for (const length of [20, 32, 50]) {
      expect(prefixes.addBoundary(tokens.slice(0, length), Buffer.alloc(999, length))).toBe(true);
    }
  }
  await using states = await open();
  const prefixes = states.open("recurrent", ownerOf("one"));
  const { length, boundaries } = prefixes.find([...tokens.slice(0, 49), 7]);
  expect(length).toBe(0);
  expect(boundaries.map(({ end }) => end)).toEqual([20, 32]);
  using lease = await prefixes.read(boundaries.slice(-1));
  expect(lease.states.map((state) => Buffer.from(state))).toEqual([Buffer.alloc(999, 32)]);
});

it("a boundary that takes the room of the block at its own end is there", async () => {
  await using states = await open({ disk: null, memoryLimit: 10 * ROW });
  const prefixes = states.open("model", ownerOf("one"));
  store(prefixes, prompt(10, 1));
  expect(prefixes.addBoundary(prompt(10, 1), new Uint8Array(10 * ROW))).toBe(true);
  expect(prefixes.find(prompt(10, 1))).toMatchObject({ length: 0, boundaries: [{ end: 10 }] });
});

it("a hit destroys nothing, and many can read at once", async () => {
  const tokens = prompt(320, 1);
  {
    await using states = await open();
    store(states.open("model", ownerOf("one")), tokens);
  }
  await using states = await open();
  const prefixes = states.open("model", ownerOf("one"));
  const reads = Array.from({ length: 20 }, () => held(prefixes, tokens));
  expect(await Promise.all(reads)).toEqual(reads.map(() => 320));
  expect(await held(prefixes, tokens)).toBe(320);
});

it("keeps within the limits, and on disk what memory has no room for", async () => {
  await using states = await open({ memoryLimit: 10 * BLOCK_BYTES, disk: { limit: 30 * FILE_BYTES } });
  const prefixes = states.open("model", ownerOf("one"));
  for (let own = 1; own <= 30; own++) {
    now += 10_000;
    store(prefixes, prompt(64, own));
    expect(states.stats().memory.used).toBeLessThanOrEqual(10 * BLOCK_BYTES);
    await states.settled();
    expect(await bytesIn(folder)).toBeLessThanOrEqual(30 * FILE_BYTES);
    expect(states.stats().disk?.used).toBe(await bytesIn(folder));
  }
  const { memory, disk } = states.stats();
  expect(disk?.pieces).toBeGreaterThanOrEqual(28);
  // Nothing was let go of otherwise: 30 conversations of 4 blocks.
  expect(memory.pieces + memory.evicted).toBe(120);
  expect((disk?.pieces ?? 0) + (disk?.evicted ?? 0)).toBeLessThanOrEqual(120);
  expect(disk?.evicted).toBeGreaterThan(0);
  for (let own = 24; own <= 30; own++) expect(await held(prefixes, prompt(64, own))).toBe(64);
});

it("a lower limit holds from the start on", async () => {
  {
    await using states = await open();
    store(states.open("model", ownerOf("one")), prompt(320, 1));
  }
  await using states = await open({ disk: { limit: 5 * FILE_BYTES } });
  expect(await bytesIn(folder)).toBeLessThanOrEqual(5 * FILE_BYTES);
  expect(await held(states.open("model", ownerOf("one")), prompt(320, 1))).toBe(64);
});

it("a block never leaves before those that go on from it", async () => {
  await using states = await open({ disk: null, memoryLimit: 12 * BLOCK_BYTES });
  const prefixes = states.open("model", ownerOf("one"));
  store(prefixes, prompt(96, 1));
  now += 30 * MINUTE;
  store(prefixes, prompt(128, 2));
  expect(await held(prefixes, prompt(96, 1))).toBe(64);
  expect(await held(prefixes, prompt(128, 2))).toBe(128);
});

for (const [sweep, until] of [
  ["was promised", 60 * MINUTE],
  ["was used repeatedly", 0],
] as const) {
  it(`a sweep of ten times the size does not evict what ${sweep}`, async () => {
    await using states = await open({ memoryLimit: 40 * BLOCK_BYTES, disk: { limit: 60 * FILE_BYTES } });
    const prefixes = states.open("model", ownerOf("one"));
    const main = prompt(320, 1);
    store(prefixes, main, until ? now + until : 0);
    for (let turn = 0; turn < (until ? 0 : 5); turn++) {
      now += 20_000;
      prefixes.touch(prefixes.find(main).blocks);
    }
    for (let own = 2; own < 77; own++) {
      now += 10_000;
      store(prefixes, prompt(128, own));
      await states.settled();
    }
    expect(await held(prefixes, main)).toBe(320);
    expect(await held(prefixes, prompt(128, 76))).toBe(128);
  });
}

it("sub-agents in turn do not evict the main conversation", async () => {
  await using states = await open({ disk: null, memoryLimit: 30 * BLOCK_BYTES });
  const prefixes = states.open("model", ownerOf("one"));
  for (let turn = 1; turn <= 20; turn++) {
    now += 5_000;
    const main = prompt(160 + 8 * turn, 1, 64);
    expect(await held(prefixes, main)).toBeGreaterThanOrEqual(turn === 1 ? 0 : 160 + 8 * (turn - 1));
    store(prefixes, main);
    prefixes.touch(prefixes.find(main).blocks);
    for (let agent = 0; agent < 3; agent++) store(prefixes, prompt(160, 100 + 3 * turn + agent, 64));
  }
});

it("what is promised goes when its time is over, and when only promises are left", async () => {
  await using states = await open({ disk: null, memoryLimit: 8 * BLOCK_BYTES });
  const prefixes = states.open("model", ownerOf("one"));
  store(prefixes, prompt(128, 1), now + 5 * MINUTE);
  expect(store(prefixes, prompt(64, 2))).toBe(0);
  expect(store(prefixes, prompt(64, 3), now + 60 * MINUTE)).toBe(4);
  expect(await held(prefixes, prompt(128, 1))).toBe(64);
  now += 5 * MINUTE;
  expect(store(prefixes, prompt(64, 2))).toBe(4);
  expect(await held(prefixes, prompt(64, 3))).toBe(64);
});

it("promises outlive the process", async () => {
  {
    await using states = await open();
    const prefixes = states.open("model", ownerOf("one"));
    store(prefixes, prompt(64, 1), now + 60 * MINUTE);
    store(prefixes, prompt(64, 2));
    prefixes.touch(prefixes.find(prompt(64, 2)).blocks, { until: now + 60 * MINUTE });
    now += MINUTE;
    for (let own = 3; own < 12; own++) store(prefixes, prompt(64, own));
  }
  now += MINUTE;
  await using states = await open({ disk: { limit: 14 * FILE_BYTES } });
  for (const own of [1, 2])
    expect(await held(states.open("model", ownerOf("one")), prompt(64, own))).toBe(64);
});

it("a clock that is set back makes nothing immortal, and one that is set forward is no error", async () => {
  await using states = await open({ disk: null, memoryLimit: 8 * BLOCK_BYTES });
  const prefixes = states.open("model", ownerOf("one"));
  for (const [own, jump] of [
    [1, 1e12],
    [2, -2e12],
    [3, 1e12],
  ] as const) {
    now += jump;
    store(prefixes, prompt(128, own), now + 60 * MINUTE);
    expect(await held(prefixes, prompt(128, own))).toBe(128);
  }
});

it("what is being read stays, whatever comes in", async () => {
  await using states = await open({ disk: null, memoryLimit: 8 * BLOCK_BYTES });
  const prefixes = states.open("model", ownerOf("one"));
  const tokens = prompt(128, 1);
  store(prefixes, tokens);
  const lease = await prefixes.read(prefixes.find(tokens).blocks);
  now += 60 * MINUTE;
  expect(store(prefixes, prompt(64, 2))).toBe(0);
  lease.release();
  lease.release();
  expect(store(prefixes, prompt(64, 2))).toBe(4);
  expect(Buffer.concat(lease.states)).toEqual(Buffer.from(stateOf(tokens, { start: 0, end: 128 })));
});

it("a second process keeps its state in memory, says so once, and harms nothing", async () => {
  await using first = await open();
  store(first.open("model", ownerOf("one")), prompt(64, 1));
  await first.settled();
  await using second = await open();
  const prefixes = second.open("model", ownerOf("one"));
  expect(warnings).toEqual([expect.stringContaining(`process ${process.pid} owns ${folder}`)]);
  store(prefixes, prompt(64, 2));
  expect(await held(prefixes, prompt(64, 2))).toBe(64);
  expect(second.stats().disk).toBeNull();
  await second.close();
  expect(await held(first.open("model", ownerOf("one")), prompt(64, 1))).toBe(64);
});

it("a folder that cannot be used leaves memory", async () => {
  const file = join(folder, "file");
  await writeFile(file, "");
  await using states = await createStateStore({
    memoryLimit: 1e9,
    blockTokens: BLOCK,
    warn: (message) => warnings.push(message),
    disk: { folder: join(file, "states"), limit: 1e9 },
  });
  store(states.open("model", ownerOf("one")), prompt(64, 1));
  expect(await held(states.open("model", ownerOf("one")), prompt(64, 1))).toBe(64);
  expect(warnings).toEqual([expect.stringContaining("memory only")]);
});

it("forgets a workspace when asked to, and nothing else", async () => {
  await using states = await open();
  for (const workspace of ["one", "two"])
    store(states.open("model", { workspace, model: "m" }), prompt(64, 1));
  await states.settled();
  await states.clear(isOf("one"));
  expect(states.open("model", ownerOf("one")).find(prompt(64, 1)).length).toBe(0);
  expect(await held(states.open("model", ownerOf("two")), prompt(64, 1))).toBe(64);
  await states.settled();
  expect(states.stats().disk?.used).toBe(await bytesIn(folder));
});

it("refuses blocks that are not where blocks begin, and keeps none without those before it", async () => {
  await using states = await open({ disk: null });
  const add = (from: number, ...sizes: number[]): number =>
    states.open("model", ownerOf("one")).add(
      prompt(64, 1),
      sizes.map((size) => new Uint8Array(size)),
      { from },
    );
  for (const from of [-16, 1, 64]) expect(() => add(from, 5)).toThrow(RangeError);
  expect(() => add(48, 5, 5)).toThrow(RangeError);
  expect(() => add(0, 5, 0)).toThrow(RangeError);
  expect(add(16, 5)).toBe(0);
  expect(add(64)).toBe(0);
  expect(add(0, 5)).toBe(1);
  expect(add(0, 5, 5)).toBe(2);
});

it("an aborted read rejects, and holds nothing", async () => {
  await using states = await open({ disk: null, memoryLimit: 4 * BLOCK_BYTES });
  const prefixes = states.open("model", ownerOf("one"));
  store(prefixes, prompt(64, 1));
  const { blocks } = prefixes.find(prompt(64, 1));
  await expect(prefixes.read(blocks, { signal: AbortSignal.abort() })).rejects.toThrow();
  expect(store(prefixes, prompt(64, 2))).toBe(4);
});

/** Bytes of all files but the lock. */
async function bytesIn(path: string): Promise<number> {
  const names = (await readdir(path)).filter((name) => name !== "lock");
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(path, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

it("says what each owner has and forgets it, in memory and on disk, also after a restart", async () => {
  const holding = async (states: StateStore) => {
    await states.settled();
    return states.held().map(({ workspace, memoryBytes, diskBytes }) => [workspace, memoryBytes, diskBytes]);
  };
  const four = 4 * BLOCK_BYTES;
  {
    await using states = await open();
    for (const workspace of ["one", "two"]) store(states.open("model", ownerOf(workspace)), prompt(64, 1));
    store(states.open("another file", ownerOf("two")), prompt(16, 1));
    expect(await holding(states)).toEqual([
      ["one", four, 4 * FILE_BYTES],
      ["two", four, 4 * FILE_BYTES],
      ["two", BLOCK_BYTES, FILE_BYTES],
    ]);
  }
  {
    await using states = await open();
    const after = await holding(states);
    expect(after.sort()).toEqual([
      ["one", 0, 4 * FILE_BYTES],
      ["two", 0, 4 * FILE_BYTES],
      ["two", 0, FILE_BYTES],
    ]);
    await states.clear(isOf("two"));
    expect(states.held().map(({ workspace }) => workspace)).toEqual(["one"]);
  }
  await using states = await open();
  expect(await holding(states)).toEqual([["one", 0, 4 * FILE_BYTES]]);
  expect(await held(states.open("model", ownerOf("one")), prompt(64, 1))).toBe(64);
});
