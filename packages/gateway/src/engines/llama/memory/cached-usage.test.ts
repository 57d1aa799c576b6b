import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Message } from "@ml-intern/messages";
import { writeTinyGguf } from "@ml-intern/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifies } from "../../../conformance/verifies.ts";
import { createGateway, type Gateway } from "../../../create-gateway.ts";
import { createLlamaEngine, type LlamaEngine } from "../create-llama-engine.ts";

let folder: string;
let engine: LlamaEngine;
let gateway: Gateway;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cached-usage-"));
  const path = join(folder, "m.gguf");
  await writeTinyGguf(path, { contextLength: 8192 });
  engine = createLlamaEngine({ models: { m: { path } }, sequences: 2, sampling: { temperature: 0 } });
  gateway = createGateway({
    engines: { llama: engine },
    keys: { one: { workspace: "one" }, two: { workspace: "two" } },
  });
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

async function post<T>(path: string, body: object, key = "one"): Promise<T> {
  const response = await gateway.request(path, {
    method: "POST",
    headers: { "x-api-key": key },
    body: JSON.stringify({ model: "llama/m", ...body }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

const MARKER = { cache_control: { type: "ephemeral" } };
const TOOLS = ["read", "write"].map((name) => ({
  name,
  description: `Can ${name} a file. `.repeat(20),
  input_schema: { type: "object", properties: { path: { type: "string" } } },
}));
const BOOK = "It was the best of times, it was the worst of times. ".repeat(20);
const SAID = [
  { role: "user", content: [{ type: "text", text: BOOK }] },
  { role: "assistant", content: [{ type: "text", text: "So it was." }] },
  { role: "user", content: [{ type: "text", text: "Which times?" }] },
];

/** The same conversation with markers at some of its places. */
function marked(...places: readonly ("tools" | "system" | "first" | "last")[]): object {
  const at = (place: (typeof places)[number]): object => (places.includes(place) ? MARKER : {});
  return {
    tools: TOOLS.map((tool, index) => ({ ...tool, ...(index === 1 ? at("tools") : {}) })),
    system: [{ type: "text", text: BOOK, ...at("system") }],
    messages: SAID.map(({ role, content }, index) => ({
      role,
      content: content.map((block) => ({
        ...block,
        ...(index === 0 ? at("first") : index === 2 ? at("last") : {}),
      })),
    })),
  };
}

test("markers change what is said of tokens, and neither their sum nor the answer", async () => {
  verifies("caching.usage-adds-up", "caching.no-effect-on-output", "caching.by-workspace");
  const { input_tokens: total } = await post<{ input_tokens: number }>("/v1/messages/count_tokens", marked());
  const plain = await post<Message>("/v1/messages", { ...marked(), max_tokens: 12 });
  expect(plain.usage).toMatchObject({ input_tokens: total, cache_read_input_tokens: 0 });
  const requests = [
    marked("tools"),
    marked("tools", "system"),
    marked("system", "last"),
    marked("tools", "system", "first", "last"),
    marked("last"),
  ];
  const usages: Message["usage"][] = [];
  for (const body of requests) {
    const { content, usage } = await post<Message>("/v1/messages", { ...body, max_tokens: 12 });
    expect(content).toEqual(plain.content);
    const { input_tokens, cache_read_input_tokens: read, cache_creation_input_tokens: written } = usage;
    expect(input_tokens + read + written).toBe(total);
    usages.push(usage);
  }
  const last = usages.at(-1);
  // All but what stands behind the last marker: the end of the turn.
  expect(last?.cache_read_input_tokens).toBeGreaterThan(total - 100);
  expect(last?.cache_creation_input_tokens).toBe(0);
  const other = await post<Message>("/v1/messages", { ...marked("last"), max_tokens: 12 }, "two");
  expect(other.content).toEqual(plain.content);
  expect(other.usage.cache_read_input_tokens).toBe(0);
});
