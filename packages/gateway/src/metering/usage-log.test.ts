import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { UsageLog } from "./usage-log.ts";

const MODULE = new URL("./usage-log.ts", import.meta.url).href;
const canMount = process.getuid?.() === 0;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "usage-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function open(troubles: string[] = [], into = folder): UsageLog {
  return new UsageLog({ folder: into, onTrouble: (message) => troubles.push(message) });
}

const line = (text: string, month = "2026-11") => ({ month, text });

/** What lies in the folder, by file, without what a crash cut off. */
async function kept(): Promise<Readonly<Record<string, readonly string[]>>> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".jsonl")).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return Object.fromEntries(files.map((name, index) => [name, texts[index]!.split("\n").slice(0, -1)]));
}

async function lines(): Promise<readonly string[]> {
  return Object.values(await kept()).flat();
}

/** Another process that appends lines without end and prints the number of each. */
function appender(name: string): ReturnType<typeof spawn> {
  const script = `
    const { UsageLog } = await import(${JSON.stringify(MODULE)});
    const log = new UsageLog({ folder: ${JSON.stringify(folder)}, onTrouble: console.error });
    for (let n = 0; ; n++) {
      log.append({ month: "2026-11", text: "${name} " + n + " " + "x".repeat(200) });
      process.stdout.write(n + "\\n");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }`;
  const args = ["--conditions=source", "--import", "tsx", "--input-type=module", "-e", script];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
}

it("keeps every line, in order, when it is closed", async () => {
  const log = open();
  const texts = Array.from({ length: 12_000 }, (_, index) => `line ${index}`);
  for (const text of texts) log.append(line(text));
  await log.close();
  expect(await lines()).toEqual(texts);
});

it("a line on its own is on disk at once, without being asked", async () => {
  await using log = open();
  log.append(line("alone"));
  await vi.waitUntil(async () => (await lines()).length === 1, { timeout: 900, interval: 5 });
});

it("makes no file before there is a line, and begins a new one with a new month", async () => {
  const log = open();
  await log[Symbol.asyncDispose]();
  expect(await kept()).toEqual({});
  await using other = open();
  for (const month of ["2026-11", "2026-12", "2026-11"]) other.append(line(month, month));
  await other.close();
  const files = await kept();
  expect(Object.keys(files).map((name) => name.replace(/\.[0-9a-f]{12}\./, "."))).toEqual([
    "2026-11.jsonl",
    "2026-12.jsonl",
  ]);
  expect(Object.values(files)).toEqual([["2026-11", "2026-11"], ["2026-12"]]);
});

it("two processes in one folder: kill -9 costs at most half a second of one, and nothing of the other", async () => {
  const [killed, other] = [appender("a"), appender("b")];
  const printed = { a: 0, b: 0, aSettled: 0 };
  killed.stdout?.on("data", (data) => (printed.a = Number(String(data).trimEnd().split("\n").at(-1))));
  other.stdout?.on("data", (data) => (printed.b = Number(String(data).trimEnd().split("\n").at(-1))));
  await vi.waitUntil(async () => (await lines()).some((text) => text.startsWith("a ")), { timeout: 20_000 });
  printed.aSettled = printed.a;
  await new Promise((resolve) => setTimeout(resolve, 500));
  killed.kill("SIGKILL");
  await once(killed, "close");
  await vi.waitUntil(async () => (await lines()).some((text) => text.startsWith("b ")), { timeout: 20_000 });
  other.kill("SIGKILL");
  await once(other, "close");
  const all = await lines();
  for (const name of ["a", "b"]) {
    const own = all.filter((text) => text.startsWith(`${name} `));
    expect(own).toEqual(own.map((_, n) => `${name} ${n} ${"x".repeat(200)}`));
  }
  expect(Object.keys(await kept())).toHaveLength(2);
  expect(all.filter((text) => text.startsWith("a ")).length).toBeGreaterThan(printed.aSettled);
  // A process that comes after them goes on, beside what a crash may have cut off.
  const [torn = ""] = await readdir(folder);
  await writeFile(join(folder, torn), `${await readFile(join(folder, torn), "utf8")}a half li`);
  const log = open();
  log.append(line("after"));
  await log.close();
  expect(await lines()).toEqual(expect.arrayContaining([...all, "after"]));
});

it.runIf(canMount)(
  "a full disk: one warning, lines wait, and are there when there is room again",
  async () => {
    const disk = join(folder, "disk");
    await mkdir(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]);
    try {
      const troubles: string[] = [];
      const log = open(troubles, join(disk, "usage"));
      log.append(line("first"));
      await vi.waitUntil(async () => (await readdir(disk)).includes("usage"), { timeout: 3_000 });
      await writeFile(join(disk, "ballast"), "y".repeat(56 * 1024)).catch(() => {});
      await writeFile(join(disk, "more"), "y".repeat(8 * 1024)).catch(() => {});
      for (let n = 0; n < 100; n++) log.append(line(`${n} ${"x".repeat(200)}`));
      await vi.waitUntil(() => troubles.length > 0, { timeout: 5_000 });
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      expect(troubles).toEqual([
        expect.stringMatching(/^Usage cannot be written: The disk is full.* Answers go on/),
      ]);
      await rm(join(disk, "ballast"));
      await rm(join(disk, "more"), { force: true });
      await vi.waitUntil(() => troubles.length === 2, { timeout: 5_000 });
      expect(troubles[1]).toBe("Usage is written again; nothing is missing.");
      await log.close();
      const [name = ""] = await readdir(join(disk, "usage"));
      expect((await readFile(join(disk, "usage", name), "utf8")).split("\n")).toHaveLength(102);
      expect(troubles).toHaveLength(2);
    } finally {
      execFileSync("umount", [disk]);
    }
  },
);

it("says at the end how many requests were not kept", async () => {
  await writeFile(join(folder, "file"), "");
  const troubles: string[] = [];
  const log = open(troubles, join(folder, "file"));
  log.append(line("a"));
  log.append(line("b"));
  await log.close();
  expect(troubles).toEqual([
    expect.stringMatching(/^Usage cannot be written: EEXIST/),
    "The usage of 2 requests was not kept.",
  ]);
  log.append(line("too late"));
});
