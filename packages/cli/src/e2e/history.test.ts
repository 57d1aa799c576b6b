import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readSession, Session, type SessionOptions, saveWorkspace } from "@ml-intern/intern";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EXIT } from "../exit-code.ts";
import { type CliResult, runCli, testHome } from "./run-cli.ts";

const OPTIONS: SessionOptions = {
  task: "t",
  data: "/none.csv",
  target: null,
  model: "recipes/default",
  budget_usd: null,
  max_iterations: 20,
  sandbox: "none",
  hub: "local",
};

let home: Awaited<ReturnType<typeof testHome>>;
let id: string;
beforeEach(async () => {
  home = await testHome();
  id = await sessionOfThreeSteps();
});
afterEach(() => home[Symbol.asyncDispose]());

const run = (...args: string[]): Promise<CliResult> => runCli(args, { home: home.path });
const notes = (session: string): Promise<string> =>
  readFile(join(home.path, "sessions", session, "workspace/notes"), "utf8");

/** A session on disk whose workspace changed with each model call. */
async function sessionOfThreeSteps(): Promise<string> {
  await using session = await Session.create(home.path, OPTIONS);
  await session.append({ type: "turn_started", turn: 1, text: "do it" });
  for (let iteration = 1; iteration <= 3; iteration++) {
    await session.append({ type: "iteration_started", iteration });
    await writeFile(join(session.paths.workspace, "notes"), `after step ${iteration}`);
    await saveWorkspace({ session, after: null, signal: new AbortController().signal });
  }
  return session.state.id;
}

test("steps are listed, an undo takes the session back to one, and the list says so", async () => {
  expect((await run("sessions", id)).stdout).toMatch(/^1 .*\n2 .*\n3 /);
  const undone = await run("undo", id, "--to", "3");
  expect(undone, undone.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining("before step 3") });
  expect(await notes(id)).toBe("after step 2");
  expect((await run("sessions", id)).stdout).toMatch(/^3 .*\(undone\)$/m);
  expect((await run("undo", id)).stdout).toContain("before step 2");
  expect(await notes(id)).toBe("after step 1");
  const lines = (await run("sessions", id, "--json")).stdout.trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { step: "1", undone: false },
    { step: "2", undone: true },
    { step: "3", undone: true },
  ]);
  expect(await run("undo", id, "--to", "9")).toMatchObject({
    code: EXIT.badInput,
    stderr: expect.stringContaining("no step 9"),
  });
});

test("a fork is a session of its own from that step on", async () => {
  const { code, stdout, stderr } = await run("fork", id, "--from", "2");
  expect(code, stderr).toBe(0);
  const made = /\d{8}-\d{6}-\w{6}/.exec(stdout)?.[0] ?? "";
  expect(made).not.toBe(id);
  expect(await notes(made)).toBe("after step 1");
  expect(await notes(id)).toBe("after step 3");
  expect((await run("sessions")).stdout.split("\n")).toHaveLength(3);
});

test("a resume after the workspace was deleted brings it back and says so", async () => {
  await rm(join(home.path, "sessions", id, "workspace"), { recursive: true });
  const resumed = await run("resume", id, "--json");
  expect(resumed.stdout).toMatch(/"because":"missing"[\s\S]*workspace had been deleted/);
  expect(await notes(id)).toBe("after step 3");
});

test("without a kept state the cause is named, and nothing is made in its place", async () => {
  const directory = join(home.path, "sessions", id);
  for (const folder of ["workspace", "snapshots"]) await rm(join(directory, folder), { recursive: true });
  const resumed = await run("resume", id);
  expect(resumed.code).not.toBe(0);
  expect(resumed.stderr).toMatch(/snapshot .* is not there/);
  expect(await readdir(directory)).not.toContain("snapshots");
  expect((await readSession(home.path, id))?.state.iterations).toBe(3);
});
