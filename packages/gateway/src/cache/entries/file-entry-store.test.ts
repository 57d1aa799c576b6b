import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { verifies } from "../../conformance/verifies.ts";
import { marked, text, user } from "../../validation/testing/request-parts.ts";
import type { CacheTtl } from "../prompt/prompt-block.ts";
import { testCache } from "../testing/test-cache.ts";
import { type CacheEntry, renewed } from "./cache-entry.ts";
import { entryLine } from "./entry-line.ts";
import { FileEntryStore, type FileEntryStoreOptions } from "./file-entry-store.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "entries-"));
  path = join(folder, "cache", "entries.jsonl");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const KEYS = Array.from({ length: 10 }, (_, index) => String(index).repeat(43));
const [A = "", B = ""] = KEYS;
const entry = (key: string, startedAt: number, ttl: CacheTtl = "5m"): CacheEntry =>
  renewed({ key, workspace: "w", model: "e/m", tokens: 7, ttl }, startedAt);
const open = (options: Partial<FileEntryStoreOptions> = {}): Promise<FileEntryStore> =>
  FileEntryStore.open({ path, now: () => 0, ...options });
const lines = async (): Promise<readonly string[]> =>
  (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");

/** What is there for a process that starts at `now`. */
async function reopened(now: number): Promise<readonly (CacheEntry | null)[]> {
  const store = await open({ now: () => now });
  const found = await store.find([A, B]);
  await store.close();
  return found;
}

it("a prompt is still there after a restart, for the rest of its time", async () => {
  verifies("caching.survives-a-restart");
  const prompt = { messages: [user([text("0123456789", marked())])] };
  const first = await open();
  await testCache({ store: first }).ask(prompt, { at: 0 });
  await first.close();
  const second = await open({ now: () => 200_000 });
  expect(await testCache({ store: second }).ask(prompt, { at: 200 })).toEqual([10, 0, 0, 0]);
  await second.close();
  const third = await open({ now: () => 499_000 });
  expect(third.size).toBe(1);
  expect(await testCache({ store: third }).ask(prompt, { at: 501 })).toEqual([0, 10, 0, 0]);
  await third.close();
});

it("what was put and deleted is on disk when the store is closed", async () => {
  const store = await open();
  store.put([entry(A, 1), entry(B, 2, "1h")]);
  store.put([entry(A, 5)]);
  await store.delete([B]);
  await store.close();
  expect(await reopened(100)).toEqual([entry(A, 5), null]);
});

it("entries survive kill -9", async () => {
  verifies("caching.survives-a-restart");
  const module = new URL("./file-entry-store.ts", import.meta.url).href;
  const script = `
    const { FileEntryStore } = await import(${JSON.stringify(module)});
    const store = await FileEntryStore.open({ path: ${JSON.stringify(path)}, now: Date.now });
    store.put([{ key: "${A}", workspace: "w", model: "e/m", tokens: 7, ttl: "1h", startedAt: Date.now(), expiresAt: Date.now() + 3_600_000 }]);
    setTimeout(() => process.stdout.write("written"), 300);
    setInterval(() => {}, 1000);`;
  const loader = ["--conditions=source", "--import", "tsx", "--input-type=module", "-e", script];
  const child = spawn(process.execPath, loader, { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "close");
  const store = await open({ now: Date.now });
  expect(await store.find([A])).toMatchObject([{ tokens: 7, ttl: "1h" }]);
  await store.close();
});

it("damaged lines, half lines and those of other versions are skipped", async () => {
  const store = await open();
  store.put([entry(A, 1), entry(B, 2)]);
  await store.close();
  const good = await lines();
  const damaged = [
    "",
    "\u0000\u0000",
    "{",
    "null",
    "[]",
    '"x"',
    good[0]?.replace('"format":2', '"format":3') ?? "",
    good[0]?.replace('"workspace":"w",', "") ?? "",
    good[0]?.replace(A, "short") ?? "",
    good[0]?.replace('"tokens":7', '"tokens":-7') ?? "",
    good[0]?.replace('"tokens":7', '"tokens":"7"') ?? "",
    good[0]?.replace("5m", "2h") ?? "",
    good[0]?.replace('"started_at":1', '"started_at":1e999') ?? "",
  ];
  await writeFile(path, [...damaged, good[1], ...damaged, '{"format":1,"key'].join("\n"));
  expect(await reopened(100)).toEqual([null, entry(B, 2)]);
  expect(await lines()).toEqual([entryLine(entry(B, 2))]);
});

it("any byte of the file may be another, and it still opens", async () => {
  const store = await open();
  store.put([entry(A, 1), entry(B, 2)]);
  await store.close();
  const whole = await readFile(path);
  for (let at = 0; at < whole.length; at += 3) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
    await writeFile(path, damaged);
    const opened = await open({ now: () => 100 });
    expect(opened.size).toBeLessThanOrEqual(2);
    for await (const { expiresAt } of opened.scan()) expect(expiresAt).toBeLessThanOrEqual(3_600_100);
    await opened.close();
  }
});

it("a line from the future has its lifetime from now, once", async () => {
  verifies("caching.clock-jumps");
  await (await open()).close();
  await appendFile(path, `${entryLine(entry(A, 9e12))}\n`);
  expect(await reopened(1_000)).toEqual([entry(A, 1_000), null]);
  expect(await reopened(2_000)).toEqual([entry(A, 1_000), null]);
  expect(await reopened(302_000)).toEqual([null, null]);
});

it("is written anew when it has grown, and stays short", async () => {
  const store = await open();
  for (let time = 0; time < 5_000; time++) {
    store.put([entry(KEYS[time % 10] ?? "", time)]);
    if (time % 100 === 0) await new Promise(setImmediate);
  }
  await store.close();
  expect((await lines()).length).toBeLessThanOrEqual(2 * 10 + 1_000 + 100);
  expect(await reopened(6_000)).toEqual([entry(A, 4_990), entry(B, 4_991)]);
  expect(await lines()).toHaveLength(10);
});

it("is held by one process at a time", async () => {
  const store = await open();
  await expect(open()).rejects.toMatchObject({
    code: "cache_in_use",
    message: expect.stringContaining(path),
    mend: expect.stringContaining("another home"),
  });
  await store.close();
  await (await open()).close();
});

it("a file that cannot be read says so, and lets go of its lock", async () => {
  await rm(folder, { recursive: true });
  execFileSync("mkdir", ["-p", path]);
  await expect(open()).rejects.toThrow("EISDIR");
  await rm(path, { recursive: true });
  await (await open()).close();
});

it.runIf(process.getuid?.() === 0)(
  "on a full disk entries live in memory, which is told once, and the file catches up",
  async () => {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
    try {
      let now = 0;
      const errors: unknown[] = [];
      const store = await open({ now: () => now, onError: (error) => errors.push(error) });
      const ballast = join(folder, "ballast");
      await writeFile(ballast, "x".repeat(60_000)).catch(() => undefined);
      const many = Array.from({ length: 500 }, (_, index) => entry(String(index).padStart(43, "k"), 0, "1h"));
      store.put([entry(A, 0), ...many]);
      await expect.poll(() => errors).toMatchObject([{ code: "disk/full" }]);
      expect((await store.find([A]))[0]).toEqual(entry(A, 0));
      now = 31_000;
      store.put([entry(B, 0)]); // tries again, fails again, and says nothing more
      await store.delete(many.map(({ key }) => key));
      await rm(ballast);
      store.put([entry(B, 1)]);
      now = 62_000;
      store.put([entry(B, 2)]);
      await store.close();
      expect(errors).toHaveLength(1);
      expect(await lines()).toEqual([entryLine(entry(A, 0)), entryLine(entry(B, 2))]);
    } finally {
      execFileSync("umount", [folder]);
    }
  },
);

it("lines of the version before, which say not whose they are, are an empty cache", async () => {
  const old = JSON.stringify({ format: 1, key: A, tokens: 7, ttl: "5m", started_at: 1 });
  await mkdir(dirname(path));
  await writeFile(path, `${old}\n${entryLine(entry(B, 2))}\n`);
  expect(await reopened(10)).toEqual([null, entry(B, 2)]);
});

it("what was deleted is gone for good when that is said", async () => {
  const store = await open();
  store.put([entry(A, 1), entry(B, 2)]);
  await store.delete([A]);
  const said = await lines();
  expect(said.at(-1)).toContain(A);
  expect(said.at(-1)).toContain("gone");
  await store.close();
});
