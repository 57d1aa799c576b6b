import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { UsageError } from "../usage-error.ts";
import { loadConfiguration } from "./load-configuration.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "configuration-"));
});
afterEach(() => rm(home, { recursive: true }));

test("without a file everything has its default", async () => {
  const { file, configuration } = await loadConfiguration(null, { home, env: {} });
  expect(file).toBeNull();
  expect(configuration).toMatchObject({ engines: null, keys: [], listen: { port: null } });
});

test("a file that was asked for must be there", async () => {
  const asking = loadConfiguration(join(home, "nowhere.yaml"), { home, env: {} });
  await expect(asking).rejects.toThrow(UsageError);
  await expect(asking).rejects.toThrow(/nowhere\.yaml cannot be read: ENOENT/);
});

test("the file of the home is read, where aliases may point to the engines of the environment", async () => {
  await writeFile(join(home, "gateway.yaml"), "models: { fast: anthropic/claude, slow: ollama/qwen3 }\n");
  const { folder, configuration } = await loadConfiguration(null, { home, env: { ANTHROPIC_API_KEY: "sk" } });
  expect(folder).toBe(home);
  expect(configuration.models).toEqual({ fast: ["anthropic/claude"], slow: ["ollama/qwen3"] });
  await expect(loadConfiguration(null, { home, env: {} })).rejects.toThrow(/names the engine `anthropic`/);
});
