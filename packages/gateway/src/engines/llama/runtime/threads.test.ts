import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTinyContexts, randomTokens } from "../state/format/testing/tiny-contexts.ts";
import { openLlamaRuntime } from "./llama-runtime.ts";
import { Threads, type Work } from "./threads.ts";

/** Threads on a machine whose free cores the test decides; a step takes 100 ms. */
function onMachine({ most = 4, steady = 3 } = {}): {
  readonly step: (work: Work, freeCores: number) => Promise<number>;
  readonly wait: (ms: number) => void;
  readonly used: () => number;
} {
  let [clock, computed, used] = [0, 0, 0];
  const threads = new Threads({
    most,
    steady,
    use: (count) => {
      used = count;
    },
    now: () => clock,
    computed: () => computed,
  });
  const step = (work: Work, freeCores: number): Promise<number> =>
    threads.run(work, async () => {
      clock += 100;
      computed += 100 * Math.min(used, freeCores);
      return used;
    });
  const wait = (ms: number): void => {
    clock += ms;
  };
  return { step, wait, used: () => used };
}

test("all cores are used while they are free", async () => {
  const { step } = onMachine();
  for (let time = 0; time < 5; time++) expect(await step("read", 4)).toBe(4);
});

test("fewer are used where others compute, and all of them when the others have ended", async () => {
  const { step, wait } = onMachine();
  expect(await step("read", 2)).toBe(4);
  for (let time = 0; time < 5; time++) expect(await step("read", 2)).toBe(2);
  wait(1000);
  for (let time = 0; time < 5; time++) expect(await step("read", 4)).toBe(4);
});

test("cores that are not to be had are tried less and less often", async () => {
  const { step } = onMachine();
  let tries = 0;
  for (let time = 0; time < 600; time++) if ((await step("read", 2)) === 4) tries++;
  expect(tries).toBeGreaterThan(4);
  expect(tries).toBeLessThan(10);
});

test("reading and writing find out for themselves", async () => {
  const { step } = onMachine();
  await step("write", 1);
  expect(await step("write", 1)).toBe(1);
  expect(await step("read", 4)).toBe(4);
});

test("what has to be repeatable is written on the same number always", async () => {
  const { step } = onMachine();
  for (const free of [4, 1, 0.5, 4]) expect(await step("write repeatably", free)).toBe(3);
});

test("one thread is the least", async () => {
  const { step } = onMachine({ most: 2, steady: 1 });
  await step("read", 0.3);
  expect(await step("read", 0.3)).toBe(1);
  expect(await step("read", 0.3)).toBe(1);
});

test("between evaluations llama.cpp may have all, for contexts that are made then", async () => {
  const { step, used } = onMachine();
  await step("read", 1);
  expect(used()).toBe(4);
});

test("a prompt has the same state on whatever number of threads its pieces were read", async () => {
  const runtime = await openLlamaRuntime({ threads: 2, log: () => {} });
  const tiny = await openTinyContexts(runtime, { layers: 2 });
  const folder = await mkdtemp(join(tmpdir(), "threads-"));
  try {
    const { sequences } = await tiny.open();
    const states: Buffer[] = [];
    for (const threads of [[1], [2], [2, 1]]) {
      const [sequence] = sequences;
      await sequence?.clearHistory();
      for (let piece = 0; piece < 4; piece++) {
        runtime.llama.maxThreads = threads[piece % threads.length] ?? 1;
        await sequence?.evaluateWithoutGeneratingNewTokens(randomTokens(128, piece));
      }
      await sequence?.saveStateToFile(join(folder, "state"));
      states.push(await readFile(join(folder, "state")));
    }
    expect(states.map((state) => state.equals(states[0] ?? Buffer.alloc(0)))).toEqual([true, true, true]);
  } finally {
    await rm(folder, { recursive: true });
    await tiny.close();
    await runtime.close();
  }
});
