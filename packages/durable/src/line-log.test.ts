import { spawn } from "node:child_process";
import { once } from "node:events";
import { type FileHandle, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LineLog } from "./line-log.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "line-log-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("gives back the lines that were appended, in order, also those of appends that ran at once", async () => {
  const path = join(folder, "log");
  const log = await LineLog.open(path);
  const numbers = Array.from({ length: 200 }, (_, index) => `line ${index}`);
  await Promise.all(numbers.map((line) => log.append(line)));
  await log.close();
  expect(await linesOf(path)).toEqual(numbers);
});

it("cuts off a last line that was never finished, and goes on after the one before it", async () => {
  const path = join(folder, "log");
  await writeFile(path, 'whole\n{"half": ');
  expect(await linesOf(path)).toEqual(["whole"]);
  const log = await LineLog.open(path);
  await log.append("next");
  await log.close();
  expect(await readFile(path, "utf8")).toBe("whole\nnext\n");
});

it("a file that was deleted under it takes no more lines, and says so", async () => {
  const path = join(folder, "log");
  const log = await LineLog.open(path);
  await log.append("kept");
  await rm(path);
  await expect(log.append("lost")).rejects.toMatchObject({ code: "disk/file_deleted" });
  await log.close();
});

it("an acknowledged line survives kill -9", async () => {
  const path = join(folder, "log");
  const module = new URL("./line-log.ts", import.meta.url).href;
  const script = `
    const { LineLog } = await import(${JSON.stringify(module)});
    const log = await LineLog.open(${JSON.stringify(path)});
    for (let n = 0; ; n++) { await log.append("line " + n); process.stdout.write(n + "\\n"); }`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let acknowledged = "";
  child.stdout.on("data", (data) => {
    acknowledged += data;
    if (acknowledged.split("\n").length > 50) child.kill("SIGKILL");
  });
  await once(child, "close");
  const last = Number(acknowledged.trimEnd().split("\n").at(-1));
  const lines = await linesOf(path);
  expect(last).toBeGreaterThan(40);
  expect(lines.slice(0, last + 1)).toEqual(Array.from({ length: last + 1 }, (_, n) => `line ${n}`));
});

it("finds lines of any length, also across the pieces in which the file is read", async () => {
  const path = join(folder, "log");
  const lines = ["", "a".repeat(3 << 20), "ä".repeat(1 << 20), "", "end"];
  const log = await LineLog.open(path);
  for (const line of lines) await log.append(line);
  await log.close();
  expect(await linesOf(path)).toEqual(lines);
});

it("what waits behind a line that cannot be written fails with it, and the log goes on afterwards", async () => {
  const path = join(folder, "log");
  const log = await LineLog.open(path);
  const probe = await open(path);
  const handles = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
  const spy = vi.spyOn(handles, "appendFile").mockImplementationOnce(async function (this: FileHandle, text) {
    await this.write(String(text).slice(0, 3));
    throw full;
  });
  const results = [log.append("first")];
  // The first is being written by now.
  await new Promise(setImmediate);
  results.push(log.append("second"), log.append("third"));
  const settled = await Promise.allSettled(results);
  spy.mockRestore();
  expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  await log.append("fourth");
  await log.close();
  expect(await readFile(path, "utf8")).toBe("fourth\n");
});

async function linesOf(path: string): Promise<readonly string[]> {
  const lines: string[] = [];
  const log = await LineLog.open(path, { onLine: (line) => lines.push(line) });
  await log.close();
  return lines;
}
