import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFile,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { PrefixStore } from "../prefix-store.ts";
import { createStateStore, type StateStore, type StateStoreOptions } from "../state-store.ts";
import { createFaultyFiles, type Fault } from "../testing/faulty-files.ts";
import { blocksOf, isOf, ownerOf, ROW, stateOf } from "../testing/state-of.ts";

const BLOCK = 16;
const LENGTH = 160;
const tokens = Array.from({ length: LENGTH }, (_, index) => index * 7);

let folder: string;
let now: number;
let warnings: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "state-faults-"));
  now = 1_800_000_000_000;
  warnings = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const openStore = (options: Partial<StateStoreOptions> = {}): Promise<StateStore> =>
  createStateStore({
    disk: { folder, limit: 1e9 },
    memoryLimit: 1e9,
    blockTokens: BLOCK,
    now: () => now,
    warn: (message) => warnings.push(message),
    ...options,
  });

function store(prefixes: PrefixStore, prompt: readonly number[] = tokens): void {
  const from = prefixes.missing(prompt);
  prefixes.add(prompt, blocksOf(prompt, from, BLOCK), { from });
}

/** How many tokens can be read; what is read must be what was stored. */
async function held(states: StateStore, prompt: readonly number[] = tokens): Promise<number> {
  const prefixes = states.open("model", ownerOf("one"));
  const { blocks } = prefixes.find(prompt);
  using lease = await prefixes.read(blocks);
  const end = lease.states.length * BLOCK;
  expect(Buffer.concat(lease.states)).toEqual(Buffer.from(stateOf(prompt, { start: 0, end })));
  return end;
}

/** Stores the prompt and closes; gives the path of the file of its block at `index`. */
async function stored(index = 4): Promise<string> {
  {
    await using states = await openStore();
    store(states.open("model", ownerOf("one")));
  }
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const state = Buffer.from(stateOf(tokens, { start: index * BLOCK, end: (index + 1) * BLOCK }));
    if ((await readFile(path)).subarray(-state.length).equals(state)) return path;
  }
  throw new Error("the block is not on disk");
}

async function flip(path: string, at: number): Promise<void> {
  const file = await open(path, "r+");
  const byte = Buffer.alloc(1);
  const { size } = await file.stat();
  const position = at < 0 ? size + at : at;
  await file.read(byte, 0, 1, position);
  byte[0] = (byte[0] ?? 0) ^ 16;
  await file.write(byte, 0, 1, position);
  await file.close();
}

const damages: Record<string, (path: string) => Promise<unknown>> = {
  "a flipped bit of the state": (path) => flip(path, -3),
  "a flipped bit of the tokens": (path) => flip(path, 100),
  "a flipped bit of the checksum": (path) => flip(path, 21),
  "another magic": (path) => flip(path, 0),
  "another version": (path) => flip(path, 8),
  "another kind": (path) => flip(path, 10),
  "another length of blocks": (path) => flip(path, 13),
  "a huge number of tokens": (path) => flip(path, 19),
  "another model": (path) => flip(path, 40),
  "a missing last byte": async (path) => truncate(path, (await stat(path)).size - 1),
  "an empty file": (path) => truncate(path, 0),
  "one byte too many": async (path) => truncate(path, (await stat(path)).size + 1),
  "a file that is gone": (path) => rm(path),
};

for (const [damage, harm] of Object.entries(damages)) {
  it(`${damage} is a miss, found at start or later, and the file is removed`, async () => {
    const path = await stored();
    await harm(path);
    {
      await using states = await openStore();
      expect(await held(states)).toBe(4 * BLOCK);
      await states.settled();
      await expect(stat(path)).rejects.toThrow("ENOENT");
      store(states.open("model", ownerOf("one")));
    }
    await using states = await openStore();
    await harm(path);
    expect(await held(states)).toBe(damage === "one byte too many" ? LENGTH : 4 * BLOCK);
    expect(warnings).toEqual([]);
  });
}

it("a file under the name of another is a miss", async () => {
  const [path, other] = [await stored(4), await stored(7)];
  await copyFile(other, path);
  await using states = await openStore();
  expect(await held(states)).toBe(4 * BLOCK);
});

it("files that are not its own stay, and what was half written goes", async () => {
  const path = await stored();
  await writeFile(join(folder, "notes.txt"), "mine");
  await rename(path, `${path}.tmp`);
  await using states = await openStore();
  const names = await readdir(folder);
  expect(names).toContain("notes.txt");
  expect(names.filter((name) => name.endsWith(".tmp"))).toEqual([]);
  expect(await held(states)).toBe(4 * BLOCK);
});

it("a damaged journal of uses harms nothing", async () => {
  await stored();
  await writeFile(join(folder, "uses"), "x 1 2 3\n\0\0 NaN\nabc.block 1\n".repeat(3));
  await using states = await openStore();
  expect(await held(states)).toBe(LENGTH);
});

for (const fault of ["eio", "short", "flip", "vanish"] satisfies Fault[]) {
  it(`a read that fails (${fault}) is a miss, and what was before it a shorter hit`, async () => {
    const path = await stored();
    const disk = createFaultyFiles();
    await using states = await openStore({ files: disk.files });
    disk.fault = (call) => (call.kind === "read" && call.path === path ? fault : null);
    expect(await held(states)).toBe(4 * BLOCK);
    disk.fault = () => null;
    expect(await held(states)).toBe(4 * BLOCK);
    store(states.open("model", ownerOf("one")));
    expect(await held(states)).toBe(LENGTH);
    expect(states.stats().disk?.damaged).toBe(1);
  });
}

it("too many open files say nothing about a file: the next read has it", async () => {
  await stored();
  const disk = createFaultyFiles();
  await using states = await openStore({ files: disk.files });
  disk.fault = (call) => (call.kind === "read" ? "emfile" : null);
  expect(await held(states)).toBe(0);
  disk.fault = () => null;
  expect(await held(states)).toBe(LENGTH);
});

it("a full disk is one warning and a pause; nothing is lost, and writing goes on later", async () => {
  const disk = createFaultyFiles();
  {
    await using states = await openStore({ files: disk.files });
    let calls = 0;
    disk.fault = ({ kind }) => (kind === "write" && ++calls > 3 ? "enospc" : null);
    const prefixes = states.open("model", ownerOf("one"));
    store(prefixes);
    await states.settled();
    expect(await held(states)).toBe(LENGTH);
    expect(calls).toBe(4);
    prefixes.touch(prefixes.find(tokens).blocks);
    await states.settled();
    expect(calls).toBe(4);
    now += 61_000;
    prefixes.touch(prefixes.find(tokens).blocks);
    await states.settled();
    expect(calls).toBe(5);
    expect(states.stats().disk).toMatchObject({ pieces: 3, waiting: 7, isWritable: false });
    expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining("ENOSPC")]);
    now += 61_000;
    disk.fault = () => null;
    prefixes.touch(prefixes.find(tokens).blocks);
    await states.settled();
    expect(states.stats().disk).toMatchObject({ pieces: 10, waiting: 0, isWritable: true });
  }
  await using states = await openStore();
  expect(await held(states)).toBe(LENGTH);
});

it("a file that cannot be removed goes on to count", async () => {
  await stored();
  const disk = createFaultyFiles();
  await using states = await openStore({ files: disk.files });
  disk.fault = ({ kind }) => (kind === "remove" ? "eio" : null);
  const before = states.stats().disk?.used;
  void states.clear(isOf("one"));
  await states.settled();
  expect(states.stats().disk?.used).toBe(before);
  expect(await held(states)).toBe(0);
});

it("what is stored again while its old file is being removed is there after a restart", async () => {
  await stored();
  const disk = createFaultyFiles();
  const { remove } = disk.files;
  let begins = (): void => {};
  const isRemoving = new Promise<void>((resolve) => {
    begins = resolve;
  });
  const files = {
    ...disk.files,
    remove: async (path: string) => {
      begins();
      await new Promise((resolve) => setImmediate(resolve));
      await remove(path);
    },
  };
  {
    await using states = await openStore({ files });
    const prefixes = states.open("model", ownerOf("one"));
    const first = tokens.slice(0, BLOCK);
    prefixes.addBoundary([1], new Uint8Array(8));
    await states.settled();
    states.open("model", ownerOf("two")).addBoundary([1], new Uint8Array(8));
    await states.settled();
    void states.clear(isOf("two"));
    await isRemoving;
    void states.clear(isOf("one"));
    store(prefixes, first);
  }
  await using states = await openStore();
  expect(await held(states, tokens)).toBe(BLOCK);
});

it("a block is not written when the one before it is not", async () => {
  const disk = createFaultyFiles();
  await using states = await openStore({ disk: { folder, limit: 1000 }, files: disk.files });
  const prefixes = states.open("model", ownerOf("one"));
  prefixes.addBoundary([1], new Uint8Array(500), { until: now + 1000 });
  await states.settled();
  expect(states.stats().disk?.pieces).toBe(1);
  store(prefixes, tokens.slice(0, BLOCK + 1));
  await states.settled();
  expect(states.stats().disk).toMatchObject({ pieces: 1, waiting: 0 });
  expect(disk.writes).toBe(1);
});

it("an answer does not wait for the disk", async () => {
  const disk = createFaultyFiles();
  let isStuck = true;
  const { write } = disk.files;
  const files = {
    ...disk.files,
    write: async (path: string, parts: readonly Uint8Array[]) => {
      while (isStuck) await new Promise((resolve) => setImmediate(resolve));
      await write(path, parts);
    },
  };
  await using states = await openStore({ files, memoryLimit: 20 * BLOCK * ROW });
  const prefixes = states.open("model", ownerOf("one"));
  for (let own = 0; own < 10; own++) {
    const prompt = tokens.map((token) => token + 10_000 * own);
    now += 60_000;
    store(prefixes, prompt);
    expect(await held(states, prompt)).toBe(LENGTH);
    expect(states.stats().memory.used).toBeLessThanOrEqual(20 * BLOCK * ROW);
  }
  isStuck = false;
});

it("what was written survives kill -9 in the middle of a write, and is right", async () => {
  const module = new URL("../state-store.ts", import.meta.url).href;
  const states = new URL("../testing/state-of.ts", import.meta.url).href;
  const script = `
    const { createStateStore } = await import(${JSON.stringify(module)});
    const { blocksOf, ownerOf } = await import(${JSON.stringify(states)});
    const store = await createStateStore({ disk: { folder: ${JSON.stringify(folder)}, limit: 1e9 }, memoryLimit: 1e9, blockTokens: ${BLOCK} });
    const prefixes = store.open("model", ownerOf("one"));
    for (let own = 0; ; own++) {
      const tokens = Array.from({ length: ${LENGTH} }, (_, index) => index * 7 + own * 10_000);
      prefixes.add(tokens, blocksOf(tokens, 0, ${BLOCK}));
      await store.settled();
      process.stdout.write(own + "\\n");
    }`;
  for (let round = 0; round < 3; round++) {
    const child = spawn(
      process.execPath,
      ["--conditions=source", "--import", "tsx", "--input-type=module", "-e", script],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    let said = "";
    for await (const chunk of child.stdout) {
      said += chunk;
      if (Number(said.trim().split("\n").at(-1)) >= 20) child.kill("SIGKILL");
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    const acknowledged = said.split("\n").slice(0, -1).map(Number);
    await using store = await openStore();
    expect(acknowledged.length).toBeGreaterThan(20);
    for (const own of acknowledged) {
      expect(
        await held(
          store,
          tokens.map((token) => token + own * 10_000),
        ),
      ).toBe(LENGTH);
    }
    expect(store.stats().disk?.damaged).toBe(0);
  }
});
