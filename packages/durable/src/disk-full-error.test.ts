import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { LineLog } from "./line-log.ts";
import { writeDurably } from "./write-durably.ts";

const canMount = process.getuid?.() === 0;

it.runIf(canMount)("a full disk is named, and what was kept stays whole", async () => {
  const folder = await mkdtemp(join(tmpdir(), "disk-full-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
  try {
    const path = join(folder, "log");
    const log = await LineLog.open(path);
    await log.append("kept");
    await expect(log.append("x".repeat(100_000))).rejects.toMatchObject({
      code: "disk/full",
      message: expect.stringContaining("log"),
    });
    await log.append("goes on");
    await log.close();
    expect(await readFile(path, "utf8")).toBe("kept\ngoes on\n");
    const other = join(folder, "other");
    await expect(writeDurably(other, "y".repeat(100_000))).rejects.toMatchObject({ code: "disk/full" });
    await expect(readFile(other)).rejects.toMatchObject({ code: "ENOENT" });
  } finally {
    execFileSync("umount", [folder]);
    await rm(folder, { recursive: true, force: true });
  }
});
