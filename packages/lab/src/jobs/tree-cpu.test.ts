import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { treeCpu } from "./tree-cpu.ts";

it("counts what a tree has used, children that have ended included, and nothing for one that waits", async () => {
  const burn = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
  const busy = spawn("sh", ["-c", `sh -c '${burn}'; echo done; read wait`], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const idle = spawn("sh", ["-c", "read wait"], { stdio: ["pipe", "ignore", "ignore"] });
  try {
    await once(busy.stdout, "data");
    expect(await treeCpu(busy.pid ?? 0)).toBeGreaterThan(0.05);
    expect(await treeCpu(idle.pid ?? 0)).toBeLessThan(0.05);
  } finally {
    busy.kill("SIGKILL");
    idle.kill("SIGKILL");
  }
  expect(await treeCpu(2 ** 30)).toBe(0);
});
