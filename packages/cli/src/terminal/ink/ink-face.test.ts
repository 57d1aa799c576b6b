import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DurableEvent, SessionEvent } from "@ml-intern/intern";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Picker } from "./picker.ts";
import { FakeTerminal } from "./testing/fake-terminal.ts";
import { TextQuestion } from "./text-question.ts";
import { visibleWidth } from "./wrap-words.ts";

// Ink draws nothing in CI, which it looks for when it is loaded.
vi.hoisted(() => {
  process.env.CI = "false";
});

let home: string;
let terminal: FakeTerminal;
const said: string[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "ink-face-"));
  said.length = 0;
});
afterEach(async () => {
  await terminal.close();
  await rm(home, { recursive: true, force: true });
});

async function open(
  columns = 80,
  rows = 24,
): Promise<Pick<FakeTerminal, "face" | "stdout"> & { until: (text: string | RegExp) => Promise<string> }> {
  terminal = await FakeTerminal.open({ columns, rows, home });
  terminal.face.handle({
    onSay: (text, hears) => said.push(`${hears}: ${text}`),
    onInterrupt: () => said.push("interrupt"),
    onQuit: () => said.push("quit"),
    commandsFor: (beginning) =>
      [{ name: "cost", help: "what it cost" }].filter(({ name }) => `/${name}`.startsWith(beginning)),
  });
  const { face, stdout } = terminal;
  return { face, stdout, until: (text) => terminal.until(text) };
}

const kept = (event: DurableEvent): SessionEvent => ({ seq: 1, time: "2026-11-23T00:00:00Z", ...event });
const TURN = kept({ type: "turn_started", turn: 1, text: "do it" });
const PLAN = kept({
  type: "plan_updated",
  steps: Array.from({ length: 12 }, (_, index) => ({
    title: `step ${index} of a plan with a title that is much longer than a narrow screen is wide`,
    status: index < 3 ? "done" : index === 3 ? "active" : "pending",
  })),
});

test("a call is shown while it is written, while it runs, and collapsed when it is done", async () => {
  const { face, stdout, until } = await open();
  face.show(TURN);
  face.show({
    type: "tool_input_delta",
    id: "a",
    name: "write",
    partial_json: '{"path":"train.py","content":"import',
  });
  face.show({ type: "tool_input_delta", id: "a", name: "write", partial_json: " os\\nprint(1)" });
  expect(await until("print(1)")).toContain("→ write train.py …");
  face.show(
    kept({ type: "tool_started", id: "a", name: "write", input: { path: "train.py", content: "a\nb" } }),
  );
  face.show({
    type: "tool_output",
    id: "a",
    text: Array.from({ length: 30 }, (_, n) => `out ${n}\n`).join(""),
  });
  expect(await until("out 29")).toContain("running");
  face.show(
    kept({
      type: "tool_finished",
      id: "a",
      name: "write",
      duration_ms: 1_500,
      content: "ok",
      is_error: false,
    }),
  );
  await until("26 lines before");
  expect(stdout.text).toContain("→ write train.py, content 2 lines 1.5 s");
  expect(stdout.text).toContain("│ out 29");
  expect(stdout.text).not.toContain("out 25");
  terminal.type("\u000f");
  await until("│ out 20");
  terminal.type("\u000f");
  await vi.waitFor(() => expect(stdout.text).not.toContain("out 20"));
});

test.each([
  [120, 40],
  [80, 24],
  [40, 12],
  [20, 8],
])("in %i columns and %i rows nothing is wider or higher than the screen", async (columns, rows) => {
  const { face, stdout, until } = await open(columns, rows);
  face.view.model = "openai/a-model-with-a-name-of-some-length";
  face.show(TURN);
  face.show(PLAN);
  face.show({
    type: "spent",
    usd: 1.25,
    input_tokens: 45_000,
    output_tokens: 900,
    cache_read_tokens: 40_000,
    cache_write_tokens: 10,
    saved_usd: 0.5,
  });
  for (const id of ["a", "b", "c"]) {
    face.show(kept({ type: "tool_started", id, name: "bash", input: { command: "x".repeat(300) } }));
    face.show({ type: "tool_output", id, text: "日本語 ".repeat(200).concat("\n").repeat(40) });
  }
  face.show({ type: "text_delta", text: "words ".repeat(300) });
  terminal.type("\u001b[200~many\nlines\nof\ninput\nthat\nare\npasted\nat\nonce\nhere\u001b[201~");
  await until("here");
  const live = stdout.lines.slice(stdout.lines.findIndex((line) => line.includes("words")));
  expect(live.length).toBeLessThanOrEqual(rows);
  expect(Math.max(...stdout.lines.map(visibleWidth))).toBeLessThanOrEqual(columns);
  expect(terminal.failure).toBeNull();
});

test("a call that was stopped is told of once, also when it is dropped for what the person says next", async () => {
  const { face, stdout, until } = await open();
  const ended = { outcome: "stopped", cause: null, elapsed_ms: 1, model_ms: 0, sandbox_ms: 0 } as const;
  const content = JSON.stringify({
    error: { code: "tool/stopped", message: "The person stopped this call." },
  });
  face.show(TURN);
  face.show(kept({ type: "tool_started", id: "a", name: "bash", input: { command: "sleep 9" } }));
  face.show(kept({ type: "turn_finished", ...ended }));
  await until("→ bash sleep 9 (did not end)");
  face.show(kept({ type: "turn_started", turn: 2, text: "do less" }));
  face.show(kept({ type: "tool_finished", id: "a", name: "bash", duration_ms: 0, content, is_error: true }));
  await until("› do less");
  expect(stdout.text).not.toContain("The person stopped this call");
});

test("what is said while the intern works is queued until it is heard", async () => {
  const { face, stdout, until } = await open();
  face.show(TURN);
  terminal.type("use fewer trees\r");
  terminal.type("then explain it\t");
  await vi.waitFor(() => expect(said).toEqual(["next_step: use fewer trees", "next_turn: then explain it"]));
  face.show(kept({ type: "said", text: "use fewer trees", hears: "next_step" }));
  face.show(kept({ type: "said", text: "then explain it", hears: "next_turn" }));
  await until("queued, heard at the next call: use fewer trees");
  face.show(kept({ type: "iteration_started", iteration: 2 }));
  await until("› use fewer trees");
  expect(stdout.text).not.toContain("next call: use fewer");
  expect(stdout.text).toContain("queued, for the next turn: then explain it");
});

test("what is said before there is a session is heard by it", async () => {
  const { face } = await open();
  face.handle(null);
  terminal.type("use recall\r");
  face.handle({
    onSay: (text) => said.push(text),
    ...{ onInterrupt: () => {}, onQuit: () => {}, commandsFor: () => [] },
  });
  expect(said).toEqual(["use recall"]);
});

test("a backslash, Alt-Enter and Ctrl-J make lines, a paste stays one input, and the history gives it back", async () => {
  await open();
  terminal.type("a\\\rb\u001b\rc\nd\u001b[200~ e\nf\u001b[201~\r");
  await vi.waitFor(() => expect(said).toEqual(["next_step: a\nb\nc\nd e\nf"]));
  terminal.type("draft");
  terminal.type("\u001b[A");
  await terminal.until("d e");
  const path = join(home, "history");
  await vi.waitFor(async () =>
    expect(await readFile(path, "utf8")).toBe(`${JSON.stringify("a\nb\nc\nd e\nf")}\n`),
  );
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  terminal.type("\u001b[B\u001b[B\u001b[B\u001b[B\u001b[B");
  await terminal.until("› draft");
});

test("Ctrl-C stops the turn and quits when it comes again; Escape only stops", async () => {
  const { face } = await open();
  face.show(TURN);
  terminal.type("\u001b");
  await vi.waitFor(() => expect(said).toEqual(["interrupt"]));
  terminal.type("\u0003");
  await terminal.until("Ctrl-C again quits.");
  terminal.type("\u0003");
  expect(said).toEqual(["interrupt", "interrupt", "quit"]);
});

test("a question takes the keyboard, and gives it back with what was being written", async () => {
  const { face } = await open();
  terminal.type("half a thought");
  const answer = face.ask(new TextQuestion(["Fix these terms?", "metric f1"], "y or n"));
  await terminal.until("? Fix these terms?");
  terminal.type("no, use recall\r");
  expect(await answer).toBe("no, use recall");
  await terminal.until("› half a thought");
  const picked = face.ask(
    new Picker(
      "Which?",
      ["one", "two", "three"].map((value) => ({ value, title: value })),
    ),
  );
  terminal.type("t\u001b[B\r");
  expect(await picked).toBe("three");
  const stopped = new AbortController();
  const aborted = face.ask(new TextQuestion(["Go on?"], "y"), stopped.signal);
  stopped.abort();
  expect(await aborted).toBeNull();
});

test("commands are offered and completed", async () => {
  await open();
  terminal.type("/c");
  await terminal.until("/cost     what it cost");
  terminal.type("\t\r");
  expect(said).toEqual(["next_step: /cost"]);
});

test("text of others cannot steer the terminal", async () => {
  const { face, stdout, until } = await open();
  face.show(TURN);
  face.show({ type: "text_delta", text: "\u001b]0;title\u0007\u001b[2Jwords\u009b2J\n" });
  face.show(
    kept({ type: "tool_started", id: "a", name: "bash\u001b[2J", input: { command: "ls\u001b[1A" } }),
  );
  face.show({ type: "tool_output", id: "a", text: "one\rtwo\u001b[5A\n" });
  await until("two");
  for (const sequence of ["\u001b[2J", "\u001b[5A", "\u001b]", "\u0007", "\u009b"])
    expect(stdout.sent).not.toContain(sequence);
});

test("after ten thousand events a frame is as small as before them", async () => {
  const { face, stdout, until } = await open();
  face.show(TURN);
  for (let index = 0; index < 3_333; index++) {
    const id = `call_${index}`;
    face.show(kept({ type: "tool_started", id, name: "bash", input: { command: `echo ${index}` } }));
    face.show({ type: "tool_output", id, text: `${index}\n` });
    face.show(
      kept({ type: "tool_finished", id, name: "bash", duration_ms: 1, content: "ok", is_error: false }),
    );
  }
  await until("→ bash echo 3332");
  const before = stdout.sent.length;
  terminal.type("x");
  await until("› x");
  expect(stdout.sent.length - before).toBeLessThan(2_000);
});

test("an error in the face ends the face, gives the terminal back, and nothing else", async () => {
  const { face, stdout } = await open();
  const question = face.ask({
    rows: () => {
      throw new Error("cannot be drawn");
    },
    press: () => null,
  });
  expect(await question).toBeNull();
  expect(terminal.failure).toMatchObject({ message: "cannot be drawn" });
  expect(terminal.stdin.isRaw).toBe(false);
  expect(stdout.sent).toContain("\u001b[?2004l");
  expect(() => face.show(TURN)).not.toThrow();
  expect(await face.ask(new TextQuestion(["Go on?"], "y"))).toBeNull();
});
