import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeTinyGguf } from "@ml-intern/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openEngines } from "../configuration/open-engines.ts";
import { createGateway } from "../create-gateway.ts";
import { createMetrics, type GatewayMetrics } from "./create-metrics.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "embedded-metrics-"));
  await writeTinyGguf(join(folder, "m.gguf"), { contextLength: 8192, layers: 2 });
});
afterAll(() => rm(folder, { recursive: true }));

/** About 2,300 tokens: one of the tiny model is a character or two. */
const BOOK = "It was a bright cold day in April, and the clocks were striking. ".repeat(40);

/** Asks a server of its own for answers to these questions, and gives back the value of each sample in its metrics. */
async function served(...questions: readonly string[]): Promise<(name: string) => number | undefined> {
  // As `serve` does it: metrics first, since the engines are told of them.
  const metrics: GatewayMetrics = createMetrics({
    embedded: {
      queueLengths: () => opened.queueLengths(),
      promptStates: () => opened.promptStates(),
    },
  });
  await using opened = openEngines(
    {
      local: {
        type: "llama",
        folder: ".",
        ...{ contextSize: 8192, sequences: 1, sampling: { temperature: 0 }, threads: 1 },
      },
    },
    {
      folder,
      coalesce: {},
      promptCache: { folder: join(folder, "states") },
      onPrompt: metrics.promptPlaced,
      log: () => {},
    },
  );
  const gateway = createGateway({ engines: opened.engines, metrics });
  expect((await metrics.render()).text).not.toMatch(/^gateway_engine_state_bytes\{/m);
  for (const content of questions) {
    const body = { model: "local/m", max_tokens: 4, messages: [{ role: "user", content }] };
    const request = { method: "POST", body: JSON.stringify(body) };
    expect((await gateway.request("/v1/messages", request)).status).toBe(200);
  }
  const { text } = await metrics.render();
  return (name) => {
    const line = text.split("\n").find((each) => each.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length));
  };
}

function tokens(source: string): string {
  return `gateway_engine_prompt_tokens_total{source="${source}",model="m",engine="local"}`;
}

it("tells what an embedded engine held, restored and read, what it keeps, and after a restart from where", async () => {
  const before = await served(`${BOOK}One?`, "Something else.", `${BOOK}One?`);
  expect(before(tokens("read"))).toBeGreaterThan(2_000);
  expect(before(tokens("memory"))).toBeGreaterThan(1_500);
  expect(before(tokens("disk"))).toBeUndefined();
  expect(before('gateway_engine_restore_seconds_count{engine="local"}')).toBe(1);
  expect(before('gateway_engine_restore_seconds_sum{engine="local"}')).toBeGreaterThan(0);
  const memory = 'gateway_engine_state_bytes{place="memory",engine="local"}';
  expect(before(memory)).toBeGreaterThan(100_000);
  expect(before('gateway_engine_state_evictions_total{place="memory",engine="local"}')).toBe(0);
  expect(before('gateway_engine_queue_length{engine="local"}')).toBe(0);
  const after = await served(`${BOOK}One?`);
  expect(after('gateway_engine_state_bytes{place="disk",engine="local"}')).toBeGreaterThan(100_000);
  expect(after(tokens("disk"))).toBeGreaterThan(1_500);
  expect(after(tokens("memory"))).toBeUndefined();
});
