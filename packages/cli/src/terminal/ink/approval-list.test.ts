import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AskedCall } from "@ml-intern/intern";
import { expect, test } from "vitest";
import { editCall } from "../edit-call.ts";
import { editText } from "../edit-text.ts";
import { createStyle } from "../style.ts";
import { ApprovalList } from "./approval-list.ts";
import type { Key } from "./key-reader.ts";
import { visibleWidth } from "./wrap-words.ts";

const call = (id: string, tool: string): AskedCall => ({
  ...{
    id,
    tool,
    origin: "mcp:jobs",
    read_only: false,
    estimated_usd: 4,
    hosts: ["jobs.example"],
    target: null,
  },
  input: { script: `${"line\n".repeat(30)}`, flavor: "a100" },
  rule: "default:mcp",
  why: "It is a tool of another program.",
});
const text = (text: string): Key => ({ kind: "text", text });
const key = (name: "enter" | "down" | "up" | "escape"): Key => ({ kind: "key", name });

const shown = (list: ApprovalList): string =>
  list.rows({ size: { columns: 60, rows: 24 }, style: createStyle(false) }).join("\n");

test("each call is decided by itself, and answers are given only when all are", () => {
  const list = new ApprovalList([call("a", "run"), call("b", "stop"), call("c", "run")], "main");
  expect(list.press(text("y"))).toBeNull();
  expect(list.press(key("enter"))).toBeNull();
  list.press(text("n"));
  for (const each of "use the cpu") list.press(text(each));
  list.press(key("enter"));
  list.press(text("y"));
  expect(list.press(key("enter"))).toEqual({
    answer: {
      kind: "answers",
      answers: [
        { id: "a", kind: "approve" },
        { id: "b", kind: "reject", words: "use the cpu" },
        { id: "c", kind: "approve" },
      ],
    },
  });
});

test("an edited call is approved as it was edited, and the rest can be approved at once", () => {
  const list = new ApprovalList([call("a", "run"), call("b", "stop")], "main");
  list.press(key("down"));
  expect(list.press(text("e"))).toMatchObject({ answer: { kind: "edit", call: { id: "b" } } });
  list.take("b", { text: "{}", input: { flavor: "cpu" }, problem: null });
  list.press(text("a"));
  expect(list.press(key("enter"))).toMatchObject({
    answer: { answers: [{ kind: "approve" }, { kind: "approve_edited", input: { flavor: "cpu" } }] },
  });
});

test("an edited call that does not fit is shown with the problem, is not approved, and keeps what was written", () => {
  const list = new ApprovalList([call("a", "run")], "main");
  list.press(text("y"));
  list.take("a", { text: '{"flavor": 1}', input: {}, problem: "flavor: expected string" });
  expect(shown(list)).toContain("✗ as edited: flavor: expected string");
  expect(list.press(key("enter"))).toBeNull();
  expect(list.edited("a")?.text).toBe('{"flavor": 1}');
  list.take("a", { text: '{"flavor": "cpu"}', input: { flavor: "cpu" }, problem: null });
  expect(shown(list)).not.toContain("as edited");
  expect(list.press(key("enter"))).toMatchObject({ answer: { answers: [{ kind: "approve_edited" }] } });
});

test("s allows such calls for the session, where the cost is known", () => {
  const list = new ApprovalList([call("a", "run"), { ...call("b", "run"), estimated_usd: null }], "main");
  expect(shown(list)).toContain("s yes, always");
  list.press(text("s"));
  expect(shown(list)).not.toContain("s yes, always");
  expect(list.press(text("s"))).toBeNull();
  list.press(text("y"));
  expect(list.press(key("enter"))).toMatchObject({
    answer: {
      answers: [
        {
          id: "a",
          kind: "approve",
          always: { tool: "run", hosts: ["jobs.example"], costUsd: { atMost: 4 } },
        },
        { id: "b", kind: "approve" },
      ],
    },
  });
});

test("one rejected call is answered with its words at once, and Escape leaves all of them", () => {
  const list = new ApprovalList([call("a", "run")], "main");
  list.press(text("nOn the cpu"));
  expect(list.press(key("enter"))).toMatchObject({ answer: { answers: [{ words: "On the cpu" }] } });
  expect(new ApprovalList([call("a", "run")], "main").press(key("escape"))).toEqual({ answer: null });
});

test("what a sub-agent asks is said to be its question, be it one call or several", () => {
  const one = shown(new ApprovalList([call("a", "run")], "main/research"));
  expect(one).toContain("? A research agent asks: Allow run (mcp:jobs)?");
  const two = shown(new ApprovalList([call("a", "run"), call("b", "run")], "main/research"));
  expect(two).toContain("? A research agent asks: 2 calls to decide on, 0 decided");
});

test("the terms of a contract are shown to be read", () => {
  const input = {
    ...{ task_type: "classification", input_kind: "tabular", target: "label", metric: "f1_macro" },
    exclude: [{ column: "id", reason: "it names the row" }],
  };
  const contract = {
    ...call("a", "propose_contract"),
    origin: "built-in",
    input,
    estimated_usd: 0,
    hosts: [],
  };
  const rows = shown(new ApprovalList([contract], "main"));
  expect(rows).toContain("? Fix these terms?");
  expect(rows).toContain("metric f1_macro");
  expect(rows).toContain("without id: it names the row");
  expect(rows).not.toContain("{");
});

test.each([
  [80, 24],
  [60, 20],
  [40, 12],
])("forty calls with long arguments stay within %i columns and %i rows", (columns, rows) => {
  const long = Array.from({ length: 40 }, (_, index) => ({
    ...call(`${index}`, "run"),
    input: { command: "x".repeat(10_000) },
  }));
  const list = new ApprovalList(long, "main");
  for (let index = 0; index < 20; index++) list.press(key("down"));
  const drawn = list.rows({ size: { columns, rows }, style: createStyle(false) });
  expect(drawn.length).toBeLessThan(rows);
  expect(drawn.some((row) => row.startsWith("›"))).toBe(true);
  expect(drawn.join("\n")).toContain("e shows all");
});

test("the marked call is shown with its reason, cost and hosts, within the screen", () => {
  const list = new ApprovalList([call("a", "run\u001b[2J"), call("b", "stop")], "main");
  const rows = list.rows({ size: { columns: 60, rows: 24 }, style: createStyle(false) });
  expect(rows.join("\n")).toContain("It is a tool of another program. · about $4.00");
  expect(rows.join("\n")).toContain("there is more: e shows all");
  expect(rows.join("")).not.toContain("\u001b");
  expect(rows.length).toBeLessThan(20);
  expect(
    rows
      .filter((row) => row.startsWith("    "))
      .map(visibleWidth)
      .every((width) => width <= 60),
  ).toBe(true);
});

test("a text comes back from the person's editor as they left it; an editor that fails changes nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "editor-"));
  const editor = join(folder, "editor.sh");
  await writeFile(editor, '#!/bin/sh\nsed -i "s/$1/$2/" "$3"\n');
  await chmod(editor, 0o700);
  const env = { EDITOR: `${editor} a100 cpu` };
  expect(await editText('{"flavor":"a100"}', { env, name: "call.json" })).toBe('{"flavor":"cpu"}');
  expect(await editText("text", { env: { EDITOR: "false" }, name: "call.json" })).toBeNull();
  await rm(folder, { recursive: true });
});

test("what comes back from the editor is checked, and a mistake is there again for another try", async () => {
  const check = (): { id: string; message: string }[] => [{ id: "a", message: "flavor: expected string" }];
  const edited = await editCall(call("a", "run"), { before: undefined, env: { EDITOR: "true" }, check });
  expect(edited).toMatchObject({ input: { flavor: "a100" }, problem: "flavor: expected string" });
  const text = '{"flavor": "cpu"';
  const again = await editCall(call("a", "run"), {
    before: { ...edited, text },
    env: { EDITOR: "true" },
    check: () => [],
  });
  expect(again).toMatchObject({ text, problem: expect.stringContaining("not JSON") });
});
