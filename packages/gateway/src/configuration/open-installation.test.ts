import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openInstallation } from "./open-installation.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "installation-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("is made once, for its owner's eyes, and stays", async () => {
  const first = await openInstallation(folder);
  expect(first.organizationId).toMatch(/^[0-9a-f-]{36}$/);
  expect(first.thinkingKey).toHaveLength(32);
  expect(await openInstallation(folder)).toEqual(first);
  expect((await stat(join(folder, "installation.json"))).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(["installation.json"]);
});

it("is the same for all who make it at the same time", async () => {
  const made = await Promise.all(Array.from({ length: 8 }, () => openInstallation(folder)));
  for (const each of made) expect(each).toEqual(made[0]);
});

it("is not made anew over a file that is damaged, which it does not quote", async () => {
  const path = join(folder, "installation.json");
  await writeFile(path, '{"organizationId":"x","thinkingKey":"secret"}');
  await expect(openInstallation(folder)).rejects.toThrow(/installation\.json is damaged/);
  await expect(openInstallation(folder)).rejects.not.toThrow(/secret/);
  expect(await readFile(path, "utf8")).toContain("secret");
});
