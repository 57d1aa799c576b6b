import { spawn } from "node:child_process";
import { appendFile, chmod, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Message } from "@ml-intern/messages";
import { expect, test } from "vitest";
import type { DurableEvent } from "./session-event.ts";
import { readLog, SessionLog } from "./session-log.ts";
import type { SessionState } from "./session-state.ts";

const notice = (text: string) => ({ type: "notice", level: "info", text }) as const;

async function newPath(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), "session-log-")), "events.jsonl");
}

test("events come back in order with numbers without gaps, also after opening again", async () => {
  const path = await newPath();
  const first = await SessionLog.open(path);
  await Promise.all(["a", "b", "c"].map((text) => first.log.append(notice(text))));
  await first.log.close();
  const second = await SessionLog.open(path);
  await second.log.append(notice("d"));
  await second.log.close();
  const { events } = await readLog(path);
  expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  expect(events.map((event) => (event.type === "notice" ? event.text : ""))).toEqual(["a", "b", "c", "d"]);
});

test("a last line that a crash left unfinished is cut off, and what was acknowledged stays", async () => {
  const path = await newPath();
  const { log } = await SessionLog.open(path);
  await log.append(notice("kept"));
  await log.close();
  await appendFile(path, '{"seq":2,"type":"notice","te');
  const again = await SessionLog.open(path);
  expect(again.events).toHaveLength(1);
  await again.log.append(notice("after"));
  await again.log.close();
  expect((await readLog(path)).events).toHaveLength(2);
});

test("an event that a crash left unfinished is kept beside the log, and said", async () => {
  const path = await newPath();
  const { log } = await SessionLog.open(path);
  await log.append(notice("kept"));
  await log.close();
  await appendFile(path, '{"seq":2,"ty');
  const again = await SessionLog.open(path);
  await again.log.close();
  expect(again.mended).toMatch(/unfinished event is kept in .*events\.damaged-1\.jsonl/);
  expect(await readFile(path.replace(".jsonl", ".damaged-1.jsonl"), "utf8")).toBe('{"seq":2,"ty');
  expect((await SessionLog.open(path)).mended).toBeNull();
});

test.runIf(process.getuid?.() === 0)(
  "a log that may not be read or written is no fault of ours",
  async () => {
    const path = await newPath();
    const { log } = await SessionLog.open(path);
    await log.append(notice("kept"));
    await log.close();
    await chmod(dirname(path), 0o755);
    const refused = expect.objectContaining({
      code: "session/no_access",
      message: expect.stringContaining(path),
    });
    process.seteuid?.(65_534);
    try {
      for (const mode of [0o444, 0o000]) {
        process.seteuid?.(0);
        await chmod(path, mode);
        process.seteuid?.(65_534);
        await expect(SessionLog.open(path)).rejects.toEqual(refused);
      }
    } finally {
      process.seteuid?.(0);
    }
  },
);

/** A session that called three tools one after the other; each event stands in a line of its own. */
const events: readonly DurableEvent[] = [
  {
    type: "session_created",
    version: 1,
    id: "s",
    options: {
      ...{ task: "t", data: "/d", target: null, model: "m/m", budget_usd: null, max_iterations: 9 },
      ...{ sandbox: "none", hub: "local" },
    },
  },
  { type: "turn_started", turn: 1, text: "go" },
  ...["a", "b", "c"].flatMap((id, index): DurableEvent[] => [
    { type: "iteration_started", iteration: index + 1 },
    { type: "assistant_message", iteration: index + 1, message: answer(id), cost_usd: 1, duration_ms: 1 },
    { type: "tool_started", id, name: "bash", input: {} },
    { type: "tool_finished", id, name: "bash", duration_ms: 1, content: `result ${id}`, is_error: false },
  ]),
  { type: "recorded", kind: "contract", body: { target: "y" }, ledger_head: "abc" },
];

function answer(id: string): Message {
  return {
    ...{ id: `msg_${id}`, type: "message", role: "assistant", model: "m", stop_reason: "tool_use" },
    ...{ stop_sequence: null, content: [{ type: "tool_use", id, name: "bash", input: {} }] },
    usage: {
      ...{ input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
    },
  } as unknown as Message;
}

/** What was wrong in words, and the state of a session whose lines `spoil` has changed. */
async function afterDamage(
  spoil: (lines: string[]) => readonly string[],
): Promise<{ mended: string; state: SessionState; aside: string; lines: number }> {
  const path = await newPath();
  const { log } = await SessionLog.open(path);
  for (const event of events) await log.append(event);
  await log.close();
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  const spoilt = spoil([...lines]);
  await writeFile(path, `${spoilt.join("\n")}\n`);
  const { log: again, mended, state } = await SessionLog.open(path);
  await again.append(notice("after"));
  await again.close();
  if (mended === null || state === null) throw new Error("nothing was mended");
  const read = await readLog(path);
  expect(read.damage).toBeNull();
  expect(read.events.map(({ seq }) => seq)).toEqual(read.events.map((_, index) => index + 1));
  const aside = await readFile(path.replace(".jsonl", ".damaged-1.jsonl"), "utf8");
  return { mended, state, aside, lines: spoilt.length };
}

const B_STARTED = 8;
const B_FINISHED = 9;

test.each<[string, (lines: string[]) => readonly string[], number]>([
  ["that is no JSON", (lines) => lines.with(B_FINISHED, "{ not json"), B_FINISHED],
  ["of NUL bytes", (lines) => lines.with(B_FINISHED, "\0".repeat(512)), B_FINISHED],
  ["that is missing", (lines) => lines.toSpliced(B_FINISHED, 1), B_FINISHED],
  ["with another number", (l) => l.with(B_FINISHED, (l[B_FINISHED] ?? "").replace(/\d+/, "99")), B_FINISHED],
  [
    "that lost what its type needs",
    (lines) => lines.with(B_FINISHED - 2, '{"seq":8,"time":"t","type":"assistant_message"}'),
    B_FINISHED - 2,
  ],
])(
  "a line %s undoes what came after it, and loses nothing that was spent, measured or said",
  async (_, spoil, line) => {
    const { mended, state, aside } = await afterDamage(spoil);
    expect(mended).toContain(`line ${line + 1}`);
    expect(mended).toContain(`number ${line}`);
    expect(aside).toContain("result c");
    expect(JSON.stringify(state.messages)).toContain("result a");
    expect(JSON.stringify(state.messages)).not.toContain("result c");
    expect(JSON.stringify(state.unheard)).toContain("was damaged");
    expect(state.records.contract).toEqual([{ target: "y" }]);
    expect(state.ledgerHead).toBe("abc");
    expect(state.iterations).toBe(3);
  },
);

test("a call whose beginning is among what is lost counts as begun: it is not made a second time", async () => {
  const { state } = await afterDamage((lines) => lines.with(B_STARTED, "garbage"));
  expect(state.pending).toMatchObject([{ id: "b", started: true }]);
});

test.each<[string, (lines: string[]) => readonly string[]]>([
  ["between two events", (lines) => lines.toSpliced(4, 0, "garbage")],
  ["that repeat the first event", (lines) => [lines[0] ?? "", ...lines]],
  ["behind the last event", (lines) => [...lines, "\0\0\0", "more"]],
])("lines %s are taken out, and every event counts", async (_, spoil) => {
  const { mended, state, lines } = await afterDamage(spoil);
  expect(mended).toContain("no event is known to be missing");
  expect(JSON.stringify(state.messages)).toContain("result c");
  expect(lines).toBeGreaterThan(events.length);
});

test("every event that was acknowledged before a kill -9 is there afterwards", async () => {
  const path = await newPath();
  const module = new URL("./session-log.ts", import.meta.url).href;
  const script = `
    import { SessionLog } from ${JSON.stringify(module)};
    const { log } = await SessionLog.open(${JSON.stringify(path)});
    for (let i = 1; ; i++) { await log.append({ type: "notice", level: "info", text: String(i) }); console.log(i); }`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script]);
  let acknowledged = 0;
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (data) => reject(new Error(String(data))));
    child.stdout.on("data", (data) => {
      acknowledged = Math.max(acknowledged, ...String(data).trim().split("\n").map(Number));
      if (acknowledged >= 50) child.kill("SIGKILL");
    });
    child.on("exit", () => resolve());
  });
  const { events } = await readLog(path);
  expect(acknowledged).toBeGreaterThanOrEqual(50);
  expect(events.length).toBeGreaterThanOrEqual(acknowledged);
});
