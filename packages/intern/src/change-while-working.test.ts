import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { createGateway, gatewayFetch } from "@ml-intern/gateway";
import { scriptedEngine } from "@ml-intern/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSession, work } from "./intern.ts";
import type { SessionOptions } from "./session/session-event.ts";
import { call } from "./testing/turn-bench.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "change-while-working-"));
  await writeFile(join(home, "data.csv"), "a,label\n1,x\n2,y\n");
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** A turn in which the person changes options while the first tool works. */
async function changed(options: Partial<SessionOptions>) {
  const steps = [{ title: "look", status: "active" }];
  const words = ["Well.", "Well!", "Well?"].map((text) => ({ text }));
  const script = [call("plan", { steps }), call("plan", { steps }), ...words];
  const engine = scriptedEngine(script, { models: ["default", "small"] });
  const listModels = async () =>
    (await engine.listModels()).map((model) =>
      model.id === "small" ? { ...model, maxOutputTokens: 500 } : model,
    );
  const recipes = { ...engine, listModels };
  const client = new Anthropic({
    ...{ apiKey: "test", baseURL: "http://gateway.test", maxRetries: 0 },
    fetch: gatewayFetch(createGateway({ engines: { recipes } })),
  });
  const context = { home, env: { ML_INTERN_PRICE: "1,5" }, client };
  const { signal } = new AbortController();
  const task = {
    ...{ task: "t", data: join(home, "data.csv"), target: null, model: "recipes/default", budgetUsd: null },
    ...({ maxIterations: 20, sandbox: "none", hub: "local" } as const),
  };
  await using session = await createSession(task, context, signal);
  const stop = session.subscribe(({ type }) => {
    if (type !== "tool_started") return;
    stop();
    session.add({ type: "options_changed", options });
  });
  const result = await work(session, { ...context, approve: null, signal });
  return { result, requests: engine.requests };
}

test("another model thinks from the next call on, and is asked for no more than it can write", async () => {
  const { requests } = await changed({ model: "recipes/small" });
  const asked = requests.map(({ model, max_tokens }) => ({ model, isSmall: max_tokens <= 500 }));
  expect(asked.slice(0, 2)).toEqual([
    { model: expect.stringContaining("default"), isSmall: false },
    { model: expect.stringContaining("small"), isSmall: true },
  ]);
});

test("a budget that is set while a turn works holds from the next call on", async () => {
  const { result, requests } = await changed({ budget_usd: 0.000_001 });
  expect(result).toMatchObject({ outcome: "budget" });
  expect(requests).toHaveLength(1);
});
