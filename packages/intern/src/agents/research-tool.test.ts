import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MessagesRequest } from "@ml-intern/messages";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { isApproved } from "../approvals/gate.ts";
import { createPolicy } from "../approvals/policy.ts";
import type { Rule } from "../approvals/rule.ts";
import { dollars } from "../budget/money.ts";
import { readLog } from "../session/session-log.ts";
import { agentPaths, listSessions, type Session } from "../session/session-store.ts";
import { call, echo, publish, type TurnBench, turnBench } from "../testing/turn-bench.ts";
import { bashTool } from "../tools/bash-tool.ts";
import { defineTool, type Tool } from "../tools/define-tool.ts";
import { writeTool } from "../tools/write-tool.ts";
import { researchTool } from "./research-tool.ts";
import { RESEARCH_TOOLS } from "./research-tools.ts";
import { isOfAgent, type ResearchScript, researchScript } from "./testing/research-script.ts";

const ASK = call("research", { question: "Which columns leak?" });
const END = [call("publish", {}), { text: "Done." }];

/** A session whose model may send research agents with these tools; the others are the session's own. */
async function bench(script: Partial<ResearchScript>, tools: readonly Tool[] = RESEARCH_TOOLS) {
  const made = await turnBench(
    researchScript({ main: [ASK, ...END], agent: () => ({ text: "None." }), ...script }),
    { max_iterations: 100 },
  );
  const turn = (extra: Parameters<TurnBench["turn"]>[0] = {}) =>
    made.turn({ tools: (host) => [researchTool(host, tools), echo, publish], ...extra });
  const asked = (): readonly MessagesRequest[] => made.engine.requests.filter(isOfAgent);
  return { ...made, turn, asked };
}

/** The results that the session's own model got for its first answer. */
function results({ state }: Session): readonly { readonly content: string; readonly is_error?: boolean }[] {
  const message = state.messages.find(({ role, content }) => role === "user" && typeof content !== "string");
  return (message?.content ?? []) as never;
}

/** The log of the agent that the nth call of the first answer has sent. */
async function logOf({ state, paths }: Session, index = 0) {
  const first = state.messages.find(({ role }) => role === "assistant")?.content as readonly { id: string }[];
  return (await readLog(agentPaths(paths, first[index]?.id ?? "").events)).events;
}

/** Says on which page it looks, so that no two results are the same. */
const look: Tool = defineTool({
  name: "look",
  description: "Looks.",
  readOnly: true,
  input: z.strictObject({ page: z.int() }),
  execute: async ({ page }) => `page ${page}: ${"abcdefghij"[page % 10]?.repeat(page + 1)}`,
});

test("a question is worked on in a conversation of its own, and only the answer comes back, with its cost", async () => {
  const { turn, session, asked, engine, events } = await bench({
    agent: ({ step }) =>
      step === 0 ? call("read", { path: "notes.txt" }) : { text: "`id` leaks (notes.txt:1)." },
  });
  await writeFile(join(session.paths.workspace, "notes.txt"), "id is the row number\n");
  expect((await turn()).outcome).toBe("published");
  expect(results(session)[0]?.content).toMatch(
    /^`id` leaks \(notes.txt:1\)\.\n\n\[research: 2 model calls, 30 tokens, at an unknown price\]$/,
  );
  expect(asked()[0]?.messages).toEqual([{ role: "user", content: "Which columns leak?" }]);
  expect(asked()[0]?.tools?.map(({ name }) => name)).toEqual(["inspect_data", "read", "check_run"]);
  expect(JSON.stringify(asked()[1]?.messages)).toContain("id is the row number");
  const own = engine.requests.filter((request) => !isOfAgent(request));
  expect(JSON.stringify(own)).not.toContain("id is the row number");
  const shown = events.flatMap((event) => (event.type === "tool_output" ? event.text : []));
  expect(shown).toEqual([expect.stringMatching(/^read notes\.txt · 15 tokens, at an unknown price\n$/)]);
});

test("what is known already is handed over, and every request begins with the bytes of the one before", async () => {
  const { turn, asked } = await bench(
    {
      main: [call("research", { question: "Why?", context: "run_3 failed" }), ...END],
      agent: ({ step }) => (step < 3 ? call("look", { page: step }) : { text: "So." }),
    },
    [look],
  );
  await turn();
  expect(asked()[0]?.messages[0]?.content).toBe("Why?\n\n# What is known already\nrun_3 failed");
  const heads = asked().map(({ system, tools }) => JSON.stringify([system, tools]));
  expect(new Set(heads).size).toBe(1);
  const texts = asked().map(({ messages }) => JSON.stringify(messages).slice(0, -1));
  expect(texts).toHaveLength(4);
  for (const [index, text] of texts.entries()) expect(text.startsWith(texts[index - 1] ?? "")).toBe(true);
});

test("several questions of one answer are worked on side by side", async () => {
  let come = 0;
  let meetNow = (): void => undefined;
  const both = new Promise<void>((resolve) => {
    meetNow = resolve;
  });
  const meet = defineTool({
    name: "meet",
    description: "Waits for the other.",
    readOnly: true,
    input: z.strictObject({}),
    async execute() {
      if (++come === 2) meetNow();
      await both;
      return "met";
    },
  });
  const questions = ["a?", "b?"].map((question) => ({ name: "research", input: { question } }));
  const { turn, session } = await bench(
    {
      main: [{ toolCalls: questions }, ...END],
      agent: ({ question, step }) => (step === 0 ? call("meet", {}) : { text: `answer to ${question}` }),
    },
    [meet],
  );
  await turn();
  expect(results(session).map(({ content }) => content.split("\n")[0])).toEqual([
    "answer to a?",
    "answer to b?",
  ]);
});

test("four work at a time, and more of one answer wait until one has ended", async () => {
  const atWork = new Set<string>();
  let most = 0;
  const questions = ["a?", "b?", "c?", "d?", "e?", "f?"].map((question) => ({
    name: "research",
    input: { question },
  }));
  const { turn, session } = await bench(
    {
      main: [{ toolCalls: questions }, ...END],
      agent({ question, step }) {
        if (step < 3) atWork.add(question);
        else atWork.delete(question);
        most = Math.max(most, atWork.size);
        return step < 3 ? call("look", { page: step }) : { text: `answer to ${question}` };
      },
    },
    [look],
  );
  await turn();
  expect(most).toBe(4);
  expect(results(session).map(({ content }) => content.split("\n")[0])).toEqual(
    questions.map(({ input }) => `answer to ${input.question}`),
  );
});

test("its sessions lie in the folder of the session that sent them, and are not listed", async () => {
  const { turn, session, home } = await bench({});
  await turn();
  const log = await logOf(session);
  expect(log[0]).toMatchObject({ type: "session_created", options: { task: "Which columns leak?" } });
  expect(log.at(-1)).toMatchObject({ type: "turn_finished", outcome: "answered" });
  expect((await listSessions(home)).map(({ id }) => id)).toEqual([session.state.id]);
});

test("a model that the person chooses meanwhile answers an agent's next request, too", async () => {
  const { turn, session, asked } = await bench(
    { agent: ({ step }) => (step < 4 ? call("look", { page: step }) : { text: "So." }) },
    [look],
  );
  let outputs = 0;
  session.subscribe((event) => {
    if (event.type === "tool_output" && outputs++ === 0)
      void session.append({ type: "options_changed", options: { model: "scripted/other" } });
  });
  await turn();
  const models = asked().map(({ model }) => model);
  expect([models[0], models.at(-1)]).toEqual(["default", "other"]);
});

test("an answer that is cut off is asked for again, shorter", async () => {
  const { turn, session } = await bench({
    agent: ({ step }) => (step === 0 ? { text: "A long", stopReason: "max_tokens" } : { text: "Short." }),
  });
  await turn();
  expect(results(session)[0]?.content).toMatch(/^Short\./);
});

describe("its calls", () => {
  const tempted: ResearchScript["agent"] = ({ step }) =>
    step === 0
      ? {
          toolCalls: [
            { name: "bash", input: { command: "touch proof" } },
            { name: "write", input: { path: "proof", content: "x" } },
            { name: "publish", input: {} },
          ],
        }
      : { text: "I may not." };
  const errorsOf = (request: MessagesRequest | undefined): unknown[] => {
    const results = request?.messages.at(-1)?.content as readonly { content: string; is_error: boolean }[];
    return results.map(({ content, is_error }) => is_error && JSON.parse(content).error);
  };

  test("by the names of tools that it was not given are refused", async () => {
    const { turn, session, asked } = await bench({ agent: tempted });
    await turn({ presence: "agreed" });
    expect(errorsOf(asked()[1])).toEqual(
      ["bash", "write", "publish"].map(() => expect.objectContaining({ code: "tool/unknown" })),
    );
    const done = (await logOf(session)).filter(({ type }) => type === "tool_started");
    expect(done).toEqual([]);
  });

  test("of tools that do more than read are refused by its policy, even where it was given them and everything was agreed to", async () => {
    const { turn, session, asked } = await bench({ agent: tempted }, [bashTool, writeTool, publish]);
    await turn({ presence: "agreed", policy: createPolicy({ rules: [{ decision: "allow" }] }) });
    expect(errorsOf(asked()[1])).toEqual(
      ["bash", "write", "publish"].map((name) => ({
        code: "approval/denied",
        message: expect.stringMatching(
          `${name} is forbidden. A research agent only reads. \\(research\\[0\\]\\)`,
        ),
        mend: expect.anything(),
      })),
    );
    expect(session.state.records.release).toHaveLength(1); // by the session's own agent
    expect((await logOf(session)).filter(({ type }) => type === "tool_started")).toEqual([]);
  });

  test.each<[string, Rule]>([
    ["of the whole session", { decision: "deny", tool: "look" }],
    ["for research agents", { decision: "deny", agent: "main/research" }],
  ])("are bound by what the person forbids: a rule %s", async (_, rule) => {
    const { turn, asked } = await bench(
      { agent: ({ step }) => (step === 0 ? call("look", { page: 1 }) : { text: "." }) },
      [look],
    );
    await turn({ presence: "agreed", policy: createPolicy({ rules: [rule] }) });
    expect(errorsOf(asked()[1])).toEqual([expect.objectContaining({ code: "approval/denied" })]);
  });

  test("reach a tool only as the gate has approved them", async () => {
    const seen: boolean[] = [];
    const spy: Tool = {
      ...look,
      run(approved, context) {
        seen.push(isApproved(approved) && approved.tool.name === "look");
        return look.run(approved, context);
      },
    };
    const { turn } = await bench(
      { agent: ({ step }) => (step < 2 ? call("look", { page: step }) : { text: "." }) },
      [spy],
    );
    await turn();
    expect(seen).toEqual([true, true]);
  });

  const ask = createPolicy({ rules: [{ decision: "ask", tool: "look" }] });
  const asking: Partial<ResearchScript> = {
    main: [
      { toolCalls: ["a?", "b?"].map((question) => ({ name: "research", input: { question } })) },
      ...END,
    ],
    agent: ({ question, step }) =>
      step === 0 ? call("look", { page: 1 }) : { text: `looked for ${question}` },
  };

  test("are asked about in the log of the session that sent them, also those of several agents at a time", async () => {
    const { turn, session, events } = await bench(asking, [look]);
    const ids: (string | undefined)[] = [];
    session.subscribe((event) => {
      if (event.type !== "approval_asked") return;
      ids.push(event.call);
      // Both wait before either is answered.
      if (ids.length < 2) return;
      for (const { request, calls } of session.state.approvals.requests) {
        const answers = calls.map(({ id }) => ({ id, kind: "approve" }) as const);
        void session.append({ type: "approval_given", request, answers });
      }
    });
    await turn({ presence: "person", policy: ask });
    expect(results(session).map(({ content }) => content.split("\n")[0])).toEqual([
      "looked for a?",
      "looked for b?",
    ]);
    expect(events.filter(({ type }) => type === "approval_asked")).toMatchObject([
      { agent: "main/research", calls: [{ tool: "look" }] },
      { agent: "main/research", calls: [{ tool: "look" }] },
    ]);
    expect(ids.sort()).toEqual([
      expect.stringMatching(/^call_\d+_0$/),
      expect.stringMatching(/^call_\d+_1$/),
    ]);
    expect(session.state.approvals.requests).toEqual([]);
  });

  test("that need a person's word are refused where nobody can be asked", async () => {
    const { turn, asked } = await bench(asking, [look]);
    await turn({ presence: "nobody", policy: ask });
    const answered = asked().filter(({ messages }) => messages.length > 1);
    expect(answered.map((request) => errorsOf(request))).toEqual(
      [1, 2].map(() => [expect.objectContaining({ code: "approval/nobody" })]),
    );
  });
});

test("a conversation of its own that grows too long is shortened, and the session's is not", async () => {
  let page = 0;
  const long: Tool = defineTool({
    name: "look",
    description: "Looks.",
    readOnly: true,
    input: z.strictObject({ page: z.int() }),
    execute: async ({ page }) => `page ${page} ${"text ".repeat(800)}`,
  });
  const agent: ResearchScript["agent"] = ({ request }) => {
    const last = JSON.stringify(request.messages.at(-1));
    if (last.includes("Write notes")) return { text: `Nothing leaks there. ${"Nor here. ".repeat(20)}` };
    return page < 30 ? call("look", { page: page++ }) : { text: "None." };
  };
  const { turn, session } = await bench({ agent }, [long]);
  expect((await turn({ window: 20_000 })).outcome).toBe("published");
  expect(results(session)[0]?.content).toMatch(/^None\./);
  expect((await logOf(session)).filter(({ type }) => type === "compacted").length).toBeGreaterThan(0);
  expect((await session.past()).some(({ type }) => type === "compacted")).toBe(false);
  // Named after the call that sent it, so that no result of the session's own is overwritten.
  const [file] = await readdir(join(session.paths.workspace, ".output"));
  expect(file).toMatch(/^call_\d+_0_\d+_0\.txt$/);
});

describe("what it may use", () => {
  const endless: ResearchScript["agent"] = ({ step, request }) =>
    JSON.stringify(request.messages.at(-1)).includes("Answer it now")
      ? { text: "As far as I got." }
      : { ...call("look", { page: step }), usage: { input_tokens: 2_000, output_tokens: 100 } };

  test("ends after sixty model calls, and it is told to answer before", async () => {
    const { turn, session, asked } = await bench({ agent: endless }, [look]);
    await turn();
    expect(asked()).toHaveLength(58);
    expect(results(session)[0]?.content).toMatch(/^As far as I got\.\n\n\[research: 58 model calls/);
  });

  test("an agent that never answers is a failure that says so", async () => {
    const { turn, session, asked } = await bench(
      { agent: ({ step }) => ({ text: `Looking at ${step}.`, ...call("look", { page: step }) }) },
      [look],
    );
    await turn();
    expect(asked()).toHaveLength(60);
    const [result] = results(session);
    expect(result?.is_error).toBe(true);
    expect(result?.content).toMatch(/research\/no_answer.*60 model calls.*Looking at 59/s);
  });

  test("is a part of what is left of the budget, and stands in the one book", async () => {
    const { turn, session, asked } = await bench({ agent: endless }, [look]);
    expect((await turn({ usd: 0.2 })).outcome).toBe("published");
    const { agents, spent } = session.state.budget;
    expect(agents).toHaveLength(1);
    const [agent] = agents;
    expect(agent?.agent).toMatch(/^main\/research:call_\d+_0$/);
    expect(dollars(agent?.most?.usd ?? 0n)).toBeCloseTo(0.2 * 0.18, 4);
    expect(agent?.spent.usd).toBeLessThanOrEqual(agent?.most?.usd ?? 0n);
    expect(asked().length).toBeGreaterThan(5);
    const own = session.state.iterations * 15;
    expect(spent.tokens).toBe((agent?.spent.tokens ?? 0n) + BigInt(own));
    expect(results(session)[0]?.content).toMatch(
      /^As far as I got\.\n\n\[research: \d+ model calls, [\d,]+ tokens, \$0\.0\d+\]$/,
    );
    expect((await logOf(session)).some(({ type }) => type.startsWith("budget"))).toBe(false);
    expect(session.state.budget.open.size).toBe(0);
  });
});
