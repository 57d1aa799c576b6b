import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import type { DurableEvent, LoggedEvent } from "../session/session-event.ts";
import { sessionPaths } from "../session/session-store.ts";
import { type ClaudeCodeLine, toClaudeCodeLine } from "./claude-code/claude-code-line.ts";
import { exportTrace, type TraceFormat } from "./export-trace.ts";
import { PROVIDER_KEYS, seeded } from "./redaction/testing/made-secrets.ts";
import { openSessionRedactor } from "./session-redactor.ts";
import { addAgent, exampleSession, message } from "./testing/example-session.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "trace-test-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function linesOf(session: string, format: TraceFormat, env = {}): Promise<string[]> {
  const redactor = await openSessionRedactor({ home, session, env });
  const lines: string[] = [];
  for await (const line of exportTrace({ home, session, format, redactor })) lines.push(line);
  return lines;
}

function line(event: DurableEvent): ClaudeCodeLine | null {
  const logged: LoggedEvent = { ...event, seq: 5, time: "2026-11-22T10:00:00.000Z" };
  return toClaudeCodeLine(logged, { session: "s", parent: "p" });
}

describe("Claude Code's format", () => {
  it("is a chain of lines with the events' own times", async () => {
    const session = await exampleSession(home, 3);
    const lines = (await linesOf(session, "claude-code")).map((text) => JSON.parse(text) as ClaudeCodeLine);
    const events = (await linesOf(session, "log")).map((text) => JSON.parse(text) as LoggedEvent);
    expect(lines.map(({ type }) => type)).toEqual([
      "user",
      ...Array.from({ length: 3 }, () => ["assistant", "user"]).flat(),
    ]);
    expect(lines.map(({ parentUuid }) => parentUuid)).toEqual([
      null,
      ...lines.slice(0, -1).map(({ uuid }) => uuid),
    ]);
    const times = new Set(events.map(({ time }) => time));
    for (const { timestamp, sessionId, uuid } of lines) {
      expect(times).toContain(timestamp);
      expect(sessionId).toBe(session);
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it("is the same every time", async () => {
    const session = await exampleSession(home, 2);
    expect(await linesOf(session, "claude-code")).toEqual(await linesOf(session, "claude-code"));
  });

  it("has what an agent did before the result of the call that sent it, as a side chain, redacted", async () => {
    const session = await exampleSession(home, 3);
    const plain = await linesOf(session, "claude-code");
    await addAgent({ home, session }, "toolu_2", "the key is own-secret-value");
    const texts = await linesOf(session, "claude-code", { SOME_API_KEY: "own-secret-value" });
    const lines = texts.map((text) => JSON.parse(text) as ClaudeCodeLine);
    const side = lines.filter(({ isSidechain }) => isSidechain);
    expect(side).toMatchObject([
      { type: "user", parentUuid: null, sessionId: session, agentId: "toolu_2" },
      { type: "assistant", parentUuid: side[0]?.uuid },
      { type: "user", parentUuid: side[1]?.uuid },
    ]);
    const result = lines[lines.indexOf(side[2] as ClaudeCodeLine) + 1];
    expect(result).toMatchObject({ message: { content: [{ tool_use_id: "toolu_2" }] } });
    expect(texts.filter((_, index) => !lines[index]?.isSidechain)).toEqual(plain);
    expect(new Set(lines.map(({ uuid }) => uuid)).size).toBe(lines.length);
    expect(texts.join("")).not.toContain("own-secret-value");
  });

  it("pins a message, a result and a remark as literals", () => {
    const envelope = {
      parentUuid: "p",
      isSidechain: false,
      userType: "external",
      cwd: "/workspace",
      sessionId: "s",
      version: "0.1.0",
      gitBranch: "",
      uuid: "f9a1ab2a-a68e-5e6b-a5c5-92c5a9d4d2dd",
      timestamp: "2026-11-22T10:00:00.000Z",
    };
    const { content, usage } = message(1, [{ type: "text", text: "hi" }]);
    const said: DurableEvent = {
      type: "assistant_message",
      iteration: 1,
      message: message(1, content),
      cost_usd: 0.5,
      duration_ms: 7,
    };
    expect({ ...line(said), uuid: envelope.uuid }).toEqual({
      ...envelope,
      type: "assistant",
      message: {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "claude",
        content: [{ type: "text", text: "hi" }],
        stop_reason: "tool_use",
        stop_sequence: null,
        usage,
      },
      durationMs: 7,
      costUSD: 0.5,
    });
    const failed: DurableEvent = {
      type: "tool_finished",
      id: "t",
      name: "bash",
      duration_ms: 1,
      content: "no",
      is_error: true,
    };
    expect(line(failed)).toMatchObject({
      type: "user",
      message: {
        role: "user",
        content: [{ type: "tool_result", tool_use_id: "t", content: "no", is_error: true }],
      },
    });
    expect(line({ type: "guidance", text: "go on" })).toMatchObject({
      isMeta: true,
      message: { content: "go on" },
    });
    expect(line({ type: "notice", level: "warn", text: "slow" })).toMatchObject({
      type: "system",
      subtype: "informational",
      level: "warning",
      content: "slow",
    });
  });

  it("passes over what it has no words for, now and of later versions", () => {
    expect(line({ type: "iteration_started", iteration: 1 })).toBeNull();
    expect(line({ type: "from_the_future" } as unknown as DurableEvent)).toBeNull();
    expect(line({ type: "toString" } as unknown as DurableEvent)).toBeNull();
    expect(line({ type: "turn_started", turn: 2, text: null })).toBeNull();
  });
});

test("the log's own format is the log, one event a line", async () => {
  const session = await exampleSession(home, 2);
  const events = (await linesOf(session, "log")).map((text) => JSON.parse(text) as LoggedEvent);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(events[0]).toMatchObject({ type: "session_created", id: session });
});

test.each(["claude-code", "log"] as const)("no secret leaves in the format %s", async (format) => {
  const key = PROVIDER_KEYS.hf_token!(seeded(3));
  const session = await exampleSession(home, 2, `the token is ${key}, the other one own-secret-value`);
  const env = { SOME_API_KEY: "own-secret-value" };
  const text = (await linesOf(session, format, env)).join("");
  expect(text).not.toContain(key);
  expect(text).not.toContain("own-secret-value");
  expect(new Set(text.match(/\[redacted hf_token [0-9a-f]{4}\]/g)).size).toBe(1);
});

test("a session that is unknown or damaged is refused, and an unfinished last line is not", async () => {
  await expect(linesOf("nobody", "log")).rejects.toMatchObject({ code: "session/not_found" });
  await expect(linesOf("../../etc", "log")).rejects.toMatchObject({ code: "session/not_found" });
  const session = await exampleSession(home, 1);
  const whole = await linesOf(session, "log");
  await appendFile(sessionPaths(home, session).events, '{"seq":');
  expect(await linesOf(session, "log")).toEqual(whole);
  await appendFile(sessionPaths(home, session).events, "\n");
  await expect(linesOf(session, "log")).rejects.toMatchObject({
    code: "session/damaged",
    message: expect.stringContaining(`line ${whole.length + 1}`),
  });
});

test("ten thousand events are exported one by one, in time that grows with their number", async () => {
  const session = await exampleSession(home, 1);
  const { events } = sessionPaths(home, session);
  const [first = "", second = ""] = await linesOf(session, "log");
  const rest = Array.from({ length: 9_998 }, (_, index) =>
    JSON.stringify({
      seq: index + 3,
      time: "2026-11-22T10:00:00.000Z",
      type: "notice",
      level: "info",
      text: "x".repeat(500),
    }),
  );
  await rm(events);
  await appendFile(events, `${first}${second}${rest.join("\n")}\n`);
  const started = performance.now();
  expect(await linesOf(session, "claude-code")).toHaveLength(9_999);
  expect(performance.now() - started).toBeLessThan(20_000);
});
