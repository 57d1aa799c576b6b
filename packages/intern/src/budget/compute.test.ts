import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Session } from "../session/session-store.ts";
import { openBudget } from "../testing/open-budget.ts";
import { callTool, createRunSession, openWorkbench, temporaryHome } from "../testing/run-bench.ts";
import { call, turnBenchOver } from "../testing/turn-bench.ts";
import { bashTool } from "../tools/bash-tool.ts";
import type { Tool } from "../tools/define-tool.ts";
import { pythonTool } from "../tools/python-tool.ts";
import { startRunTool } from "../tools/start-run-tool.ts";
import type { Workbench } from "../workbench/workbench.ts";
import { reservedIn } from "./budget-book.ts";
import type { BudgetSettings } from "./budget-limits.ts";

let home: string;
let session: Session;
let workbench: Workbench;
let calls = 0;

beforeAll(async () => {
  home = await temporaryHome();
});

afterAll(() => rm(home, { recursive: true, force: true }));

beforeEach(async () => {
  session = await createRunSession(home);
  workbench = openWorkbench(home, session);
});

afterEach(async () => {
  await workbench[Symbol.asyncDispose]();
  await session[Symbol.asyncDispose]();
});

const script = (code: string) => writeFile(join(session.paths.workspace, "train.py"), code);

function use(tool: Tool, input: unknown, settings: BudgetSettings = {}): Promise<unknown> {
  const budget = openBudget(session, { keepBackPercent: 0, ...settings });
  return callTool({ tool, input, callId: `call_${++calls}`, session, workbench, budget });
}

/** What was reserved and settled, in order: seconds and dollars. */
async function expenses(): Promise<readonly unknown[]> {
  const past = await session.past();
  return past.flatMap((event) =>
    event.type === "budget_reserved" || event.type === "budget_settled"
      ? event.lines.map(({ of, quantity, usd }) => [event.type.slice("budget_".length), of, quantity, usd])
      : [],
  );
}

const seconds = (count: number): number => count / 3600;

test("each seed of a run reserves its time limit and settles what it took, which costs what electricity costs", async () => {
  await script("print('up')");
  const electricity = { usdPerKilowattHour: 0.36, watts: 1000 };
  await use(startRunTool, { name: "a try", script: "train.py", seeds: [1, 2] }, { prices: { electricity } });
  const [first, ...rest] = await expenses();
  expect(first).toEqual(["reserved", "local", 60, "0.006"]);
  expect(rest.map((each) => (each as string[])[0])).toEqual(["settled", "reserved", "settled"]);
  const { spent } = session.state.budget;
  expect(spent.compute).toBeGreaterThan(0n);
  expect(spent.compute).toBeLessThan(60n);
  expect(spent.usd).toBe(spent.compute * 100_000_000n);
  expect(reservedIn(session.state.budget).compute).toBe(0n);
});

test("python and bash are counted too, also when they fail", async () => {
  await use(pythonTool, { code: "1 + 1", timeout_s: 40 }).catch(() => undefined); // its answer is no JSON
  await expect(use(bashTool, { command: "exit 3", timeout_s: 50 })).rejects.toThrow("exit code 3");
  expect(await expenses()).toEqual([
    ["reserved", "local", 40, "0"],
    ["settled", "local", expect.any(Number), "0"],
    ["reserved", "local", 50, "0"],
    ["settled", "local", 1, "0"],
  ]);
});

test("a time limit is shortened to what is left, and the model is told", async () => {
  await script("print('up')");
  const run = { name: "a try", script: "train.py", timeout_s: 50, seeds: [1, 2] };
  const answer = await use(startRunTool, run, { computeHours: seconds(21) });
  const shortened = (limit: number) =>
    `[The time limit is ${limit} s: that is what the budget has left for it.]`;
  // The first of two may take half of it, and leaves the rest to the second.
  expect(answer).toMatchObject({ runs: [{ shortened: shortened(10) }, { shortened: shortened(20) }] });
  const [first, , second] = await expenses();
  expect([first, second]).toEqual([
    ["reserved", "local", 10, "0"],
    ["reserved", "local", 20, "0"],
  ]);
});

test("what is left is too little: nothing is begun, and the answer says what to do", async () => {
  await script("open('began', 'w')");
  const electricity = { usdPerKilowattHour: 1, watts: 1000 };
  await session.append({
    type: "budget_settled",
    id: "1",
    lines: [{ kind: "compute", of: "local", quantity: 100, usd: "0.03" }],
  });
  const run = { name: "a try", script: "train.py" };
  const refused = use(startRunTool, run, { computeHours: seconds(105), keepBackPercent: 0 });
  await expect(refused).rejects.toThrow(
    "The next step could take 60 s, which is more than is left of 105 s: 100 s spent.",
  );
  await expect(
    use(bashTool, { command: "touch began" }, { usd: 0.031, prices: { electricity } }),
  ).rejects.toThrow(
    "Raise `usd` in the section budget of intern.yaml, or --budget-usd, and go on with `ml-intern resume`",
  );
  const finish = "What is kept back pays for finishing: submit the best model on the test set";
  const kept = { computeHours: seconds(120), keepBackPercent: 10 };
  await expect(use(startRunTool, run, kept)).rejects.toThrow(finish);
  expect(session.state.records.run).toBeUndefined();
  expect(await expenses()).toHaveLength(1);
});

test("what an interrupt kills is settled before the turn is over", async () => {
  const { turn } = turnBenchOver(home, session, [call("bash", { command: "sleep 50", timeout_s: 60 })]);
  const controller = new AbortController();
  session.subscribe((event) => {
    if (event.type === "budget_reserved" && event.lines[0]?.kind === "compute") controller.abort();
  });
  expect(await turn({ tools: [bashTool], signal: controller.signal })).toMatchObject({ outcome: "stopped" });
  const { open, spent } = session.state.budget;
  expect([...open.keys()].filter((id) => id.startsWith("code:"))).toEqual([]);
  expect(spent.compute).toBeLessThan(10n);
  const types = (await session.past()).map(({ type }) => type);
  expect(types.lastIndexOf("budget_settled")).toBeLessThan(types.indexOf("turn_finished"));
});

test("code that a crash has ended took no longer than until the resume, and no longer than it was allowed", async () => {
  const id = openBudget(session).nameOfCode("call_1");
  await session[Symbol.asyncDispose]();
  for (const [passed, came] of [
    [20_000, 20n],
    [80_000, 60n],
  ] as const) {
    const crashed = await createRunSession(home);
    const reserved = { type: "budget_reserved", id } as const;
    const lines = [{ kind: "compute", of: "local", quantity: 60, usd: "0" }] as const;
    await crashed[Symbol.asyncDispose]();
    session = await Session.open(home, crashed.state.id, () => new Date(Date.now() - passed));
    await session.append({ ...reserved, lines });
    expect(reservedIn(session.state.budget).compute).toBe(60n);
    await openBudget(session).closeOpen(null);
    expect(session.state.budget.spent.compute - came).toBeLessThanOrEqual(1n);
    expect(session.state.budget.spent.compute).toBeGreaterThanOrEqual(came);
    expect(session.state.budget.open.size).toBe(0);
    if (passed === 20_000) await session[Symbol.asyncDispose]();
  }
});
