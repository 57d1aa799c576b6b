import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { saveWorkspace } from "../history/save-workspace.ts";
import type { Session } from "../session/session-store.ts";
import { openBudget } from "../testing/open-budget.ts";
import { callTool, createRunSession, openWorkbench, temporaryHome } from "../testing/run-bench.ts";
import { call, publish, turnBenchOver } from "../testing/turn-bench.ts";
import { bashTool } from "../tools/bash-tool.ts";
import { startRunTool } from "../tools/start-run-tool.ts";
import { reservedIn } from "./budget-book.ts";

const signal = new AbortController().signal;
const GIGABYTE = 1e9;
let home: string;
let session: Session;

beforeEach(async () => {
  home = await temporaryHome();
  session = await createRunSession(home);
});

afterEach(async () => {
  await session[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

test("what a run leaves is counted, and nothing more is begun when the storage is used up", async () => {
  const code = "import os\nopen(os.environ['OUTPUT_DIR'] + '/weights', 'wb').write(bytes(5_000))\n";
  await writeFile(join(session.paths.workspace, "train.py"), code);
  await using workbench = openWorkbench(home, session);
  const budget = openBudget(session, { storageGigabytes: 5_000 / GIGABYTE, keepBackPercent: 0 });
  const run = { name: "a try", script: "train.py" };
  await callTool({ tool: startRunTool, input: run, callId: "call_1", session, workbench, budget });
  expect(session.state.budget.spent.storage).toBe(5_000n);
  const again = callTool({ tool: startRunTool, input: run, callId: "call_2", session, workbench, budget });
  await expect(again).rejects.toThrow("more than is left of 5000 B: 5000 B spent.");
  await expect(again).rejects.toThrow("Raise `storageGigabytes` in the section budget of intern.yaml");
  const marks = (await session.past()).filter(({ type }) => type === "budget_mark");
  expect(marks).toMatchObject([{ percent: 50 }, { percent: 80 }, { percent: 100, resource: "storage" }]);
});

test("a state of the workspace is counted with what was not kept before", async () => {
  await writeFile(join(session.paths.workspace, "data.csv"), "x".repeat(700));
  expect(await saveWorkspace({ session, after: null, signal })).toBe(700);
  const { turn } = turnBenchOver(home, session, [
    call("bash", { command: "cp data.csv same.csv; printf 123 > new.txt" }),
    call("publish", {}),
    { text: "Done." },
  ]);
  expect(await turn({ tools: [bashTool, publish] })).toMatchObject({ outcome: "published" });
  expect(session.state.budget.spent.storage).toBe(3n);
});

test("room is reserved before something is published, once for a call, and counts when nobody knows what came of it", async () => {
  const budget = openBudget(session, { storageGigabytes: 1, keepBackPercent: 10 });
  const most = { place: "hf", bytes: 0.95 * GIGABYTE };
  expect(() => budget.reserveStorage({ of: "call_1", ...most })).toThrow("10 % kept back for publishing");
  for (const again of [1, 2]) {
    budget.reserveStorage({ of: "call_1", ...most, isFinishing: true });
    expect(reservedIn(session.state.budget).storage * BigInt(again)).toBe(950_000_000n * BigInt(again));
  }
  expect(() => budget.reserveStorage({ of: "call_2", ...most, isFinishing: true })).toThrow(
    "0.95 GB reserved",
  );
  // After a crash, and the call is not made again.
  await budget.closeOpen(null);
  budget.settleStorage({ of: "call_1", ...most });
  expect(session.state.budget.spent.storage).toBe(950_000_000n);
  expect(session.state.budget.open.size).toBe(0);
});
