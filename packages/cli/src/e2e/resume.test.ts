import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EvaluationRecord } from "@ml-intern/intern";
import { readSession } from "@ml-intern/intern";
import type { ScriptedOpenAiServer } from "@ml-intern/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { EXIT } from "../exit-code.ts";
import {
  type CliOptions,
  eventsOf,
  type RunningCli,
  recordsOf,
  runCli,
  startCli,
  testHome,
  untilOutput,
} from "./run-cli.ts";
import { exportDigits, startDigitsModel } from "./scripted-digits.ts";

let server: ScriptedOpenAiServer;
let home: Awaited<ReturnType<typeof testHome>>;
let options: CliOptions;

beforeAll(async () => {
  server = await startDigitsModel();
});
afterAll(() => server.close());
beforeEach(async () => {
  home = await testHome();
  options = { home: home.path, env: { OPENAI_BASE_URL: server.baseUrl } };
});
afterEach(() => home[Symbol.asyncDispose]());

/** Starts the digits task and waits until its event stream shows the pattern. */
async function digitsUntil(pattern: RegExp): Promise<{ running: RunningCli; id: string }> {
  const data = await exportDigits(home.path);
  const running = startCli(
    ["Recognise the digit", "--data", data, "--target", "digit", "--model", "openai/scripted", "--json"],
    options,
  );
  const seen = await untilOutput(running, pattern);
  const id = /"id":"(\d{8}-[\w-]+)"/.exec(seen)?.[1];
  if (id === undefined) throw new Error("no session id in the stream");
  return { running, id };
}

const stages: readonly (readonly [string, RegExp])[] = [
  ["while the first run trains", /"type":"tool_started","id":"[^"]+","name":"start_run"/],
  ["between two evaluations", /"kind":"evaluation"/],
  ["while the sealed test is asked", /"name":"submit_for_evaluation","input":\{[^}]*"set":"test"/],
  ["while it publishes", /"type":"tool_started","id":"[^"]+","name":"publish_model"/],
];

test.each(stages)(
  "killed %s, a resume goes on and publishes, and no query is spent twice",
  async (_, pattern) => {
    const { running, id } = await digitsUntil(pattern);
    running.child.kill("SIGKILL");
    await once(running.child, "close").catch(() => undefined);
    const before = (await readSession(home.path, id))?.events ?? [];
    const resumed = await runCli(["resume", id, "--json"], options);
    const events = eventsOf(resumed);
    expect(resumed.code, resumed.stderr + JSON.stringify(events.at(-1))).toBe(0);
    // What was on disk before the kill is still there, unchanged.
    const after = (await readSession(home.path, id))?.events ?? [];
    expect(after.slice(0, before.length)).toEqual(before);
    const scores = recordsOf<EvaluationRecord>(after, "evaluation").flatMap(
      (evaluation) => evaluation.scores,
    );
    expect(scores.filter(({ set }) => set === "test").length).toBeGreaterThanOrEqual(1);
    const ledger = (await readFile(join(home.path, "sessions", id, "lab/ledger.jsonl"), "utf8"))
      .trim()
      .split("\n");
    const tested = ledger.filter((line) => line.includes('"kind":"score"') && line.includes('"set":"test"'));
    expect(tested).toHaveLength(1);
    expect((await runCli(["ledger", "verify", id], options)).code).toBe(0);
  },
  300_000,
);

test("Ctrl-C stops with exit code 3, leaves nothing running, and a resume finishes the work", async () => {
  const { running, id } = await digitsUntil(/"type":"tool_output"/);
  running.child.kill("SIGINT");
  const stopped = await running.finished;
  expect(stopped.code).toBe(EXIT.stopped);
  expect(eventsOf(stopped).at(-1)).toMatchObject({ type: "turn_finished", outcome: "stopped" });
  expect((await runCli(["sessions"], options)).stdout).toContain("stopped");
  expect((await runCli(["resume", id], options)).code).toBe(0);
  expect((await runCli(["resume", id], options)).stderr).toContain("published");
}, 300_000);

test("a second process on the same session is refused with the first one's pid, and disturbs nothing", async () => {
  const { running, id } = await digitsUntil(/"type":"tool_started"/);
  const second = await runCli(["resume", id], options);
  expect(second).toMatchObject({
    code: EXIT.environment,
    stderr: expect.stringContaining(String(running.child.pid)),
  });
  expect((await running.finished).code).toBe(0);
}, 300_000);
