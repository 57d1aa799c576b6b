import { GatewayError } from "@ml-intern/gateway";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { Session } from "../session/session-store.ts";
import { call, echo, publish, turnBench, turnBenchOver } from "../testing/turn-bench.ts";
import { defineTool } from "../tools/define-tool.ts";

test("tools are called and answered until the model ends, and a published model is the outcome", async () => {
  const { turn, session, engine, events } = await turnBench([
    {
      text: "Looking.",
      toolCalls: [
        { name: "echo", input: { text: "a" } },
        { name: "echo", input: { text: "b" } },
      ],
    },
    call("publish", {}),
    { text: "Done." },
  ]);
  expect(await turn({ tools: [echo, publish] })).toEqual({ outcome: "published", cause: null });
  expect(engine.requests[1]?.messages.at(-1)).toEqual({
    role: "user",
    content: [
      { type: "tool_result", tool_use_id: expect.any(String), content: "echo: a" },
      { type: "tool_result", tool_use_id: expect.any(String), content: "echo: b" },
    ],
  });
  expect(events.filter((event) => event.type === "turn_finished")).toHaveLength(1);
  expect(session.state.outcome).toBe("published");
});

test("every request begins with the bytes of the one before", async () => {
  const { turn, engine } = await turnBench([
    call("echo", { text: "a" }),
    call("echo", { text: "b" }),
    call("publish", {}),
    { text: "." },
  ]);
  await turn({ tools: [echo, publish] });
  const bodies = engine.requests.map(({ tools, system, messages }) => ({
    head: JSON.stringify([tools, system]),
    messages,
  }));
  for (const [index, body] of bodies.entries()) {
    const before = bodies[index - 1];
    if (before === undefined) continue;
    expect(body.head).toBe(before.head);
    expect(body.messages.slice(0, before.messages.length)).toEqual(before.messages);
  }
});

test("every request asks for the instructions and for all that was said to be cached", async () => {
  const { turn, engine } = await turnBench([call("publish", {}), { text: "." }]);
  await turn({ tools: [publish] });
  for (const { cache_control, system, messages } of engine.requests) {
    expect(cache_control).toEqual({ type: "ephemeral" });
    expect(system).toMatchObject([{ cache_control: { type: "ephemeral" } }]);
    // Markers that moved would be bytes that changed.
    expect(JSON.stringify(messages)).not.toContain("cache_control");
  }
});

test("arguments are shown while they are being written, before the call is made", async () => {
  const { turn, events } = await turnBench([
    call("echo", { text: "a long enough text" }),
    call("publish", {}),
    { text: "." },
  ]);
  await turn({ tools: [echo, publish] });
  const types = events.map(({ type }) => type);
  const deltas = events.filter((event) => event.type === "tool_input_delta" && event.name === "echo");
  expect(deltas.length).toBeGreaterThan(3);
  expect(types.indexOf("tool_input_delta")).toBeLessThan(types.indexOf("tool_started"));
});

test("a wrong argument is an answer that says what to mend, and the turn goes on", async () => {
  const { turn, engine } = await turnBench([
    call("echo", { text: 5, loud: true }),
    call("nothing", {}),
    call("publish", {}),
    { text: "." },
  ]);
  expect((await turn({ tools: [echo, publish] })).outcome).toBe("published");
  const results = engine.requests.map(({ messages }) => JSON.stringify(messages.at(-1)));
  expect(results[1]).toMatch(/tool\/wrong_arguments.*text: .*expected string.*loud/);
  expect(results[2]).toMatch(/tool\/unknown.*echo, publish/);
});

test("a model that stops too early is asked to go on, twice at most", async () => {
  const { turn, engine } = await turnBench([{ text: "I will." }, { text: "Soon." }, { text: "No." }]);
  expect(await turn()).toMatchObject({ outcome: "failed", cause: { code: "task/unfinished" } });
  expect(engine.requests).toHaveLength(3);
});

test("a model that ends on an obstacle is not pushed; the obstacle is the cause", async () => {
  const wall = defineTool({
    name: "wall",
    description: "Fails.",
    input: z.strictObject({}),
    async execute() {
      throw Object.assign(new Error("The file is empty."), {
        code: "data/empty_file",
        mend: "Give another.",
      });
    },
  });
  const { turn, engine } = await turnBench([call("wall", {}), { text: "It cannot be done." }]);
  expect(await turn({ tools: [wall] })).toEqual({
    outcome: "bad_input",
    cause: { code: "data/empty_file", message: "The file is empty.", mend: "Give another." },
  });
  expect(engine.requests).toHaveLength(2);
});

test("a call that the person stopped is no obstacle: the model that goes on with words is asked to go on", async () => {
  let stop = new AbortController();
  const hold = defineTool({
    name: "hold",
    description: "Never ends.",
    input: z.strictObject({}),
    execute: (_, { signal }) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        stop.abort();
      }),
  });
  const { turn, session } = await turnBench([
    call("hold", {}),
    { text: "The person stopped me." },
    call("publish", {}),
    { text: "." },
  ]);
  const tools = [hold, publish];
  expect(await turn({ tools, signal: stop.signal })).toMatchObject({ outcome: "stopped" });
  stop = new AbortController();
  const leave = session.subscribe(({ type }) => {
    if (type === "iteration_started") stop.abort();
  });
  expect(await turn({ text: "Wait.", tools, signal: stop.signal })).toMatchObject({ outcome: "stopped" });
  leave();
  expect(JSON.stringify(session.state.messages)).toContain("tool/stopped");
  expect(await turn({ text: null, tools })).toEqual({ outcome: "published", cause: null });
});

test("a turn that ended on an obstacle and is taken up again begins with a word of ours, and ends on the same obstacle", async () => {
  const wall = defineTool({
    name: "wall",
    description: "Fails.",
    input: z.strictObject({}),
    async execute() {
      throw Object.assign(new Error("Constant."), {
        code: "contract/target_constant",
        mend: "Another column.",
      });
    },
  });
  const { turn, engine } = await turnBench([call("wall", {}), { text: "No." }, { text: "No." }]);
  await turn({ tools: [wall] });
  expect(await turn({ text: null, tools: [wall] })).toMatchObject({
    outcome: "bad_input",
    cause: { message: "Constant." },
  });
  expect(engine.requests.at(-1)?.messages.at(-1)?.role).toBe("user");
});

test("a call that the output limit cut off is not executed", async () => {
  const { turn, engine } = await turnBench([
    { toolCalls: [{ name: "echo", input: {}, written: '{"text":"ha' }], stopReason: "max_tokens" },
    call("publish", {}),
    { text: "." },
  ]);
  await turn({ tools: [echo, publish] });
  expect(JSON.stringify(engine.requests[1]?.messages.at(-1))).toMatch(/tool\/cut_off/);
});

test("an overloaded model is asked again; what it had half said is not executed", async () => {
  const overloaded = new GatewayError("Overloaded", {
    code: "endpoint_overloaded",
    status: 529,
    type: "overloaded_error",
  });
  const { turn, events } = await turnBench([{ fails: overloaded }, call("publish", {}), { text: "." }]);
  expect((await turn({ tools: [publish] })).outcome).toBe("published");
  expect(events.some((event) => event.type === "notice" && event.level === "warn")).toBe(true);
});

test("a refused key ends the turn with what to do", async () => {
  const refused = new GatewayError("bad key", {
    code: "endpoint_refused_key",
    status: 401,
    type: "authentication_error",
  });
  const { turn } = await turnBench([{ fails: refused }]);
  expect(await turn()).toMatchObject({ outcome: "failed", cause: { code: "model/refused" } });
});

test("an interrupt while the model writes stops at once, and a resume asks again without repeating anything", async () => {
  const controller = new AbortController();
  const first = await turnBench([call("echo", { text: "a" }), { hangs: true }]);
  first.session.subscribe((event) => {
    if (event.type === "iteration_started" && event.iteration === 2) setTimeout(() => controller.abort(), 20);
  });
  expect(await first.turn({ signal: controller.signal })).toEqual({ outcome: "stopped", cause: null });
  const before = first.session.state.messages;
  await first.session[Symbol.asyncDispose]();

  const session = await Session.open(first.home, first.session.state.id);
  const second = turnBenchOver(first.home, session, [call("publish", {}), { text: "." }]);
  expect((await second.turn({ text: null, tools: [echo, publish] })).outcome).toBe("published");
  expect(second.engine.requests[0]?.messages).toEqual(before);
});

test("a process killed within a call repeats it only when that is safe", async () => {
  const first = await turnBench([]);
  const { session } = first;
  await session.append({ type: "turn_started", turn: 1, text: "do it" });
  const usage = {
    input_tokens: 1,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: 1,
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: null,
  };
  const content = ["danger", "echo", "echo"].map((name, index) => ({
    type: "tool_use" as const,
    id: `t${index}`,
    name,
    input: { text: "x" },
  }));
  await session.append({
    type: "assistant_message",
    iteration: 1,
    cost_usd: 0,
    duration_ms: 1,
    message: {
      id: "m",
      type: "message",
      role: "assistant",
      model: "m",
      content,
      stop_reason: "tool_use",
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage,
    },
  });
  await session.append({ type: "tool_started", id: "t0", name: "danger", input: { text: "x" } });
  await session[Symbol.asyncDispose]();

  let effects = 0;
  const danger = defineTool({
    name: "danger",
    description: "Has effects.",
    input: z.strictObject({ text: z.string() }),
    execute: async () => String(++effects),
  });
  const again = turnBenchOver(first.home, await Session.open(first.home, session.state.id), [
    call("publish", {}),
    { text: "." },
  ]);
  await again.turn({ text: null, tools: [danger, echo, publish] });
  expect(effects).toBe(0);
  const answered = JSON.stringify(again.engine.requests[0]?.messages.at(-1));
  expect(answered).toMatch(/t0.*tool\/interrupted.*t1.*echo: x.*t2.*echo: x/);
});

test("the budget stops before the request that could exceed it, and a larger one goes on", async () => {
  const usage = { input_tokens: 900_000, output_tokens: 0 };
  const { turn, session } = await turnBench(
    [{ ...call("echo", { text: "a" }), usage }, call("publish", {}), { text: "." }],
    { budget_usd: 0.9 },
  );
  expect(await turn({ usd: 0.9, tools: [echo, publish] })).toMatchObject({
    outcome: "budget",
    cause: { code: "budget/spent" },
  });
  expect(session.state.spent.usd).toBeCloseTo(0.9, 6);
  expect((await turn({ usd: 5, text: null, tools: [echo, publish] })).outcome).toBe("published");
});

test("the limit of model calls holds", async () => {
  const { turn, engine } = await turnBench(
    Array.from({ length: 9 }, () => call("echo", { text: "a" })),
    { max_iterations: 3 },
  );
  expect(await turn()).toMatchObject({
    outcome: "budget",
    cause: { mend: expect.stringContaining("--max-iterations") },
  });
  expect(engine.requests).toHaveLength(3);
});

test("a clock that is set back in the middle of a turn takes no time away", async () => {
  const setBack = defineTool({
    name: "set_back",
    description: "An hour earlier.",
    input: z.strictObject({}),
    async execute() {
      const { now } = Date;
      const earlier = vi.spyOn(Date, "now").mockImplementation(() => now() - 3_600_000);
      onTestFinished(() => earlier.mockRestore());
      return "done";
    },
  });
  const { turn, session, events } = await turnBench([
    call("set_back", {}),
    call("publish", {}),
    { text: "." },
  ]);
  expect(await turn({ tools: [setBack, publish] })).toMatchObject({ outcome: "published" });
  expect(events.at(-1)).toMatchObject({ type: "turn_finished" });
  expect(session.state.active_ms).toBeGreaterThanOrEqual(0);
  for (const event of events) if ("duration_ms" in event) expect(event.duration_ms).toBeGreaterThanOrEqual(0);
});

test("a model that writes without end is stopped after a few replies", async () => {
  const { turn, engine } = await turnBench(() => ({ text: "on and on ", stopReason: "max_tokens" as const }));
  expect(await turn()).toMatchObject({
    outcome: "failed",
    cause: { code: "model/failed", message: expect.stringContaining("without end") },
  });
  expect(engine.requests.length).toBeLessThan(6);
});

test("a tool's name without end does not fill the answer", async () => {
  const { turn, session } = await turnBench([
    call("n".repeat(10_000), {}),
    { text: "." },
    { text: "!" },
    { text: "?" },
  ]);
  await turn();
  const [result] = (await session.past()).filter(({ type }) => type === "tool_finished");
  expect(result).toMatchObject({ is_error: true, content: expect.stringContaining("There is no tool nnn") });
  expect(JSON.stringify(result).replace(/"name":"n+"/, "").length).toBeLessThan(1_000);
});
