import { spawn } from "node:child_process";
import { appendFile, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readLog, SessionLog } from "./session-log.ts";

const notice = (text: string) => ({ type: "notice", level: "info", text }) as const;

async function newPath(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), "session-log-")), "events.jsonl");
}

test("events come back in order with numbers without gaps, also after opening again", async () => {
  const path = await newPath();
  const first = await SessionLog.open(path);
  await Promise.all(["a", "b", "c"].map((text) => first.log.append(notice(text))));
  await first.log.close();
  const second = await SessionLog.open(path);
  await second.log.append(notice("d"));
  await second.log.close();
  const { events } = await readLog(path);
  expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  expect(events.map((event) => (event.type === "notice" ? event.text : ""))).toEqual(["a", "b", "c", "d"]);
});

test("a last line that a crash left unfinished is cut off, and what was acknowledged stays", async () => {
  const path = await newPath();
  const { log } = await SessionLog.open(path);
  await log.append(notice("kept"));
  await log.close();
  await appendFile(path, '{"seq":2,"type":"notice","te');
  const again = await SessionLog.open(path);
  expect(again.events).toHaveLength(1);
  await again.log.append(notice("after"));
  await again.log.close();
  expect((await readLog(path)).events).toHaveLength(2);
});

test("damage in the middle is named with its line, and nothing is rewritten", async () => {
  const path = await newPath();
  const { log } = await SessionLog.open(path);
  for (const text of ["a", "b", "c"]) await log.append(notice(text));
  await log.close();
  const lines = (await readFile(path, "utf8")).split("\n");
  lines[1] = lines[1]?.replace('"seq":2', '"seq":7') ?? "";
  await writeFile(path, lines.join("\n"));
  await expect(SessionLog.open(path)).rejects.toMatchObject({ code: "session/damaged", message: /line 2/ });
  expect(await readFile(path, "utf8")).toBe(lines.join("\n"));
});

test("every event that was acknowledged before a kill -9 is there afterwards", async () => {
  const path = await newPath();
  const module = new URL("./session-log.ts", import.meta.url).href;
  const script = `
    import { SessionLog } from ${JSON.stringify(module)};
    const { log } = await SessionLog.open(${JSON.stringify(path)});
    for (let i = 1; ; i++) { await log.append({ type: "notice", level: "info", text: String(i) }); console.log(i); }`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script]);
  let acknowledged = 0;
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (data) => reject(new Error(String(data))));
    child.stdout.on("data", (data) => {
      acknowledged = Math.max(acknowledged, ...String(data).trim().split("\n").map(Number));
      if (acknowledged >= 50) child.kill("SIGKILL");
    });
    child.on("exit", () => resolve());
  });
  const { events } = await readLog(path);
  expect(acknowledged).toBeGreaterThanOrEqual(50);
  expect(events.length).toBeGreaterThanOrEqual(acknowledged);
});
