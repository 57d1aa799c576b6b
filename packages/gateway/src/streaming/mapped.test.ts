import { describe, expect, it } from "vitest";
import { deferred } from "./deferred.ts";
import { mapped } from "./mapped.ts";

function counting(log: string[]): AsyncIterable<number> {
  return (async function* () {
    try {
      for (let count = 1; count <= 3; count++) yield count;
    } finally {
      log.push("closed");
    }
  })();
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

describe.each([
  ["mapped", (source: AsyncIterable<number>) => mapped(source, (value) => value * 2), [2, 4, 6]],
  ["deferred", (source: AsyncIterable<number>) => deferred(async () => source), [1, 2, 3]],
] as const)("an iteration that is %s", (_, wrap, expected) => {
  it("gives all values and ends", async () => {
    const log: string[] = [];
    expect(await all(wrap(counting(log)))).toEqual(expected);
    expect(log).toEqual(["closed"]);
  });

  it("closes its source when its reader leaves", async () => {
    const log: string[] = [];
    for await (const _value of wrap(counting(log))) break;
    expect(log).toEqual(["closed"]);
  });

  it("passes a failure on", async () => {
    async function* failing(): AsyncGenerator<number> {
      yield 1;
      throw new Error("broken");
    }
    await expect(all(wrap(failing()))).rejects.toThrow("broken");
  });
});

it("a deferred iteration looks for its source once, and only when it is read", async () => {
  let found = 0;
  const find = async (): Promise<AsyncIterable<number>> => {
    found++;
    return counting([]);
  };
  await deferred(find).return?.();
  expect(found).toBe(0);
  expect(await all(deferred(find))).toEqual([1, 2, 3]);
  expect(found).toBe(1);
  const missing = deferred<number>(() => Promise.reject(new Error("no source")));
  await expect(all(missing)).rejects.toThrow("no source");
});
