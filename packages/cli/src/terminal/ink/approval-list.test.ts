import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AskedCall } from "@ml-intern/intern";
import { expect, test } from "vitest";
import { createStyle } from "../style.ts";
import { ApprovalList } from "./approval-list.ts";
import { editText } from "./edit-text.ts";
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

test("each call is decided by itself, and answers are given only when all are", () => {
  const list = new ApprovalList([call("a", "run"), call("b", "stop"), call("c", "run")]);
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
  const list = new ApprovalList([call("a", "run"), call("b", "stop")]);
  list.press(key("down"));
  expect(list.press(text("e"))).toMatchObject({ answer: { kind: "edit", call: { id: "b" } } });
  list.take("b", { flavor: "cpu" });
  list.press(text("a"));
  expect(list.press(key("enter"))).toMatchObject({
    answer: { answers: [{ kind: "approve" }, { kind: "approve_edited", input: { flavor: "cpu" } }] },
  });
});

test("the marked call is shown with its reason, cost and hosts, within the screen", () => {
  const list = new ApprovalList([call("a", "run\u001b[2J"), call("b", "stop")]);
  const rows = list.rows({ size: { columns: 60, rows: 24 }, style: createStyle(false) });
  expect(rows.join("\n")).toContain("It is a tool of another program. · about $4.00");
  expect(rows.join("\n")).toContain("more lines (e shows all)");
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
