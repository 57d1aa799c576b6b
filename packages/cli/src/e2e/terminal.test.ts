import { execFile } from "node:child_process";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { listSessions, readSession } from "@ml-intern/intern";
import { type ScriptedOpenAiServer, startScriptedOpenAiServer } from "@ml-intern/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { EXIT } from "../exit-code.ts";
import { CLI, testHome } from "./run-cli.ts";
import { exportDigits, startDigitsModel } from "./scripted-digits.ts";

const DRIVER = fileURLToPath(new URL("./terminal.py", import.meta.url));

type Step = { readonly when: string } & (
  | { readonly type: string }
  | { readonly size: readonly [number, number] }
);

interface Screen {
  readonly text: string;
  readonly code: number | null;
}

let home: Awaited<ReturnType<typeof testHome>>;
let server: ScriptedOpenAiServer;
beforeAll(async () => {
  server = await startDigitsModel();
});
afterAll(() => server.close());
beforeEach(async () => {
  home = await testHome();
});
afterEach(() => home[Symbol.asyncDispose]());

/** A person at a terminal: each step waits for a text, then types or resizes. */
async function atTerminal(
  args: readonly string[],
  steps: readonly Step[],
  env: Readonly<Record<string, string>> = {},
): Promise<Screen> {
  const { PATH = "", HOME = "" } = process.env;
  const { stdout } = await promisify(execFile)("python3", [DRIVER, JSON.stringify(steps), ...CLI, ...args], {
    env: { PATH, HOME, LANG: "C.UTF-8", TERM: "xterm-256color", ML_INTERN_HOME: home.path, ...env },
    maxBuffer: 100 * 1024 * 1024,
  });
  return JSON.parse(stdout) as Screen;
}

test("a task from its words to the published model: terms are taken, the work is steered, the screen gets smaller", async () => {
  const data = await exportDigits(home.path);
  const args = ["Recognise the digit", "--data", data, "--target", "digit", "--model", "openai/scripted"];
  const screen = await atTerminal(
    args,
    [
      { when: "Fix these terms?", type: "y\r" },
      { when: "start_run", type: "keep it small\r" },
      { when: "keep it small", size: [60, 30] },
      { when: "Result, from the ledger", type: "/cost\r" },
      { when: "no budget is set", type: "/quit\r" },
    ],
    { OPENAI_BASE_URL: server.baseUrl },
  );
  expect(screen.text).toMatch(/✔ verified accuracy 0\.9/);
  expect(screen.code, screen.text.slice(-2_000)).toBe(EXIT.published);
  const [session] = await listSessions(home.path);
  const { state } = (await readSession(home.path, session?.id ?? "")) ?? {};
  expect(state?.outcome).toBe("published");
  expect(JSON.stringify(state?.messages)).toContain("keep it small");
  const history = join(home.path, "history");
  expect(await readFile(history, "utf8")).toBe('"keep it small"\n"/cost"\n"/quit"\n');
  expect((await stat(history)).mode & 0o777).toBe(0o600);
});

test("no words at all ask for a task, with what was typed before the face was there; Ctrl-C twice leaves", async () => {
  const screen = await atTerminal(
    [],
    [
      { when: "", type: "early words" },
      { when: "› early words", type: "\u0003" },
      { when: "again", type: "\u0003" },
    ],
  );
  expect(screen.code).toBe(EXIT.published);
});

test("a turn is stopped, undone by a step and forked; the sessions stay, and /quit says how to go on", async () => {
  const data = await exportDigits(home.path);
  const args = ["Recognise the digit", "--data", data, "--target", "digit", "--model", "openai/scripted"];
  const screen = await atTerminal(
    args,
    [
      { when: "Fix these terms?", type: "\u0003" },
      { when: "stopped after", type: "/undo\r" },
      { when: "The session stands before step 2", type: "/fork\r" },
      { when: "Session ", type: "/quit\r" },
    ],
    { OPENAI_BASE_URL: server.baseUrl },
  );
  expect(screen.text).toMatch(/Everything is kept\. To go on: ml-intern resume \d{8}-/);
  expect(await listSessions(home.path)).toHaveLength(2);
  expect(screen.code).toBe(EXIT.stopped);
});

test("the calls of one answer are decided on together; a slip in an edited one is told, and a stopped question comes again", async () => {
  const bash = (command: string) => ({ name: "bash", input: { command } });
  await using asking = await startScriptedOpenAiServer(({ messages }) =>
    messages.some(({ role }) => role === "tool")
      ? { text: "So be it." }
      : { toolCalls: [bash("echo one"), bash("echo two")] },
  );
  const data = join(home.path, "data.csv");
  await writeFile(data, "a,label\n1,x\n2,y\n");
  const rule = "{ decision: ask, tool: bash }";
  await writeFile(join(home.path, "intern.yaml"), `approvals:\n  rules: [${rule}]\n`);
  const editor = join(home.path, "editor.sh");
  const edits = `grep -q ': 7' "$1" && sed -i 's/: 7/: "echo three"/' "$1" || sed -i 's/"echo one"/7/' "$1"`;
  await writeFile(editor, `#!/bin/sh\n${edits}\n`, { mode: 0o700 });
  const env = { OPENAI_BASE_URL: asking.baseUrl, EDITOR: editor, NO_COLOR: "1" };
  const first = await atTerminal(
    ["Look at it", "--data", data, "--model", "openai/scripted"],
    [
      { when: "2 calls to decide on, 0 decided", type: "e" },
      { when: "as edited:", size: [60, 20] },
      { when: "2 calls to decide on", type: "\u0003" },
      { when: "stopped after", type: "/quit\r" },
    ],
    env,
  );
  expect(first.code, first.text.slice(-2_000)).toBe(EXIT.stopped);
  const again = await atTerminal(
    ["resume"],
    [
      { when: "2 calls to decide on, 0 decided", type: "e" },
      { when: "as edited:", type: "e" },
      { when: "1 decided", type: "nnot that\r" },
      { when: "2 decided", type: "\r" },
      { when: "So be it.", type: "/quit\r" },
    ],
    env,
  );
  expect(again.text).toContain("→ bash echo three");
  const [session] = await listSessions(home.path);
  const { state } = (await readSession(home.path, session?.id ?? "")) ?? {};
  expect(JSON.stringify(state?.messages)).toMatch(/three.*They say: not that/);
});

test("a terminal that cannot be drawn on, and --plain, get lines one after the other", async () => {
  const dumb = await atTerminal([], [{ when: "ml-intern resume", type: "" }], { TERM: "dumb" });
  expect(dumb.text).toContain("Options of a task");
});
