import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openLedger } from "@ml-intern/lab";
import { nodeArguments } from "@ml-intern/testkit";
import { expect, test } from "vitest";
import { z } from "zod";
import { listSessions, readSession, Session } from "../session/session-store.ts";
import { call, echo, type TurnBench, turnBench } from "../testing/turn-bench.ts";
import { defineTool, type Tool } from "../tools/define-tool.ts";
import { planTool } from "../tools/plan-tool.ts";
import { forkSession } from "./fork-session.ts";
import { prepareWorkspace } from "./prepare-workspace.ts";
import { rewind } from "./rewind.ts";
import { saveWorkspace } from "./save-workspace.ts";
import { findStep, listSteps, type Step } from "./steps.ts";

const signal = new AbortController().signal;

/** Writes a file, and keeps the workspace as the loop does. */
const put: Tool = defineTool({
  name: "put",
  description: "Writes a file.",
  repeatable: true,
  input: z.strictObject({ path: z.string(), text: z.string() }),
  async execute({ path, text }, { session, callId }) {
    await mkdir(join(session.paths.workspace, path, ".."), { recursive: true });
    await writeFile(join(session.paths.workspace, path), text);
    await saveWorkspace({ session, after: callId, signal });
    return "written";
  },
});

const files = async ({ paths }: Session): Promise<Record<string, string>> => {
  const names = await readdir(paths.workspace, { recursive: true, withFileTypes: true });
  const found = names.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(found.map((path) => readFile(path, "utf8")));
  return Object.fromEntries(
    found.sort().map((path, n) => [path.slice(paths.workspace.length + 1), texts[n] ?? ""]),
  );
};

const undo = (session: Session, step: Step): Promise<void> =>
  rewind({ session, step, home: dirname(dirname(session.paths.directory)), signal });

/** Three answers that each write `a`, the second with two calls, and a last word. */
async function worked(): Promise<TurnBench> {
  const bench = await turnBench([
    { text: "First.", toolCalls: [{ name: "put", input: { path: "a", text: "1" } }] },
    {
      text: "Second.",
      toolCalls: [
        { name: "put", input: { path: "a", text: "2" } },
        { name: "put", input: { path: "b", text: "2" } },
      ],
    },
    call("put", { path: "a", text: "3" }),
    { text: "Enough." },
    { text: "Enough, I said." },
    { text: "Enough, really." },
    call("put", { path: "c", text: "new" }),
    { text: "It is." },
    { text: "It is so." },
    { text: "So it is." },
  ]);
  await saveWorkspace({ session: bench.session, after: null, signal });
  await bench.turn({ tools: [put, echo, planTool], usd: 5 });
  return bench;
}

test("the steps are the model's calls and the tools', by name", async () => {
  const { session } = await worked();
  const steps = listSteps(await session.past());
  expect(steps.slice(0, 5).map(({ name, title, undone }) => [name, title, undone])).toEqual([
    ["1", "First.", false],
    ["1.1", 'put {"path":"a","text":"1"}', false],
    ["2", "Second.", false],
    ["2.1", 'put {"path":"a","text":"2"}', false],
    ["2.2", 'put {"path":"b","text":"2"}', false],
  ]);
  expect(findStep(await session.past(), null).name).toBe("6");
  expect(() => findStep([], "9")).toThrow("no step 9");
});

test("an undo takes conversation and workspace back; what was spent stays spent, in memory and on disk", async () => {
  const { session, home, engine } = await worked();
  const before = session.state;
  const step = findStep(await session.past(), "2");
  await undo(session, step);
  expect(await files(session)).toEqual({ a: "1" });
  const { state } = session;
  expect(state.messages).toEqual(
    engine.requests[1]?.messages.map(({ role, content }) => ({ role, content })),
  );
  expect(state).toMatchObject({ pending: [], arriving: null, outcome: "unfinished", cause: null });
  expect(state).toMatchObject({ spent: before.spent, iterations: before.iterations, turns: before.turns });
  expect(state.spent.usd).toBeGreaterThan(0);
  expect(state.unheard.at(-1)).toContain("taken you back");
  expect((await readSession(home, state.id))?.state).toEqual(state);
  const undone = listSteps(await session.past()).filter((step) => step.undone);
  expect(undone.map(({ name }) => name)).toContain("2.2");
});

test("an undone session goes on from there: the model is told, and its steps have new names", async () => {
  const { session, turn, engine, home } = await worked();
  await undo(session, findStep(await session.past(), "2"));
  await turn({ tools: [put, echo, planTool], text: null });
  expect(JSON.stringify(engine.requests[6]?.messages.at(-1))).toContain("taken you back");
  expect(await files(session)).toEqual({ a: "1", c: "new" });
  expect(
    listSteps(await session.past())
      .filter(({ undone }) => !undone)
      .map(({ name }) => name),
  ).toEqual([...["1", "1.1", "7", "7.1", "8", "9", "10"]]);
  expect((await readSession(home, session.state.id))?.state).toEqual(session.state);
});

test("an undo to a call keeps its answer, pays for it once, and makes the call again", async () => {
  const { session, turn, home } = await worked();
  const { usd } = session.state.spent;
  await undo(session, findStep(await session.past(), "2.2"));
  expect(await files(session)).toEqual({ a: "2" });
  expect(session.state.pending.map(({ input, started }) => [input, started])).toEqual([
    [{ path: "b", text: "2" }, false],
  ]);
  expect(session.state.messages.at(-1)?.role).toBe("assistant");
  expect(session.state.spent.usd).toBe(usd);
  expect((await readSession(home, session.state.id))?.state).toEqual(session.state);
  await turn({ tools: [put, echo, planTool], text: null });
  expect(await files(session)).toEqual({ a: "2", b: "2", c: "new" });
});

test("an undo can be undone, since the log keeps everything", async () => {
  const { session } = await worked();
  const before = await files(session);
  await undo(session, findStep(await session.past(), "1"));
  expect(await files(session)).toEqual({});
  await undo(session, findStep(await session.past(), "4"));
  expect(await files(session)).toEqual(before);
  expect(session.state.messages).toHaveLength(7);
});

test("records of the lab stand after an undo, and the rows of a contract that was fixed since come along", async () => {
  const { session } = await worked();
  const { directory, lab, workspace } = session.paths;
  await writeFile(join(directory, "lab/contract.json"), '{"version":1}');
  await mkdir(join(workspace, "data"));
  await writeFile(join(workspace, "data/train.csv"), "rows");
  await session.append({ type: "recorded", kind: "contract", body: { version: 1 }, ledger_head: "h" });
  await undo(session, findStep(await session.past(), "2"));
  expect(await files(session)).toEqual({ a: "1", "data/train.csv": "rows" });
  expect(session.state).toMatchObject({ records: { contract: [{ version: 1 }] }, ledgerHead: "h" });
  expect(session.state.unheard.at(-1)).toContain("the contract");
  expect(await readdir(lab)).toContain("contract.json");
});

test("nothing is recorded when nothing changed", async () => {
  const { session } = await worked();
  const { length } = await session.past();
  await saveWorkspace({ session, after: "x", signal });
  expect(await session.past()).toHaveLength(length);
});

test("a workspace deleted at rest comes back as it was last kept, and that is said; without a snapshot the cause is", async () => {
  const { session, events } = await worked();
  await writeFile(join(session.paths.workspace, "d"), "not kept");
  await rm(session.paths.workspace, { recursive: true });
  await expect(saveWorkspace({ session, after: null, signal })).rejects.toMatchObject({
    code: "session/workspace_lost",
    mend: expect.stringContaining("ml-intern resume"),
  });
  await prepareWorkspace(session, signal);
  expect(await files(session)).toEqual({ a: "3", b: "2" });
  expect(events.slice(-2)).toMatchObject([
    { type: "workspace_restored", because: "missing" },
    { type: "notice", level: "warn", text: expect.stringContaining("deleted") },
  ]);
  const bare = await turnBench([{ text: "Hm." }, { text: "Hm?" }, { text: "Hm!" }]);
  await bare.turn();
  await rm(bare.session.paths.workspace, { recursive: true });
  await expect(prepareWorkspace(bare.session, signal)).rejects.toMatchObject({
    code: "session/workspace_lost",
  });
  expect(await readdir(bare.session.paths.directory)).not.toContain("workspace");
});

test("a link or a file in place of the workspace is refused, and left alone", async () => {
  const { session } = await worked();
  const { workspace } = session.paths;
  const outside = await mkdtemp(join(tmpdir(), "outside-"));
  await writeFile(join(outside, "own"), "the person's");
  for (const put of [() => symlink(outside, workspace), () => writeFile(workspace, "x")]) {
    await rm(workspace, { recursive: true });
    await put();
    const refusal = { code: "session/workspace_lost" };
    await expect(prepareWorkspace(session, signal)).rejects.toMatchObject(refusal);
    await expect(saveWorkspace({ session, after: null, signal })).rejects.toMatchObject(refusal);
  }
  expect(await readdir(outside)).toEqual(["own"]);
  await rm(workspace);
  await prepareWorkspace(session, signal);
  expect(await files(session)).toEqual({ a: "3", b: "2" });
});

test("lost snapshots keep nobody from working on; going back to one names it and changes nothing", async () => {
  const { session } = await worked();
  await rm(session.paths.snapshots, { recursive: true });
  await prepareWorkspace(session, signal);
  await saveWorkspace({ session, after: null, signal });
  const before = await files(session);
  const step = findStep(await session.past(), "2");
  const { length } = await session.past();
  await expect(undo(session, step)).rejects.toMatchObject({ code: "snapshot/damaged" });
  expect(await files(session)).toEqual(before);
  expect(await session.past()).toHaveLength(length);
});

test("a fork goes on by itself; the session that it was made from stays as it is", async () => {
  const { session, home } = await worked();
  const [past, there] = [await session.past(), await files(session)];
  const id = await forkSession({ session, step: findStep(past, "2.2"), home, signal });
  expect(await session.past()).toEqual(past);
  await using fork = await Session.open(home, id);
  expect(await files(fork)).toEqual({ a: "2" });
  expect(fork.state.pending.map(({ input }) => input)).toEqual([{ path: "b", text: "2" }]);
  expect((await fork.past())[0]).toMatchObject({ id, forked_from: { session: session.state.id } });
  await writeFile(join(fork.paths.workspace, "a"), "fork");
  await saveWorkspace({ session: fork, after: null, signal });
  await undo(fork, findStep(await fork.past(), "1"));
  expect(await files(fork)).toEqual({});
  expect(await files(session)).toEqual(there);
  expect((await listSessions(home)).map((listing) => listing.id).sort()).toEqual(
    [session.state.id, id].sort(),
  );
});

test("before the contract each session gets its own; from then on a fork shares lab and ledger, and forks of it do", async () => {
  const { session, home } = await worked();
  const early = await forkSession({ session, step: null, home, signal });
  await using forked = await Session.open(home, early);
  expect(await readdir(forked.paths.lab)).toEqual([]);
  await writeFile(join(session.paths.lab, "contract.json"), '{"version":1}');
  await mkdir(join(session.paths.workspace, "data"));
  await writeFile(join(session.paths.workspace, "data/train.csv"), "rows");
  await using fork = await Session.open(
    home,
    await forkSession({ session, step: findStep(await session.past(), "1"), home, signal }),
  );
  await using second = await Session.open(
    home,
    await forkSession({ session: fork, step: null, home, signal }),
  );
  expect(await files(fork)).toEqual({ "data/train.csv": "rows" });
  expect(await readlink(second.paths.lab)).toBe(join("..", session.state.id, "lab"));
  const ledger = ({ paths }: Session) =>
    openLedger({ path: join(paths.lab, "ledger.jsonl"), home, now: () => new Date() });
  {
    await using mine = await ledger(session);
    await mine.append("score", { set: "test" }, { key: "k" });
    await expect(ledger(fork)).rejects.toMatchObject({ code: "ledger/locked" });
  }
  await using theirs = await ledger(second);
  expect(theirs.rows.filter(({ kind }) => kind === "score")).toHaveLength(1);
  await rm(session.paths.directory, { recursive: true });
  await expect(prepareWorkspace(fork, signal)).rejects.toMatchObject({ code: "session/lab_lost" });
});

const MAIN = new URL("../testing/rewind-main.ts", import.meta.url);

test.each([0, 10, 30, 80])(
  "killed %i ms into an undo, the next start finds one state or the other, whole",
  async (after) => {
    const { session, home } = await worked();
    const { workspace } = session.paths;
    for (let n = 0; n < 80; n++) await writeFile(join(workspace, `late${n}`), `${n}`.repeat(2_000));
    await saveWorkspace({ session, after: null, signal });
    await undo(session, findStep(await session.past(), "2"));
    await undo(session, findStep(await session.past(), "6"));
    const present = await files(session);
    await session[Symbol.asyncDispose]();
    const child = spawn(process.execPath, [...nodeArguments(MAIN), home, session.state.id, "2"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    setTimeout(() => child.kill("SIGKILL"), after);
    await once(child, "close");
    await using opened = await Session.open(home, session.state.id);
    await prepareWorkspace(opened, signal);
    const isUndone = opened.state.messages.length < 5;
    expect(await files(opened)).toEqual(isUndone ? { a: "1" } : present);
    expect(opened.state.workspace.due).toBeNull();
  },
);
