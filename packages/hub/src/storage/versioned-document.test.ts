import { mkdtemp, readdir, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readNewest, writeVersion } from "./versioned-document.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hub-document-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (version: number, value: unknown): Promise<boolean> =>
  writeVersion(folder, { version, value, temporary: folder });

it("reads the newest version", async () => {
  expect(await readNewest(folder)).toBeNull();
  expect(await readNewest(join(folder, "absent"))).toBeNull();
  await write(1, { a: 1 });
  await write(2, { a: 2 });
  expect(await readNewest(folder)).toEqual({ version: 2, value: { a: 2 } });
});

it("lets one of several writers of a version win, and leaves no other trace", async () => {
  const won = await Promise.all([1, 2, 3, 4, 5].map((value) => write(1, value)));
  expect(won.filter(Boolean)).toHaveLength(1);
  expect(await readdir(folder)).toEqual(["000000000001.json"]);
  expect((await readNewest(folder))?.value).toBe(won.indexOf(true) + 1);
});

it("clears old versions away", async () => {
  for (let version = 1; version <= 40; version++) await write(version, version);
  expect(await readdir(folder)).toHaveLength(16);
  expect(await readNewest(folder)).toEqual({ version: 40, value: 40 });
});

it("reports a damaged newest version", async () => {
  await write(1, "old");
  await write(2, "new");
  await truncate(join(folder, "000000000002.json"), 66);
  await expect(readNewest(folder)).rejects.toMatchObject({ code: "hub/damaged" });
});
