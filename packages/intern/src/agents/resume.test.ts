import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { nodeArguments } from "@ml-intern/testkit";
import { expect, test } from "vitest";
import { forkSession } from "../history/fork-session.ts";
import { rewind } from "../history/rewind.ts";
import { saveWorkspace } from "../history/save-workspace.ts";
import { findStep } from "../history/steps.ts";
import { readLog } from "../session/session-log.ts";
import { agentPaths, readSession, Session } from "../session/session-store.ts";
import { call, publish, turnBench, turnBenchOver } from "../testing/turn-bench.ts";
import { researchTool } from "./research-tool.ts";
import { isOfAgent, researchScript } from "./testing/research-script.ts";

const ASK = call("research", { question: "What is it?" });
const END = [call("publish", {}), { text: "Done." }];
const { signal } = new AbortController();

const PROGRAM = new URL("./testing/research-process.ts", import.meta.url);

function start(home: string, id: string, mode: "hang" | "go-on") {
  return spawn(process.execPath, [...nodeArguments(PROGRAM), home, id, mode], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function newSession(): Promise<{ readonly home: string; readonly id: string }> {
  const home = await mkdtemp(join(tmpdir(), "agents-"));
  await using session = await Session.create(home, {
    ...{ task: "t", data: "/none.csv", target: null, model: "scripted/default", budget_usd: null },
    ...{ max_iterations: 20, sandbox: "none", hub: "local" },
  });
  return { home, id: session.state.id };
}

test("killed in the middle of an agent, the session goes on at the agent's step, and no step is taken twice", async () => {
  const { home, id } = await newSession();
  const killed = start(home, id, "hang");
  await once(killed.stdout, "data");
  killed.kill("SIGKILL");
  await once(killed, "close");
  const before = await readSession(home, id);
  expect(before?.state.pending).toMatchObject([{ name: "research" }]);

  const resumed = start(home, id, "go-on");
  const told = JSON.parse(await text(resumed.stdout)) as { requests: number };
  // The agent's third, fourth and fifth, and the session's own after the answer, which it is asked three times to act upon.
  const after = await readSession(home, id);
  const own = (after?.state.iterations ?? 0) - (before?.state.iterations ?? 0);
  expect(told.requests - own).toBe(3);
  const answer = after?.events.find((event) => event.type === "tool_finished");
  expect(answer).toMatchObject({
    id: before?.state.pending[0]?.id,
    is_error: false,
    content: expect.stringMatching(/^It is four pages long\.\n\n\[research: 6 model calls/),
  });
  const [folder, ...more] = await readdir(join(home, "sessions", id, "agents"));
  expect(more).toEqual([]);
  const { events } = await readLog(join(home, "sessions", id, "agents", folder ?? "", "events.jsonl"));
  const pages = events.flatMap((event) => (event.type === "tool_finished" ? event.content : []));
  expect(pages).toEqual(["page 0", "page 1", "page 2", "page 3"]);
  // What was sent before the kill is paid for, and nothing is left reserved.
  expect(after?.state.budget.open.size).toBe(0);
  expect(after?.state.budget.agents).toHaveLength(1);
});

test("an interrupt stops agents within 100 ms, and the next turn goes on with them at once", async () => {
  let isSilent = true;
  const script = researchScript({
    main: [{ toolCalls: [ASK.toolCalls[0], ASK.toolCalls[0]] }, ...END],
    agent: ({ step }) =>
      step === 0 ? call("read", { path: "none" }) : isSilent ? { hangs: true } : { text: "So." },
  });
  const { turn, session, engine } = await turnBench(script, { max_iterations: 30 });
  const tools: Parameters<typeof turn>[0] = { tools: (host) => [researchTool(host), publish] };
  const controller = new AbortController();
  let stopped = 0;
  const look = setInterval(() => {
    if (engine.requests.filter(isOfAgent).length < 4) return;
    clearInterval(look);
    stopped = performance.now();
    controller.abort();
  }, 5);
  expect(await turn({ ...tools, signal: controller.signal })).toMatchObject({ outcome: "stopped" });
  expect(performance.now() - stopped).toBeLessThan(100);
  isSilent = false;
  expect((await turn({ ...tools, text: null })).outcome).toBe("published");
  const firsts = engine.requests.filter((request) => isOfAgent(request) && request.messages.length === 1);
  expect(firsts).toHaveLength(2);
  expect(session.state.budget.open.size).toBe(0);
});

test("calls that are dropped, since the person says something else, leave nothing reserved", async () => {
  const script = researchScript({ main: [ASK, ...END], agent: () => ({ hangs: true }) });
  const { turn, session, engine } = await turnBench(script, { max_iterations: 30 });
  const tools: Parameters<typeof turn>[0] = { tools: (host) => [researchTool(host), publish] };
  const controller = new AbortController();
  const look = setInterval(() => {
    if (!engine.requests.some(isOfAgent)) return;
    clearInterval(look);
    controller.abort();
  }, 5);
  await turn({ ...tools, signal: controller.signal });
  expect(session.state.budget.open.size).toBe(1);
  expect((await turn({ ...tools, text: "Never mind." })).outcome).toBe("published");
  expect(session.state.budget.open.size).toBe(0);
});

test("an agent whose turn was over gives its answer again without another model call", async () => {
  const script = researchScript({ main: [ASK, ...END], agent: () => ({ text: "So." }) });
  const { turn, session, home } = await turnBench(script, { max_iterations: 30 });
  await turn({ tools: (host) => [researchTool(host), publish] });
  await session[Symbol.asyncDispose]();
  // Killed between the end of the agent and the record of the call.
  const lines = (await readFile(session.paths.events, "utf8")).split("\n");
  const end = lines.findIndex((line) => line.includes('"tool_finished"'));
  await writeFile(session.paths.events, `${lines.slice(0, end).join("\n")}\n`);
  const { id } = JSON.parse(lines[end] ?? "") as { readonly id: string };
  const agent = await readLog(agentPaths(session.paths, id).events);

  const opened = await Session.open(home, session.state.id);
  const again = turnBenchOver(home, opened, researchScript({ main: END, agent: () => ({ fails: "asked" }) }));
  const result = await again.turn({ text: null, tools: (host) => [researchTool(host), publish] });
  expect(result.outcome).toBe("published");
  const answer = (await opened.past()).find((event) => event.type === "tool_finished");
  expect(answer).toMatchObject({ id, is_error: false, content: expect.stringMatching(/^So\./) });
  expect(await readLog(agentPaths(session.paths, id).events)).toEqual(agent);
});

test("undo and fork take no notice of agents: an undone question is asked anew, in a session of its own", async () => {
  const script = researchScript({
    main: [ASK, ...END, ASK, { text: "Done." }],
    agent: () => ({ text: "So." }),
  });
  const { turn, session, home } = await turnBench(script, { max_iterations: 30 });
  await saveWorkspace({ session, after: null, signal });
  await turn({ tools: (host) => [researchTool(host), publish] });
  const step = findStep(await session.past(), "1");
  const fork = await forkSession({ session, step, home, signal });
  expect(await readdir(join(home, "sessions", fork))).not.toContain("agents");
  await rewind({ session, step, home, signal });
  const spent = session.state.budget.agents;
  await turn({ text: "Again.", tools: (host) => [researchTool(host), publish] });
  const { agents } = session.state.budget;
  expect(agents).toHaveLength(2);
  expect(agents[0]).toEqual(spent[0]);
  expect(await readdir(join(session.paths.directory, "agents"))).toHaveLength(2);
});
