import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { StoredPiece } from "./piece.ts";
import type { PrefixStore } from "./prefix-store.ts";
import type { StateLease } from "./state-lease.ts";
import { createStateStore, type StateStore } from "./state-store.ts";
import { createFaultyFiles, type Fault } from "./testing/faulty-files.ts";
import { createRandom, type Random } from "./testing/random.ts";
import { blocksOf, isOf, ownerOf, ROW, stateOf } from "./testing/state-of.ts";

const OPERATIONS = Number(process.env.STORE_OPERATIONS ?? 10_000);
const BLOCK = 4;
const MEMORY_LIMIT = 60 * BLOCK * ROW;
const DISK_LIMIT = 20_000;

type Prompt = readonly number[];

/** What was ever stored, without any forgetting: whatever the store gives must be in it. */
class Reference {
  readonly salt: number;
  readonly prompts: Prompt[] = [];
  readonly boundaries = new Map<string, Prompt>();

  constructor(salt: number) {
    this.salt = salt;
  }

  state(prompt: Prompt, range: { start: number; end: number }): Uint8Array {
    return stateOf(
      prompt.map((token) => token + this.salt),
      range,
    );
  }

  longest(prompt: Prompt): number {
    return Math.max(0, ...this.prompts.map((other) => commonLength(other, prompt)));
  }
}

it(`gives what was stored or nothing, within its limits, over ${OPERATIONS} random operations`, async () => {
  const random = createRandom(Number(process.env.STORE_SEED ?? 1));
  const folder = mkdtempSync(join(tmpdir(), "state-random-"));
  const disk = createFaultyFiles();
  let now = 1_800_000_000_000;
  const openStore = (): Promise<StateStore> =>
    createStateStore({
      memoryLimit: MEMORY_LIMIT,
      disk: { folder, limit: DISK_LIMIT },
      blockTokens: BLOCK,
      now: () => now,
      files: disk.files,
    });
  let states = await openStore();
  const references = [new Reference(0), new Reference(5000)];
  const leases: { lease: StateLease; expected: readonly Buffer[] }[] = [];
  const counts = { hits: 0, fromDisk: 0, boundaries: 0, shorter: 0 };

  for (let step = 0; step < OPERATIONS; step++) {
    const reference = random.pick(references);
    const prefixes = states.open("model", ownerOf(`workspace ${reference.salt}`));
    const prompt = somePrompt(random, reference.prompts);
    const until = random.chance(0.2) ? now + random.integer(3_600_000) : 0;
    const choice = random.integer(100);
    if (choice < 35) addSome(random, { prefixes, reference, prompt, until });
    else if (choice < 45) {
      if (
        prefixes.addBoundary(prompt, reference.state(prompt, { start: 0, end: prompt.length }), { until })
      ) {
        reference.boundaries.set(prompt.join(), prompt);
      }
    } else if (choice < 80) {
      const { length, blocks, boundaries } = prefixes.find(prompt);
      expect(length).toBeLessThanOrEqual(reference.longest(prompt));
      expect(blocks.map(({ start }) => start)).toEqual(blocks.map((_, index) => index * BLOCK));
      for (const { end } of boundaries) {
        expect(reference.boundaries.has(prompt.slice(0, end).join())).toBe(true);
      }
      const pieces = random.chance(0.7) ? blocks : boundaries;
      counts.fromDisk += pieces.filter((piece) => !piece.isInMemory).length;
      const lease = await prefixes.read(pieces);
      expect(lease.states.length).toBeLessThanOrEqual(pieces.length);
      const expected = lease.states.map((state, index) => {
        const { start, end } = pieces[index]!;
        // Of the last block, only what fits the prompt can be compared.
        const used = (Math.min(end, Math.max(length, start), prompt.length) - start) * ROW;
        const rows = pieces === blocks ? used : state.length;
        const right = Buffer.from(reference.state(prompt, { start, end: start + rows / ROW }));
        expect(Buffer.from(state.subarray(0, rows))).toEqual(right);
        return Buffer.from(state);
      });
      counts[pieces === blocks ? "hits" : "boundaries"] += expected.length;
      if (expected.length < pieces.length) counts.shorter++;
      if (random.chance(0.2)) leases.push({ lease, expected });
      else lease.release();
    } else if (choice < 88) prefixes.touch(prefixes.find(prompt).blocks, { until });
    else if (choice < 93) now += random.integer(600_000) * (random.chance(0.05) ? -50 : 1);
    else if (choice < 96) await states.settled();
    else if (choice < 97) await damageOne(random, folder);
    else if (choice < 98) disk.fault = someFault(random);
    else if (choice < 99) {
      disk.fault = () => null;
      await new Promise((resolve) => setImmediate(resolve));
    } else if (random.chance(0.2)) void states.clear(isOf(`workspace ${reference.salt}`));
    else if (random.chance(0.5)) {
      disk.fault = () => null;
      await states.close();
      states = await openStore();
    }
    if (leases.length > 3 || random.chance(0.1)) release(leases.shift());

    expect(states.stats().memory.used).toBeLessThanOrEqual(MEMORY_LIMIT);
    expect(states.stats().disk?.used).toBeLessThanOrEqual(DISK_LIMIT);
    expect(bytesIn(folder)).toBeLessThanOrEqual(DISK_LIMIT);
    if (step % 250 === 0) expectAllReachable(states, references);
  }

  disk.fault = () => null;
  for (const each of leases) release(each);
  await states.close();
  states = await openStore();
  expect(states.stats().disk?.used).toBe(bytesIn(folder));
  for (const { salt } of references) void states.clear(isOf(`workspace ${salt}`));
  await states.close();
  expect(states.stats()).toMatchObject({ memory: { used: 0, pieces: 0 }, disk: { pieces: 0 } });
  expect(readdirSync(folder).filter((name) => name !== "uses")).toEqual([]);
  rmSync(folder, { recursive: true });
  expect(counts.hits).toBeGreaterThan(OPERATIONS / 4);
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(OPERATIONS / 500);
});

/** Whatever takes room can be found: nothing stays behind whose beginning is gone. */
function expectAllReachable(states: StateStore, references: readonly Reference[]): void {
  const pieces = new Set<StoredPiece>();
  for (const { salt, prompts, boundaries } of references) {
    const prefixes = states.open("model", ownerOf(`workspace ${salt}`));
    for (const prompt of [...prompts, ...boundaries.values()]) {
      const found = prefixes.find(prompt);
      for (const piece of [...found.blocks, ...found.boundaries]) pieces.add(piece);
    }
  }
  const { memory, disk } = states.stats();
  const inMemory = [...pieces].filter((piece) => piece.isInMemory);
  expect(inMemory).toHaveLength(memory.pieces);
  expect(inMemory.reduce((sum, { size }) => sum + size, 0)).toBe(memory.used);
  expect(pieces.size - inMemory.length).toBeLessThanOrEqual(disk?.pieces ?? 0);
  expect(pieces.size).toBeGreaterThanOrEqual(disk?.pieces ?? 0);
}

function addSome(
  random: Random,
  {
    prefixes,
    reference,
    prompt,
    until,
  }: { prefixes: PrefixStore; reference: Reference; prompt: Prompt; until: number },
): void {
  // Now and then from farther on or farther back, and not all of them.
  const from = Math.max(
    0,
    prefixes.missing(prompt) + (random.chance(0.1) ? BLOCK * (random.integer(3) - 1) : 0),
  );
  if (from % BLOCK !== 0 || from >= prompt.length) return;
  const all = blocksOf(
    prompt.map((token) => token + reference.salt),
    from,
    BLOCK,
  );
  const blocks = random.chance(0.8) ? all : all.slice(0, random.integer(all.length + 1));
  const stored = prefixes.add(prompt, blocks, { from, until });
  expect(stored).toBeLessThanOrEqual(blocks.length);
  const { length } = prefixes.find(prompt);
  if (length > 0) reference.prompts.push(prompt.slice(0, length));
}

/** A new prompt, or one that goes on from, or branches off, one that was stored before. */
function somePrompt(random: Random, stored: readonly Prompt[]): Prompt {
  const recent = stored.slice(-40);
  const base = recent.length > 0 && random.chance(0.85) ? random.pick(recent) : [];
  const kept = random.chance(0.6) ? base : base.slice(0, random.integer(base.length + 1));
  const added = random.chance(0.4) ? 0 : random.integer(10);
  const prompt = [...kept, ...Array.from({ length: added }, () => random.integer(3))];
  return prompt.length > 0 ? prompt : [random.integer(3)];
}

function someFault(random: Random): (call: { readonly kind: string }) => Fault | null {
  const kind = random.pick(["read", "write", "head"]);
  const fault = random.pick<Fault>(
    kind === "write" ? ["enospc", "eio"] : ["eio", "short", "flip", "vanish", "emfile"],
  );
  return (call) => (call.kind === kind && kind !== "head" && random.chance(0.3) ? fault : null);
}

async function damageOne(random: Random, folder: string): Promise<void> {
  const names = readdirSync(folder).filter((name) => name !== "lock");
  if (names.length === 0) return;
  const path = join(folder, random.pick(names));
  try {
    if (random.chance(0.3)) return await rm(path);
    await using file = await open(path, "r+");
    const { size } = await file.stat();
    if (random.chance(0.3)) await file.truncate(random.integer(size));
    else await file.write(Buffer.from([random.integer(256)]), 0, 1, random.integer(size));
  } catch {
    // The store removed it in the meantime.
  }
}

function release(held: { lease: StateLease; expected: readonly Buffer[] } | undefined): void {
  if (!held) return;
  expect(held.lease.states.map((state) => Buffer.from(state))).toEqual(held.expected);
  held.lease.release();
}

function commonLength(a: Prompt, b: Prompt): number {
  const at = a.findIndex((token, index) => token !== b[index]);
  return at < 0 ? a.length : at;
}

/** Bytes of all files but the lock. */
function bytesIn(folder: string): number {
  return readdirSync(folder)
    .filter((name) => !name.startsWith("lock"))
    .reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}
