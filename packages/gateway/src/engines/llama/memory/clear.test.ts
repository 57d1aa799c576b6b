import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Message } from "@ml-intern/messages";
import { writeTinyGguf } from "@ml-intern/testkit";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createGateway, type Gateway } from "../../../create-gateway.ts";
import { createLlamaEngine } from "../create-llama-engine.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "clear-"));
  for (const family of FAMILIES)
    await writeTinyGguf(join(folder, `${family}.gguf`), { contextLength: 8192, layers: 2, family });
});
afterAll(() => rm(folder, { recursive: true }));

const FAMILIES = ["attention", "recurrent"] as const;
const BOOK = "It was the best of times, it was the worst of times. ".repeat(20);

async function open(model: string) {
  const states = await mkdtemp(join(folder, "states-"));
  const path = join(folder, `${model}.gguf`);
  const engine = createLlamaEngine({
    models: { m: { path }, n: { path } },
    contextSize: 4096,
    sequences: 1,
    sampling: { temperature: 0 },
    promptCache: { folder: states },
  });
  onTestFinished(() => engine.close());
  const gateway = createGateway({
    engines: { llama: engine },
    keys: {
      one: { workspace: "one" },
      two: { workspace: "two" },
      boss: { workspace: "two", name: "boss", admin: true },
    },
  });
  return { gateway, engine, states, ...clientOf(gateway) };
}

function clientOf(gateway: Gateway) {
  const ask = (key: string, body: object = {}): Response | Promise<Response> =>
    gateway.request("/v1/messages", {
      method: "POST",
      headers: { "x-api-key": key },
      body: JSON.stringify({
        model: "llama/m",
        max_tokens: 8,
        messages: [{ role: "user", content: BOOK }],
        cache_control: { type: "ephemeral" },
        ...body,
      }),
    });
  const cache = async (key: string, method: string, query = "") => {
    const response = await gateway.request(`/cache${query}`, { method, headers: { "x-api-key": key } });
    const body = (await response.json()) as Record<string, readonly Record<string, number>[]>;
    const rows = body.prompts ?? body.cleared ?? [];
    return { status: response.status, rows, names: rows.map((row) => `${row.workspace} ${row.model}`) };
  };
  const read = async (key: string, body: object = {}): Promise<number> =>
    ((await (await ask(key, body)).json()) as Message).usage.cache_read_input_tokens;
  return { ask, cache, read };
}

async function filesIn(states: string): Promise<number> {
  return (await readdir(states)).filter((name) => /\.(block|boundary)$/.test(name)).length;
}

describe.each(FAMILIES)("a model with %s", (family) => {
  test("a workspace sees and clears what is its own, an administrator everything", async () => {
    const { cache, read } = await open(family);
    for (const key of ["one", "two"]) expect(await read(key)).toBe(0);
    for (const key of ["one", "two"]) expect(await read(key)).toBeGreaterThan(900);
    expect((await cache("one", "GET")).names).toEqual(["one llama/m"]);
    const { rows } = await cache("boss", "GET");
    expect(rows).toMatchObject([
      { workspace: "one", model: "llama/m", entries: 1, tokens: expect.any(Number) },
      { workspace: "two", model: "llama/m", entries: 1 },
    ]);
    for (const row of rows) expect(row.memory_bytes).toBeGreaterThan(0);
    expect((await cache("one", "DELETE", "?workspace=two")).status).toBe(403);
    expect((await cache("boss", "DELETE", "?wrokspace=one")).status).toBe(400);
    expect((await cache("nobody", "DELETE")).status).toBe(401);
    expect((await cache("one", "DELETE")).names).toEqual(["one llama/m"]);
    expect((await cache("boss", "GET")).names).toEqual(["two llama/m"]);
    expect(await read("two")).toBeGreaterThan(900);
    expect(await read("one")).toBe(0);
    expect((await cache("boss", "DELETE")).names).toEqual(["one llama/m", "two llama/m"]);
    expect((await cache("boss", "GET")).rows).toEqual([]);
    for (const key of ["one", "two"]) expect(await read(key)).toBe(0);
  });

  test("one model's prompts go, in memory and on disk, and another's of the same file stay", async () => {
    const { cache, read, states } = await open(family);
    for (const model of ["llama/m", "llama/n"]) await read("one", { model });
    const before = await filesIn(states);
    expect((await cache("one", "DELETE", "?model=llama/m")).names).toEqual(["one llama/m"]);
    const { rows, names } = await cache("one", "GET");
    expect(names).toEqual(["one llama/n"]);
    expect(rows[0]?.disk_bytes).toBeGreaterThan(0);
    expect(await filesIn(states)).toBeLessThan(before);
    expect(await read("one", { model: "llama/n" })).toBeGreaterThan(900);
    expect(await read("one", { model: "llama/m" })).toBe(0);
  });

  test("an answer that is being written meanwhile leaves nothing behind", async () => {
    const { ask, cache, read, states } = await open(family);
    const answering = await ask("one", { stream: true, max_tokens: 200 });
    const reader = answering.body?.getReader();
    await reader?.read();
    await cache("one", "DELETE");
    while (!(await reader?.read())?.done);
    expect((await cache("boss", "GET")).rows).toEqual([]);
    expect(await filesIn(states)).toBe(0);
    expect(await read("one")).toBe(0);
  });
});
