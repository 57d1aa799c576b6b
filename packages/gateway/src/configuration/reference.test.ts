import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { randomNumbers } from "../limits/testing/random-numbers.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { openEngines } from "./open-engines.ts";
import { readConfiguration } from "./read-configuration.ts";

const PAGE = new URL("../../../../docs/gateway.md", import.meta.url);
const VARIABLES = {
  CLAUDE_KEY: "sk-ant",
  VLLM_KEY: "sk-vllm",
  VLLM_SALT: "0123456789abcdef0123456789abcdef",
  SALES_KEY: "sk-sales",
  OTLP_TOKEN: "token",
};

async function example(): Promise<string> {
  const page = await readFile(PAGE, "utf8");
  return /```yaml\n(.*?)```/s.exec(page)?.[1] ?? "";
}

it("the reference's example is a configuration, and the engines in it open", async () => {
  const configuration = readConfiguration(await example(), {
    file: "docs/gateway.md",
    variables: VARIABLES,
    defaultEngines: [],
  });
  expect(configuration.keys.map(({ name }) => name)).toEqual(["notebooks", expect.any(String)]);
  const logged: string[] = [];
  await using opened = openEngines(configuration.engines ?? {}, {
    folder: "/nowhere",
    coalesce: {},
    log: (message) => logged.push(message),
  });
  expect(Object.entries(opened.engines).map(([name, engine]) => [name, engine.name])).toEqual([
    ["claude", "claude"],
    ["vllm", "vllm"],
    ["local", "local"],
    ["recipes", "recipes"],
  ]);
  expect(opened.queueLengths()).toEqual({ local: 0 });
  const { signal } = new AbortController();
  expect(await opened.engines.vllm?.listModels({ signal })).toMatchObject([
    { id: "qwen3", displayName: "Qwen 3", contextWindow: 131_072, maxOutputTokens: 32_768 },
  ]);
  // No such files here: the engine says so, and goes on.
  expect(await opened.engines.local?.listModels({ signal })).toEqual([]);
  expect(logged.join("\n")).toContain("/nowhere/models/small.gguf");
});

/** An unknown setting in every section: the answer names those that are known there. */
const SPOILT = `
x: 1
listen: { x: 1 }
engines:
  a: { type: anthropic, x: 1 }
  o: { type: openai, x: 1, models: { m: { x: 1 } } }
  l: { type: llama, x: 1, sampling: { x: 1 }, models: { m: { x: 1 } } }
workspaces: { w: { x: 1, limits: { x: 1 } } }
keys: [{ x: 1 }]
cors: { x: 1 }
log: { x: 1 }
metrics: { x: 1 }
traces: { x: 1 }
limits: { x: 1 }
usage: { x: 1 }
cache: { x: 1 }
prices: { m: { x: 1, longPrompt: { x: 1 } } }
coalesce: { x: 1 }
`;

it("the reference's example holds every setting that there is", async () => {
  const text = await example();
  let message = "";
  try {
    readConfiguration(SPOILT, { file: "f", variables: {}, defaultEngines: [] });
  } catch (error) {
    message = String(error);
  }
  const sections = [...message.matchAll(/Known here: ([^.]+)\./g)].map(([, names = ""]) => names.split(", "));
  expect(sections).toHaveLength(SPOILT.match(/\bx: 1/g)?.length ?? 0);
  for (const name of sections.flat()) expect(text).toMatch(new RegExp(`\\b${name}:`));
});

it("whatever is done to the example, it is read or refused with a place in it, and no secret is shown", async () => {
  const text = await example();
  const scraps = [
    "",
    "~",
    "[]",
    "{}",
    "*",
    "&a",
    "<<: *a",
    "- ",
    ": ",
    "'",
    '"',
    "\t",
    "\u0000",
    "!!js x",
    "0",
    "$",
    "#",
  ];
  const secrets = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, "swordfish".repeat(4)]));
  let refused = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const random = randomNumbers(seed);
    const start = Math.floor(random() * text.length);
    const end = start + Math.floor(random() * random() * 80);
    const scrap = scraps[Math.floor(random() * scraps.length)] ?? "";
    const spoilt = text.slice(0, start) + scrap + text.slice(end);
    try {
      readConfiguration(spoilt, { file: "f", variables: secrets, defaultEngines: [] });
    } catch (error) {
      refused++;
      if (!(error instanceof ConfigurationError)) throw new Error(`seed ${seed}`, { cause: error });
      expect(error.message, `seed ${seed}`).not.toContain("swordfish");
      const lines = spoilt.split("\n").length;
      for (const { line, column, message, mend } of error.problems) {
        expect(line >= 1 && line <= lines && column >= 1, `seed ${seed}`).toBe(true);
        expect(message.length > 0 && mend.length > 0, `seed ${seed}`).toBe(true);
      }
    }
  }
  expect(refused).toBeGreaterThan(25);
});
