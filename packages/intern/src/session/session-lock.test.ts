import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { takeSessionLock } from "./session-lock.ts";

async function newPath(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), "session-lock-")), "lock");
}

test("a second taker is refused while the first lives, and let in after it", async () => {
  const path = await newPath();
  const lock = await takeSessionLock(path);
  await expect(takeSessionLock(path)).rejects.toMatchObject({
    code: "session/busy",
    message: new RegExp(`pid ${process.pid}, since 20`),
  });
  lock.release();
  const next = await takeSessionLock(path);
  next.release();
  await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
});

test("the lock of a process that was killed is taken over", async () => {
  const path = await newPath();
  const child = spawn("sleep", ["60"]);
  await once(child, "spawn");
  await writeFile(path, JSON.stringify({ pid: child.pid, started: null, token: "x" }));
  child.kill("SIGKILL");
  await once(child, "exit");
  const lock = await takeSessionLock(path);
  lock.release();
});

test.each(["", "{", "null", '{"pid":-1}', '{"pid":0}', '{"pid":"1"}'])(
  "a lock that says %s is nobody's",
  async (text) => {
    const path = await newPath();
    await writeFile(path, text);
    const lock = await takeSessionLock(path);
    lock.release();
  },
);

test("a pid that another program got since does not hold the lock", async () => {
  const path = await newPath();
  await writeFile(path, JSON.stringify({ pid: process.pid, started: "12345", token: "x" }));
  const lock = await takeSessionLock(path);
  lock.release();
});
