/**
 * What it saves that a tool begins when its call is whole: a message with two calls, written at 30 tokens a second, whose
 * first tool takes two seconds. `npm run bench:early-calls`
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import Anthropic from "@anthropic-ai/sdk";
import { createGateway, gatewayFetch } from "@ml-intern/gateway";
import { scriptedEngine } from "@ml-intern/testkit";
import { z } from "zod";
import { createPolicy } from "../src/approvals/policy.ts";
import { BudgetKeeper } from "../src/budget/budget-keeper.ts";
import { limitsOf } from "../src/budget/budget-limits.ts";
import { createPrices } from "../src/budget/prices.ts";
import { runTurn } from "../src/loop/run-turn.ts";
import { Session } from "../src/session/session-store.ts";
import { defineTool } from "../src/tools/define-tool.ts";
import { Workbench } from "../src/workbench/workbench.ts";

/** A token is four characters, and 33 ms. */
const MODEL = { chunkSize: 4, pauseMs: 1000 / 30 };
const WORK_MS = 2_000;
const SCRIPT = "import numpy as np\n".repeat(20);

const home = await mkdtemp(join(tmpdir(), "early-calls-"));
try {
  await using session = await Session.create(home, {
    ...{ task: "t", data: "/none.csv", target: null, model: "scripted/default" },
    ...{ budget_usd: null, max_iterations: 9, sandbox: "none", hub: "local" },
  });
  const hub = {
    kind: "local",
    url: "http://hub.test",
    token: "hf_x",
    fetch,
    browseUrl: "http://hub.test",
  } as const;
  await using workbench = new Workbench({
    ...{ home, directory: session.paths.directory, data: "/none.csv", sandbox: "none", hub },
    onProgress: () => undefined,
  });
  const work = defineTool({
    name: "work",
    description: "Takes two seconds.",
    readOnly: true,
    input: z.strictObject({}),
    execute: () => setTimeout(WORK_MS, "done"),
  });
  const keep = defineTool({
    name: "keep",
    description: "Keeps a text.",
    readOnly: true,
    input: z.strictObject({ text: z.string() }),
    execute: async () => "kept",
  });
  const calls = [
    { name: "work", input: {} },
    { name: "keep", input: { text: SCRIPT } },
  ];
  const answers = [{ toolCalls: calls.map((call) => ({ ...call, written: JSON.stringify(call.input) })) }];
  const engine = scriptedEngine((_, index) => answers[index] ?? { text: "Done." }, MODEL);
  const at: Record<string, number> = {};
  /** Of the first message and its two tools, and then of the last word. */
  const ends: number[] = [];
  session.subscribe((event) => {
    const key = event.type === "tool_started" ? `${event.type} ${event.name}` : event.type;
    at[key] ??= performance.now();
    if (event.type === "tool_finished" || event.type === "assistant_message") ends.push(performance.now());
  });
  await runTurn({
    ...{ session, workbench, tools: [work, keep], policy: createPolicy(), presence: "agreed", output: 4_000 },
    client: new Anthropic({
      apiKey: "bench",
      baseURL: "http://gateway.test",
      fetch: gatewayFetch(createGateway({ engines: { scripted: engine } })),
    }),
    budget: new BudgetKeeper({
      session,
      limits: limitsOf({}),
      prices: createPrices({}, { isLocal: () => true }),
    }),
    text: "Do both.",
    signal: new AbortController().signal,
  });
  const since = (name: string): number => (at[name] ?? Number.NaN) - (at.iteration_started ?? 0);
  const done = Math.max(...ends.slice(0, 3)) - (at.iteration_started ?? 0);
  const early = since("assistant_message") - since("tool_started work");
  const saved = Math.min(WORK_MS, early);
  const show = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
  console.log("A message of two calls at 30 tokens a second; the first tool takes 2 s");
  console.log(
    `the first tool began after ${show(since("tool_started work"))}, the message ended after ${show(since("assistant_message"))}`,
  );
  console.log(
    `both had their results after ${show(done)}; without beginning early ${show(done + saved)}: ${show(saved)} saved`,
  );
} finally {
  await rm(home, { recursive: true });
}
