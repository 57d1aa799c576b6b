import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Session } from "../session/session-store.ts";
import { createRunSession, temporaryHome } from "../testing/run-bench.ts";
import { call, publish, turnBenchOver } from "../testing/turn-bench.ts";
import { startRunTool } from "../tools/start-run-tool.ts";

const ownHome = process.env.ML_INTERN_HOME;
let home: string;
let session: Session;

beforeEach(async () => {
  home = await temporaryHome();
  process.env.ML_INTERN_HOME = home; // where the bench's workbench works
  session = await createRunSession(home);
  const waiting = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.02)\n";
  await writeFile(join(session.paths.workspace, "train.py"), waiting);
});

afterEach(async () => {
  if (ownHome === undefined) delete process.env.ML_INTERN_HOME;
  else process.env.ML_INTERN_HOME = ownHome;
  const lease = JSON.parse(await readFile(join(home, "jobs", "lease.json"), "utf8")) as { pid: number };
  process.kill(lease.pid, "SIGTERM");
  await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

const go = () => writeFile(join(session.paths.workspace, "go"), "");
const start = call("start_run", { name: "a try", script: "train.py", background: true });
const tools = [startRunTool, publish];
/** Resolves when the turn says that it waits. */
const waits = () =>
  new Promise<void>((resolve, reject) => {
    const stop = session.subscribe((event) => {
      if (event.type === "turn_finished") reject(new Error(JSON.stringify(event)));
      else if (event.type === "progress" && event.text.includes("run_1")) resolve();
      else return;
      stop();
    });
  });

test("a model with nothing to do is not asked again until its run ends, and then hears how", async () => {
  const script = [start, { text: "I wait." }, call("publish", {}), { text: "." }];
  const { turn, engine } = turnBenchOver(home, session, script);
  const waiting = waits();
  const turning = turn({ tools });
  await waiting;
  expect(engine.requests).toHaveLength(2);
  await go();
  expect(await turning).toMatchObject({ outcome: "published" });
  expect(JSON.stringify(engine.requests[2]?.messages.at(-1))).toContain(
    "run_1 (a try, seed 0) has ended well",
  );
  expect(session.state.records.run).toMatchObject([{ id: "run_1", ended: "exited" }]);
});

test("the person is heard while the model waits; a stop leaves the run alone, and resume hears its end", async () => {
  const { turn, engine } = turnBenchOver(home, session, [
    ...[start, { text: "I wait." }, { text: "I hear you, and wait." }],
    ...[{ text: "I wait on." }, call("publish", {}), { text: "." }],
  ]);
  const controller = new AbortController();
  let waiting = waits();
  const turning = turn({ tools, signal: controller.signal });
  await waiting;
  waiting = waits();
  await session.append({ type: "said", text: "Hurry.", hears: "next_step" });
  await waiting;
  expect(JSON.stringify(engine.requests[2]?.messages.at(-1))).toContain("Hurry.");
  controller.abort();
  expect(await turning).toMatchObject({ outcome: "stopped" });
  expect(session.state.records.run).toBeUndefined();
  await go();
  expect(await turn({ tools, text: null })).toMatchObject({ outcome: "published" });
  expect(session.state.records.run).toMatchObject([{ id: "run_1", ended: "exited", exit_code: 0 }]);
});
