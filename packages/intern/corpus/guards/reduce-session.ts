// A session's log as a transcript of the corpus; long texts become their beginning and a digest:
//   node --conditions=source --import tsx packages/intern/corpus/guards/reduce-session.ts EVENTS.jsonl > demo.json
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import type { GuardStep, Role } from "../../src/guards/guard-step.ts";
import type { LoggedEvent } from "../../src/session/session-event.ts";

const KEPT = 160;
const roles: Readonly<Record<string, Role>> = { plan: "note", write: "write", edit: "write" };

const [path = ""] = process.argv.slice(2);
const home = dirname(dirname(dirname(resolve(path))));
const events = readFileSync(path, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as LoggedEvent);

const messages: GuardStep[][] = [];
const inputs = new Map<string, GuardStep["input"]>();
for (const event of events) {
  if (event.type === "assistant_message") {
    const calls = event.message.content.filter((block) => block.type === "tool_use");
    for (const { id, input } of calls) inputs.set(id, reduce(input) as GuardStep["input"]);
    if (calls.length > 0) messages.push([]);
  }
  if (event.type === "tool_finished") {
    const { id, name, content, is_error: isError } = event;
    const input = inputs.get(id) ?? {};
    messages.at(-1)?.push({ name, input, content: shorten(content), isError, role: roles[name] ?? "act" });
  }
}
console.log(JSON.stringify(messages, null, 2));

function reduce(value: unknown): unknown {
  if (typeof value === "string") return shorten(value);
  if (Array.isArray(value)) return value.map(reduce);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reduce(inner)]));
}

function shorten(text: string): string {
  const plain = text.replaceAll(home, "~/.ml-intern").replaceAll(homedir(), "~");
  if (plain.length <= 2 * KEPT) return plain;
  return `${plain.slice(0, KEPT)}… sha256:${createHash("sha256").update(plain).digest("hex")}`;
}
