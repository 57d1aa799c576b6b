import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readJob, verifyLedger } from "@ml-intern/lab";
import { nodeArguments } from "@ml-intern/testkit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { reservedIn } from "../budget/budget-book.ts";
import { pinnedFacts } from "../context/pinned-facts.ts";
import { rewind } from "../history/rewind.ts";
import { Session } from "../session/session-store.ts";
import { openBudget } from "../testing/open-budget.ts";
import { callTool, createRunSession, openWorkbench, temporaryHome } from "../testing/run-bench.ts";
import { checkRunTool } from "../tools/check-run-tool.ts";
import type { Tool } from "../tools/define-tool.ts";
import { startRunTool } from "../tools/start-run-tool.ts";
import { stopRunTool } from "../tools/stop-run-tool.ts";
import type { Workbench } from "../workbench/workbench.ts";
import { nextRunEvent } from "./next-run-event.ts";
import { openRuns } from "./started-run.ts";

const signal = new AbortController().signal;
let home: string;
let session: Session;
let workbench: Workbench;

beforeEach(async () => {
  home = await temporaryHome();
  session = await createRunSession(home);
  workbench = openWorkbench(home, session);
});

afterEach(async () => {
  await workbench[Symbol.asyncDispose]();
  await session[Symbol.asyncDispose]();
  const lease = JSON.parse(await readFile(join(home, "jobs", "lease.json"), "utf8")) as { pid: number };
  process.kill(lease.pid, "SIGTERM");
  await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** Ends when the file `go` appears in its workspace. */
const waiting = `
import json, os, time
out = os.environ["OUTPUT_DIR"]
print("up")
while not os.path.exists("go"): time.sleep(0.02)
os.makedirs(out + "/model")
open(out + "/model/predict.py", "w").write("pass")
json.dump({"accuracy": 0.9}, open(out + "/metrics.json", "w"))
`;
const alerting = `
import os, time
open(os.environ["OUTPUT_DIR"] + "/alerts.jsonl", "w").write('{"level": "error", "text": "loss is NaN"}\\n')
while True: time.sleep(0.05)
`;

const script = (code: string) => writeFile(join(session.paths.workspace, "train.py"), code);
const go = () => writeFile(join(session.paths.workspace, "go"), "");
const call = (tool: Tool, input: unknown, callId = "call_1") =>
  callTool({ tool, input, callId, session, workbench });
const news = (wait: boolean, stalledAfterMs = 60_000) =>
  nextRunEvent({ session, workbench, budget: openBudget(session), wait, stalledAfterMs, signal });
const start = { name: "a try", script: "train.py", seeds: [5], background: true };
const lastWords = () => session.state.messages.at(-1)?.content;

async function kept(kind: string): Promise<number> {
  const past = await session.past();
  return past.filter((event) => event.type === "recorded" && event.kind === kind).length;
}

async function settlements(): Promise<number> {
  const settled = (await session.past()).filter((event) => event.type === "budget_settled");
  return settled.filter(({ lines }) => lines.some(({ kind }) => kind === "compute")).length;
}

async function ledgerRows(): Promise<number> {
  const path = join(session.paths.lab, "ledger.jsonl");
  expect(await verifyLedger(path)).toMatchObject({ ok: true });
  const lines = (await readFile(path, "utf8")).trim().split("\n");
  return lines.filter((line) => line.includes("run_1")).length;
}

test("start_run returns at once, check_run shows the log meanwhile, waits for the end and records it once", async () => {
  await script(waiting);
  expect(await call(startRunTool, start)).toMatchObject({ runs: [{ run: "run_1", seed: 5 }] });
  expect(openRuns(session.state)).toMatchObject([{ run: "run_1", call_id: "call_1", name: "a try" }]);
  const facts = pinnedFacts(session.state);
  expect(facts.find(({ name }) => name === "open_runs")?.text).toContain("- run_1: a try (train.py, seed 5)");
  const meanwhile = await call(checkRunTool, { run: "run_1", wait_s: 0.5 });
  expect(meanwhile).toMatchObject({ run: "run_1", log: { from: 0 } });
  await go();
  const both = await Promise.all([1, 2].map(() => call(checkRunTool, { run: "run_1", wait_s: 60 })));
  for (const answer of both) {
    expect(answer).toMatchObject({
      ...{ state: "ended", ended: "exited", claimed: { accuracy: 0.9 }, has_model: true },
      log: { text: "up\n", from: 0, to: 3 },
    });
  }
  expect(openRuns(session.state)).toEqual([]);
  expect(await news(true)).toBe(false);
  expect([await kept("run"), await ledgerRows(), await settlements()]).toEqual([1, 1, 1]);
  expect(reservedIn(session.state.budget).compute).toBe(0n);
});

test("an intern that is killed finds its run again, and gets its result once", async () => {
  await script(waiting);
  await workbench[Symbol.asyncDispose]();
  await session[Symbol.asyncDispose]();
  const main = new URL("../testing/run-process.ts", import.meta.url);
  const node = nodeArguments(main);
  const intern = spawn(process.execPath, [...node, home, session.state.id, "call_1", JSON.stringify(start)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(intern.stdout, "data");
  intern.kill("SIGKILL");
  await once(intern, "close");
  session = await Session.open(home, session.state.id);
  workbench = openWorkbench(home, session);
  expect(reservedIn(session.state.budget).compute).toBe(60n);
  // What resume does with a call that had begun and has no result.
  expect(await call(startRunTool, start)).toMatchObject({ runs: [{ run: "run_1" }] });
  await go();
  expect(await news(true)).toBe(true);
  expect(lastWords()).toMatch(/run_1 \(a try, seed 5\) has ended well .* claims \{"accuracy":0.9\}/);
  expect(await news(true)).toBe(false);
  await call(checkRunTool, { run: "run_1" });
  expect([await kept("run"), await ledgerRows(), await settlements()]).toEqual([1, 1, 1]);
  const { spent } = session.state.budget;
  expect(spent.compute).toBeGreaterThan(0n);
  expect(spent.compute).toBeLessThan(60n);
  expect(reservedIn(session.state.budget).compute).toBe(0n);
});

test("the model is woken by an alert and by a stall, each told once; what is stopped is recorded", async () => {
  await script(alerting);
  await call(startRunTool, start);
  expect(await news(true)).toBe(true);
  expect(lastWords()).toContain("- error: loss is NaN");
  expect(await news(false)).toBe(false);
  expect(await news(true, 1000)).toBe(true);
  expect(lastWords()).toContain("neither written nor used its processor");
  expect(await news(false, 1000)).toBe(false);
  expect(await call(stopRunTool, { run: "run_1" })).toMatchObject({ ended: "cancelled" });
  expect(await news(true)).toBe(false);
  expect([await kept("run"), await ledgerRows()]).toEqual([1, 1]);
});

test("a daemon that is killed makes the run lost, and the model is told so", async () => {
  await script(waiting);
  await call(startRunTool, start);
  const look = async () => (await call(checkRunTool, { run: "run_1", wait_s: 0.1 })) as { state: string };
  while ((await look()).state === "queued");
  const lease = JSON.parse(await readFile(join(home, "jobs", "lease.json"), "utf8")) as { pid: number };
  process.kill(lease.pid, "SIGKILL");
  expect(await news(true)).toBe(true);
  expect(lastWords()).toMatch(/run_1 .* was lost/);
  await expect(call(checkRunTool, { run: "run_7" })).rejects.toThrow("run/not_found");
  expect([await kept("run"), await ledgerRows()]).toEqual([1, 1]);
});

test("an undo is refused while a run goes on, and not by one whose end was not told", async () => {
  await script(waiting);
  await call(startRunTool, start);
  const step = { seq: 1, time: "", name: "1", title: "", answer: null, undone: false };
  const { length } = await session.past();
  await expect(rewind({ session, step, home, signal })).rejects.toMatchObject({
    ...{
      code: "session/run_open",
      message: expect.stringMatching(/^run_1 \(a try\) (still goes on|is still)/),
    },
    mend: expect.stringContaining(`ml-intern resume ${session.state.id}`),
  });
  expect(await session.past()).toHaveLength(length);
  await go();
  await vi.waitUntil(
    async () => (await readJob({ home, labDirectory: session.paths.lab, id: "run_1" }))?.state === "ended",
    { timeout: 20_000 },
  );
  expect(openRuns(session.state)).toHaveLength(1);
  await rewind({ session, step, home, signal });
});
