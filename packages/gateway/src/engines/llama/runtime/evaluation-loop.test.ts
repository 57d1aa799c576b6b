import { expect, test } from "vitest";
import { EvaluationLoop } from "./evaluation-loop.ts";
import type { Work } from "./threads.ts";

const never = new AbortController().signal;

/** A loop over a clock that only its steps move on, and a note of what ran together. */
function scripted(): {
  readonly loop: EvaluationLoop;
  readonly rounds: () => readonly string[];
  /** What the threads were asked for, once each. */
  readonly works: Set<Work>;
  readonly step: (name: string, ms: number) => () => Promise<string>;
} {
  let clock = 0;
  const rounds: string[] = [];
  let current: string[] = [];
  const works = new Set<Work>();
  const loop = new EvaluationLoop({
    threads: {
      run: (work, evaluate) => {
        works.add(work);
        return evaluate();
      },
    },
    now: () => clock,
    breathe: async () => {
      if (current.length > 0) rounds.push(current.join("+"));
      current = [];
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    },
  });
  const step = (name: string, ms: number) => async (): Promise<string> => {
    if (current.length === 0) clock += ms;
    current.push(name);
    return name;
  };
  return { loop, works, rounds: () => [...rounds, current.join("+")].filter((round) => round !== ""), step };
}

async function write(
  { loop, step }: ReturnType<typeof scripted>,
  { name, group, count, ms = 10 }: { name: string; group: object; count: number; ms?: number },
): Promise<void> {
  for (let token = 0; token < count; token++) await loop.write(group, step(name, ms), { signal: never });
}

async function read(
  { loop, step }: ReturnType<typeof scripted>,
  { name, count, ms = 10 }: { name: string; count: number; ms?: number },
): Promise<void> {
  for (let piece = 0; piece < count; piece++) await loop.read(step(name, ms), { signal: never });
}

test("the next tokens of all conversations of a model are evaluated together", async () => {
  const it = scripted();
  const group = {};
  await Promise.all([write(it, { name: "a", group, count: 3 }), write(it, { name: "b", group, count: 3 })]);
  expect(it.rounds()).toEqual(["a+b", "a+b", "a+b"]);
});

test("two models are never evaluated at the same time, and take turns", async () => {
  const it = scripted();
  await Promise.all([
    write(it, { name: "a", group: {}, count: 2 }),
    write(it, { name: "b", group: {}, count: 2 }),
  ]);
  expect(it.rounds()).toEqual(["a", "b", "a", "b"]);
});

test("pieces of prompts are read one at a time, in turns", async () => {
  const it = scripted();
  await Promise.all([read(it, { name: "a", count: 2 }), read(it, { name: "b", count: 2 })]);
  expect(it.rounds()).toEqual(["a", "b", "a", "b"]);
});

test("reading and writing share the time evenly", async () => {
  const it = scripted();
  await Promise.all([
    write(it, { name: "w", group: {}, count: 8, ms: 10 }),
    read(it, { name: "r", count: 3, ms: 40 }),
  ]);
  expect(it.rounds()).toEqual(["r", "w", "w", "w", "w", "r", "w", "w", "w", "w", "r"]);
});

test("a step that waits leaves the queue when it is cancelled; one that runs is finished", async () => {
  const it = scripted();
  const controller = new AbortController();
  const running = it.loop.read(
    async () => {
      controller.abort(new Error("gone"));
      return "done";
    },
    { signal: controller.signal },
  );
  const waiting = it.loop.read(it.step("late", 1), { signal: controller.signal });
  await expect(waiting).rejects.toThrow("gone");
  expect(await running).toBe("done");
  expect(it.rounds()).toEqual([]);
});

test("a step that fails leaves the others alone", async () => {
  const it = scripted();
  const group = {};
  const failed = it.loop.write(group, () => Promise.reject(new Error("native")), { signal: never });
  const fine = it.loop.write(group, it.step("b", 1), { signal: never });
  await expect(failed).rejects.toThrow("native");
  expect(await fine).toBe("b");
});

test("what goes first goes before everything else, and what they took is given back to the writers", async () => {
  const it = scripted();
  const last = (name: string): Promise<string> =>
    it.loop.read(it.step(name, 20), { signal: never, goesFirst: true });
  await Promise.all([
    write(it, { name: "w", group: {}, count: 5, ms: 10 }),
    read(it, { name: "r", count: 2, ms: 10 }),
    last("x"),
    last("y"),
  ]);
  expect(it.rounds()).toEqual(["x", "y", "w", "w", "w", "w", "r", "w", "r"]);
});

test("tokens that are written together are repeatable if one of them has to be", async () => {
  const { loop, works, step } = scripted();
  const group = {};
  await loop.write(group, step("a", 10), { signal: never });
  expect([...works]).toEqual(["write"]);
  works.clear();
  await Promise.all([
    loop.write(group, step("a", 10), { signal: never }),
    loop.write(group, step("b", 10), { signal: never, isRepeatable: true }),
  ]);
  expect([...works]).toEqual(["write repeatably"]);
});
