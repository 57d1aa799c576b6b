import { expect, it } from "vitest";
import type { CacheTtl } from "../prompt/prompt-block.ts";
import { type CacheEntry, renewed } from "./cache-entry.ts";
import { MemoryEntryStore } from "./memory-entry-store.ts";

const entry = (key: string, startedAt: number, ttl: CacheTtl = "5m"): CacheEntry =>
  renewed({ key, workspace: "w", model: "e/m", tokens: 1, ttl }, startedAt);

it("gives entries in the order of the keys", async () => {
  const store = new MemoryEntryStore();
  store.put([entry("a", 0), entry("b", 0, "1h")]);
  expect(await store.find(["b", "x", "a"])).toEqual([entry("b", 0, "1h"), null, entry("a", 0)]);
  await store.delete(["a"]);
  expect(await store.find(["a"])).toEqual([null]);
});

it("keeps the one that lives longer", async () => {
  const store = new MemoryEntryStore();
  store.put([entry("a", 10), entry("a", 0), entry("b", 0, "1h"), entry("b", 10)]);
  expect(await store.find(["a", "b"])).toEqual([entry("a", 10), entry("b", 0, "1h")]);
  store.put([entry("b", 3_400_000)]);
  expect(await store.find(["b"])).toEqual([entry("b", 3_400_000)]);
  expect(store.size).toBe(2);
});

it("holds so many entries and no more: those go first that would end first", async () => {
  const store = new MemoryEntryStore({ maxEntries: 3 });
  store.put([entry("hour", 0, "1h"), entry("a", 1), entry("b", 2), entry("c", 3)]);
  store.put([entry("b", 4), entry("d", 5)]);
  expect(store.size).toBe(3);
  expect(await store.find(["hour", "a", "b", "c", "d"])).toMatchObject([{}, null, {}, null, {}]);
  store.put([entry("e", 4_000_000)]);
  expect((await store.find(["hour", "b", "e"])).map((found) => found?.key)).toEqual(["hour", undefined, "e"]);
});

it("lets go of what has ended", async () => {
  const store = new MemoryEntryStore();
  store.put([entry("a", 0), entry("hour", 0, "1h"), entry("b", 1_000)]);
  store.expire(300_000);
  expect(store.size).toBe(2);
  store.expire(3_600_000);
  expect(store.size).toBe(0);
});

it("can be read as a whole", async () => {
  const store = new MemoryEntryStore();
  store.put([entry("a", 0), entry("b", 0, "1h")]);
  const keys: string[] = [];
  for await (const { key } of store.scan()) keys.push(key);
  expect(keys).toEqual(["a", "b"]);
});
