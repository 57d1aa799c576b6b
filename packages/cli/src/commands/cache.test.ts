import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { keyDigest, serveGateway } from "@ml-intern/gateway";
import { writeTinyGguf } from "@ml-intern/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseCommand } from "../arguments.ts";
import { loadConfiguration } from "../serving/load-configuration.ts";
import { openMessages } from "../serving/open-messages.ts";
import { createStyle } from "../terminal/style.ts";
import { runCommand } from "./run-command.ts";

const KEYS = { one: "key-of-one", two: "key-of-two", boss: "key-of-the-boss" } as const;
const BOOK = "It was the best of times, it was the worst of times. ".repeat(20);

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "cache-command-"));
  await writeTinyGguf(join(home, "tiny.gguf"), { contextLength: 4096, layers: 2 });
  await writeFile(
    join(home, "gateway.yaml"),
    `engines:
  local: { type: llama, models: { tiny: tiny.gguf }, contextSize: 4096, sequences: 1 }
workspaces: { one: {}, two: {} }
keys:
  - { key: "${keyDigest(KEYS.one)}", workspace: one, name: one }
  - { key: "${keyDigest(KEYS.two)}", workspace: two, name: two }
  - { key: "${keyDigest(KEYS.boss)}", workspace: two, name: boss, admin: true }
`,
  );
});
afterAll(() => rm(home, { recursive: true }));

interface Serving {
  readonly url: string;
  readonly port: string;
  stop(): Promise<void>;
}

/** What `serve` serves, within this process. */
async function serving(): Promise<Serving> {
  const loaded = await loadConfiguration(null, { home, env: {} });
  const options = { home, env: {}, error: () => {}, version: "0", hasMetrics: false };
  const app = await openMessages(loaded, options);
  const served = await serveGateway({ app, host: "127.0.0.1", port: 0 });
  const stop = async (): Promise<void> => {
    await served.close();
    await app[Symbol.asyncDispose]();
  };
  return { url: served.url, port: new URL(served.url).port, stop };
}

async function readFor(workspace: "one" | "two", url: string): Promise<number> {
  const client = new Anthropic({ baseURL: url, apiKey: KEYS[workspace], maxRetries: 0 });
  const marker = { cache_control: { type: "ephemeral", ttl: "1h" } } as const;
  const { usage } = await client.messages.create({
    model: "local/tiny",
    max_tokens: 4,
    messages: [{ role: "user", content: [{ type: "text", text: BOOK, ...marker }] }],
  });
  return usage.cache_read_input_tokens ?? 0;
}

/** What the command prints. Rejects as it does, nobody being at a terminal. */
async function cache(args: readonly string[], key?: string): Promise<string> {
  let printed = "";
  await runCommand(parseCommand(["cache", ...args]), {
    home,
    env: key === undefined ? {} : { ML_INTERN_KEY: key },
    out: (text) => {
      printed += text;
    },
    drained: async () => {},
    error: expect.unreachable,
    style: createStyle(false),
    interactive: false,
  });
  return printed;
}

async function workspacesIn(printed: Promise<string>): Promise<readonly string[]> {
  const { prompts } = JSON.parse(await printed) as { prompts: { workspace: string; disk_bytes: number }[] };
  for (const { disk_bytes } of prompts) expect(disk_bytes).toBeGreaterThan(0);
  return prompts.map(({ workspace }) => workspace);
}

test("cached prompts are seen and cleared, while a server runs and when it does not", async () => {
  expect(await cache([])).toBe("Nothing is cached.\n");
  const first = await serving();
  for (const workspace of ["one", "two"] as const) await readFor(workspace, first.url);
  for (const workspace of ["one", "two"] as const)
    expect(await readFor(workspace, first.url)).toBeGreaterThan(900);
  const at = ["--port", first.port];
  expect(await workspacesIn(cache([...at, "--json"], KEYS.boss))).toEqual(["one", "two"]);
  expect(await workspacesIn(cache([...at, "--json"], KEYS.one))).toEqual(["one"]);
  const clearing = [...at, "clear", "--workspace", "two"];
  await expect(cache([...clearing, "--yes"], KEYS.one)).rejects.toMatchObject({
    code: "usage",
    mend: expect.stringContaining("admin: true"),
  });
  await expect(cache(at)).rejects.toThrow("401");
  await expect(cache(clearing, KEYS.boss)).rejects.toMatchObject({ mend: "Add --yes." });
  const cleared = await cache([...clearing, "--yes"], KEYS.boss);
  expect(cleared).toMatch(/^Forgotten in two: 1 cached prompt and \d+\.\d MiB of state\.\n$/);
  expect(await readFor("two", first.url)).toBe(0);
  expect(await readFor("one", first.url)).toBeGreaterThan(900);
  await first.stop();

  const shown = await cache([]);
  expect(shown).toMatch(/^workspace +model +entries +tokens +in memory +on disk\none +local\/tiny +1 /);
  expect(await cache(["clear", "--yes", "--model", "local/other"])).toBe(
    "Nothing was cached of local/other.\n",
  );
  await cache(["clear", "--yes", "--workspace", "one"]);
  expect(await workspacesIn(cache(["--json"]))).toEqual(["two"]);
  const second = await serving();
  expect(await readFor("one", second.url)).toBe(0);
  expect(await readFor("two", second.url)).toBeGreaterThan(900);
  await second.stop();

  await cache(["clear", "--yes"]);
  expect(await cache([])).toBe("Nothing is cached.\n");
  const states = await readdir(join(home, "cache", "states", "local"));
  expect(states.filter((name) => /\.(block|boundary)$/.test(name))).toEqual([]);
  expect(await readFile(join(home, "cache", "entries.log"), "utf8")).not.toContain("best of times");
});

test("says when somebody has the files and no server answers", async () => {
  const server = await serving();
  await readFor("one", server.url);
  await expect(cache(["--port", "9"])).rejects.toThrow("no server answers at http://127.0.0.1:9");
  await server.stop();
});
