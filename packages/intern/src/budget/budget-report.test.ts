import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { PlanStep } from "../session/session-event.ts";
import { Session } from "../session/session-store.ts";
import { call, publish, turnBench, turnBenchOver } from "../testing/turn-bench.ts";
import { planTool } from "../tools/plan-tool.ts";
import { BudgetKeeper } from "./budget-keeper.ts";
import { limitsOf } from "./budget-limits.ts";
import type { BudgetLine } from "./budget-line.ts";
import { budgetReport } from "./budget-report.ts";
import { earlierSteps } from "./earlier-steps.ts";
import { kindOfStep } from "./plan-step.ts";
import { createPrices } from "./prices.ts";

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "report-"));
});

afterEach(() => rm(home, { recursive: true, force: true }));

async function create(): Promise<Session> {
  return await Session.create(home, {
    ...{ task: "t", data: "/none.csv", target: null, model: "scripted/default", budget_usd: 10 },
    ...{ max_iterations: 20, sandbox: "none", hub: "local" },
  });
}

const active = (title: string): readonly PlanStep[] => [{ title, status: "active" }];

/** A session that has spent something on a step of its plan. */
async function spendOn(title: string, usd: string): Promise<void> {
  await using session = await create();
  const lines: readonly BudgetLine[] = [{ kind: "output", of: "m", quantity: 1, usd }];
  session.add({
    ...{ type: "budget_settled", id: "1", lines },
    step: { id: title, kind: kindOfStep(title) },
  });
  await session.kept();
}

test("every kind of line is there with its quantity and money, and what is left of each limit", async () => {
  await writeFile(join(home, "intern.yaml"), "budget: { computeHours: 1, keepBackPercent: 10 }\n");
  await using session = await create();
  session.add({ type: "plan_updated", steps: active("Try trees") });
  session.add({
    ...{ type: "budget_settled", id: "1" },
    lines: [
      { kind: "input", of: "e/m", quantity: 1_000, usd: "1" },
      { kind: "cache_write_5m", of: "e/m", quantity: 2_000, usd: "2.5", saved_usd: "-0.5" },
      { kind: "cache_read", of: "e/m", quantity: 30_000, usd: "0.3", saved_usd: "2.7" },
      { kind: "output", of: "e/m", quantity: 40, usd: "0.2" },
      { kind: "compute", of: "local", quantity: 900, usd: "0" },
      { kind: "storage", of: "hf", quantity: 2_500_000_000, usd: null },
    ],
  });
  session.add({
    ...{ type: "budget_settled", id: "2", agent: "main/research:toolu_1" },
    lines: [{ kind: "output", of: "e/m", quantity: 60, usd: "0.3" }],
  });
  await session.kept();
  expect(await budgetReport(session.state, { home, env: {} })).toEqual([
    "prompt, from no cache (e/m): 1,000 tokens, $1.00",
    "prompt, written to the cache for 5 minutes (e/m): 2,000 tokens, $2.50, which cost $0.50 more",
    "prompt, read from the cache (e/m): 30,000 tokens, $0.30, which saved $2.70",
    "answers (e/m): 100 tokens, $0.50",
    "machine time (local): 900 s, $0.00",
    "storage, for a month (hf): 2.5 GB, price unknown",
    "$4.30 at least: the price of hf is not known",
    "the prompt cache saved $2.20",
    "limit $10.00: $4.30 spent, $0.00 reserved, $5.70 left, of which $1.00 is kept back for publishing",
    "limit 1 h: 900 s spent, 0 s reserved, 2700 s left, of which 360 s is kept back for publishing",
    "main/research:toolu_1: $0.30, 60 tokens",
    "Try trees: What it will cost is not known: there was no such step before.",
  ]);
});

test("when the plan comes to another step, it is said what such steps have cost, also in other sessions", async () => {
  await spendOn("Try trees (seed 1)", "0.2");
  await spendOn("Try trees 2", "0.4");
  await writeFile(join(home, "sessions", "broken"), "");
  const { session } = await turnBench([]);
  const prices = createPrices({}, { isLocal: () => true });
  const limits = limitsOf({ usd: 0.3, keepBackPercent: 0 });
  const steps = () => earlierSteps(home, session.state.id);
  const budget = new BudgetKeeper({ session, limits, prices, earlierSteps: steps });
  session.add({ type: "plan_updated", steps: active("Look at the data") });
  expect(await budget.describeStep()).toBeNull();
  session.add({ type: "plan_updated", steps: active("Try trees 3") });
  expect(await budget.describeStep()).toBe(
    "Try trees 3: It will cost about $0.20 to $0.40, going by 2 earlier steps of its kind. Only $0.30 is left for it.",
  );
});

test("what is spent is of the step that is active, and the next step of its kind is forecast by it", async () => {
  const plan = (...statuses: readonly PlanStep["status"][]) =>
    call("plan", { steps: statuses.map((status, index) => ({ title: `Try model ${index + 1}`, status })) });
  const session = await create();
  const bench = turnBenchOver(home, session, [
    plan("active", "pending"),
    plan("done", "active"),
    plan("done", "done"),
    call("publish", {}),
    { text: "." },
  ]);
  expect(await bench.turn({ tools: [planTool, publish], usd: 10 })).toMatchObject({ outcome: "published" });
  const { steps } = session.state.budget;
  expect(steps.map(({ id, kind }) => [id, kind])).toEqual([
    ["Try model 1", "try model"],
    ["Try model 2", "try model"],
  ]);
  for (const { usd } of steps) expect(usd).toBeGreaterThan(0n);
  const notices = (await session.past()).flatMap((event) => (event.type === "notice" ? event.text : []));
  expect(notices).toEqual([
    expect.stringMatching(/^Try model 2: It will cost about \$.* 1 earlier step of its kind\.$/),
  ]);
});
