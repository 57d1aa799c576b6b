import { mkdtemp, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeTinyGguf } from "@ml-intern/testkit";
import { expect, onTestFinished, test } from "vitest";
import { KnownFiles } from "./known-files.ts";

test("a file is read once while it stays the same, and again when it changes or appears", async () => {
  const folder = await mkdtemp(join(tmpdir(), "known-files-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "m.gguf");
  const files = new KnownFiles();
  await expect(files.read("m", path)).rejects.toThrow("does not exist");
  await writeTinyGguf(path, { name: "One" });
  const first = await files.read("m", path);
  expect(first.facts.name).toBe("One");
  expect(await files.read("m", path)).toBe(first);
  await writeTinyGguf(path, { name: "Two" });
  await utimes(path, 1, 1);
  const second = await files.read("m", path);
  expect(second).toMatchObject({ facts: { name: "Two" }, writtenAt: "1970-01-01T00:00:01.000Z" });
});
