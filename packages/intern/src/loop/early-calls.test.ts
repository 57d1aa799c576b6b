import { setTimeout } from "node:timers/promises";
import type { MessageStreamEvent } from "@ml-intern/messages";
import { turnEvents } from "@ml-intern/testkit";
import { expect, test } from "vitest";
import { z } from "zod";
import { Session } from "../session/session-store.ts";
import { call, echo, publish, turnBench, turnBenchOver } from "../testing/turn-bench.ts";
import { defineTool, type Tool } from "../tools/define-tool.ts";

const twoCalls = {
  toolCalls: [
    { name: "echo", input: { text: "first" } },
    { name: "echo", input: { text: "a second one that takes the model long to write" } },
  ],
};

test("a tool starts when its block ends, while the model writes the next one", async () => {
  const { turn, events, engine } = await turnBench(
    [twoCalls, call("publish", {}), { text: "." }],
    {},
    { pauseMs: 10 },
  );
  await turn({ tools: [echo, publish] });
  const types = events.map(({ type }) => type);
  expect(types.indexOf("tool_finished")).toBeLessThan(types.indexOf("assistant_message"));
  expect(JSON.stringify(engine.requests[1]?.messages.at(-1))).toMatch(/first.*a second one/);
});

/** Calls that note when they run. */
function slowTool(name: string, readOnly: boolean, spans: Record<string, [number, number]>): Tool {
  return defineTool({
    name,
    description: "Takes a while.",
    readOnly,
    input: z.strictObject({ id: z.string() }),
    async execute({ id }, { signal }) {
      const begun = performance.now();
      await setTimeout(60, null, { signal });
      spans[id] = [begun, performance.now()];
      return id;
    },
  });
}

test("calls that only read run side by side, others alone and in their order", async () => {
  const spans: Record<string, [number, number]> = {};
  const [look, change] = [slowTool("look", true, spans), slowTool("change", false, spans)];
  const names = ["look", "look", "change", "change", "look"];
  const { turn, engine } = await turnBench([
    { toolCalls: names.map((name, index) => ({ name, input: { id: String(index) } })) },
    call("publish", {}),
    { text: "." },
  ]);
  await turn({ tools: [look, change, publish] });
  const [a, b, c, d, e] = ["0", "1", "2", "3", "4"].map((id) => spans[id] as [number, number]);
  expect(b?.[0]).toBeLessThan(a?.[1] as number);
  expect(c?.[0]).toBeGreaterThanOrEqual(Math.max(a?.[1] as number, b?.[1] as number));
  expect(d?.[0]).toBeGreaterThanOrEqual(c?.[1] as number);
  expect(e?.[0]).toBeGreaterThanOrEqual(d?.[1] as number);
  expect(engine.requests[1]?.messages.at(-1)?.content).toMatchObject(
    ["0", "1", "2", "3", "4"].map((content) => ({ content })),
  );
});

function counting(): { readonly tool: Tool; readonly effects: string[] } {
  const effects: string[] = [];
  const tool = defineTool({
    name: "act",
    description: "Has effects.",
    input: z.strictObject({ what: z.string() }),
    async execute({ what }) {
      effects.push(what);
      return `did ${what}`;
    },
  });
  return { tool, effects };
}

/** An answer of two calls, as far as the second one's arguments have begun. */
function brokenAnswer(): readonly MessageStreamEvent[] {
  const events = [
    ...turnEvents({
      text: "Both.",
      toolCalls: [
        { name: "act", input: { what: "one" } },
        { name: "act", input: { what: "two" } },
      ],
    }),
  ];
  return events.slice(0, -4);
}

test("an answer that breaks off behind a whole call is taken as it is: nothing is done twice", async () => {
  const { tool, effects } = counting();
  const { turn, engine, session } = await turnBench([
    { fails: new Error("connection lost"), after: brokenAnswer() },
    call("publish", {}),
    { text: "." },
  ]);
  expect((await turn({ tools: [tool, publish] })).outcome).toBe("published");
  expect(effects).toEqual(["one"]);
  expect(engine.requests[1]?.messages.slice(1)).toEqual([
    {
      role: "assistant",
      content: [
        { type: "text", text: "Both." },
        { type: "tool_use", id: expect.any(String), name: "act", input: { what: "one" } },
      ],
    },
    { role: "user", content: [{ type: "tool_result", tool_use_id: expect.any(String), content: "did one" }] },
  ]);
  expect(session.state.pending).toEqual([]);
});

test("a process that dies while the model still writes has the call that was made, and its result", async () => {
  const { tool, effects } = counting();
  const controller = new AbortController();
  const first = await turnBench([{ hangs: true, after: brokenAnswer() }]);
  first.session.subscribe((event) => {
    if (event.type === "tool_finished") controller.abort();
  });
  expect((await first.turn({ tools: [tool, publish], signal: controller.signal })).outcome).toBe("stopped");
  await first.session[Symbol.asyncDispose]();

  const session = await Session.open(first.home, first.session.state.id);
  const second = turnBenchOver(first.home, session, [call("publish", {}), { text: "." }]);
  await second.turn({ text: null, tools: [tool, publish] });
  expect(effects).toEqual(["one"]);
  expect(JSON.stringify(second.engine.requests[0]?.messages)).toMatch(/Both.*what.*one.*did one/);
});

test("arguments that are no JSON are not executed, and the model is told why", async () => {
  const { tool, effects } = counting();
  const { turn, engine } = await turnBench([
    { toolCalls: [{ name: "act", input: {}, written: '{"what": one}' }] },
    call("publish", {}),
    { text: "." },
  ]);
  await turn({ tools: [tool, publish] });
  expect(effects).toEqual([]);
  expect(JSON.stringify(engine.requests[1]?.messages.at(-1))).toMatch(/tool\/malformed_arguments/);
});

// A busy machine may be late once.
test("an interrupt within a tool that does not listen takes less than 100 ms", { retry: 2 }, async () => {
  const deaf = defineTool({
    name: "deaf",
    description: "Does not stop.",
    input: z.strictObject({}),
    execute: () => setTimeout(400, "late"),
  });
  const controller = new AbortController();
  const { turn, session, events } = await turnBench([call("deaf", {})]);
  let asked = 0;
  session.subscribe((event) => {
    if (event.type !== "tool_started") return;
    asked = performance.now();
    controller.abort();
  });
  expect((await turn({ tools: [deaf], signal: controller.signal })).outcome).toBe("stopped");
  expect(performance.now() - asked).toBeLessThan(100);
  await setTimeout(500);
  expect(events.at(-1)?.type).toBe("turn_finished");
});

test("what a person says meanwhile is heard at the next step", async () => {
  const { turn, engine, session } = await turnBench([
    call("echo", { text: "a" }),
    call("publish", {}),
    { text: "." },
  ]);
  const heard: Tool = defineTool({
    ...{ name: "echo", description: "The person speaks.", readOnly: true },
    input: z.strictObject({ text: z.string() }),
    async execute(_, { session }) {
      await session.append({ type: "said", text: "Use f1.", hears: "next_step" });
      await session.append({ type: "said", text: "Then explain.", hears: "next_turn" });
      return "";
    },
  });
  await turn({ tools: [heard, publish] });
  expect(engine.requests[1]?.messages.at(-1)).toEqual({ role: "user", content: "Use f1." });
  expect(session.state.queued).toEqual(["Then explain."]);
  expect(session.state.said).toEqual(["Use f1.", "Then explain."]);
});

test("empty replies are asked again, and end the turn when nothing else comes", async () => {
  const { turn, engine } = await turnBench(() => ({ text: "" }));
  expect(await turn()).toMatchObject({ outcome: "failed", cause: { code: "model/failed" } });
  expect(engine.requests).toHaveLength(4);
});

test("a question about finished work is answered with words", async () => {
  const { turn } = await turnBench([{ text: "No." }, { text: "No." }, { text: "Because of the data." }]);
  await turn();
  expect(await turn({ text: "Why?" })).toEqual({ outcome: "answered", cause: null });
});
