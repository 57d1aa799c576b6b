import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import type { Message } from "@ml-intern/messages";
import { Hono } from "hono";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { GatewayError } from "../gateway-error.ts";
import { batchesRoutes } from "../routes/batches-routes.ts";
import { errorResponse } from "../routes/error-response.ts";
import type { GatewayEnv } from "../routes/gateway-env.ts";
import { Batches } from "./batches.ts";
import type { AnswerItem } from "./run-item.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "batches-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Answers with the text of the question. */
const echo: AnswerItem = async ({ messages }) =>
  message(String((messages as { content: string }[])[0]?.content));

it("answers every request of a batch, and the official client reads the results", async () => {
  verifies("routes.batches", "batches.object", "batches.results");
  await using batches = await Batches.open({ folder });
  batches.start(echo);
  const client = clientOf(batches);
  const created = await client.messages.batches.create({ requests: requests(25) });
  expect(created).toMatchObject({
    id: expect.stringMatching(/^msgbatch_/),
    type: "message_batch",
    processing_status: "in_progress",
    request_counts: { processing: 25, succeeded: 0 },
    results_url: null,
  });
  const ended = await untilEnded(client, created.id);
  expect(ended.request_counts).toEqual({ processing: 0, succeeded: 25, errored: 0, canceled: 0, expired: 0 });
  const results = await resultsOf(client, created.id);
  expect([...results.keys()].sort()).toEqual(
    requests(25)
      .map(({ custom_id }) => custom_id)
      .sort(),
  );
  expect(results.get("item-7")).toMatchObject({
    type: "succeeded",
    message: { content: [{ type: "text", text: "question 7" }], usage: { service_tier: "batch" } },
  });
});

it("a request that is wrong is an errored result; the others are answered", async () => {
  verifies("batches.no-stream", "request.pre-warm-not-in-batches", "batches.results");
  await using batches = await Batches.open({ folder });
  batches.start(async (params, context) => {
    if (params.model === "wrong")
      throw new GatewayError("model: wrong", { ...NOT_FOUND, code: "model_not_found" });
    return await echo(params, context);
  });
  const client = clientOf(batches);
  const [first, second, third, ...rest] = requests(5);
  const { id } = await client.messages.batches.create({
    requests: [
      { ...first!, params: { ...first!.params, model: "wrong" } },
      { ...second!, params: { ...second!.params, stream: true } as never },
      { ...third!, params: { ...third!.params, max_tokens: 0 } },
      ...rest,
    ],
  });
  expect((await untilEnded(client, id)).request_counts).toMatchObject({ succeeded: 2, errored: 3 });
  const results = await resultsOf(client, id);
  expect(results.get("item-0")).toMatchObject({
    type: "errored",
    error: { type: "error", error: { type: "not_found_error", message: "model: wrong" } },
  });
  expect(results.get("item-1")).toMatchObject({ error: { error: { type: "invalid_request_error" } } });
});

it("asks again after a failure that passes", async () => {
  await using batches = await Batches.open({ folder });
  let asked = 0;
  batches.start(async (params, context) => {
    asked++;
    if (asked === 1) throw new GatewayError("Overloaded", { ...OVERLOADED, code: "endpoint_overloaded" });
    return await echo(params, context);
  });
  const client = clientOf(batches);
  const { id } = await client.messages.batches.create({ requests: requests(1) });
  expect((await untilEnded(client, id)).request_counts.succeeded).toBe(1);
  expect(asked).toBe(2);
});

it("a cancelled batch finishes what is under way and begins nothing more", async () => {
  verifies("routes.batches");
  await using batches = await Batches.open({ folder, concurrency: 2 });
  const gate = deferred();
  let begun = 0;
  batches.start(async (params, context) => {
    begun++;
    await gate.promise;
    return await echo(params, context);
  });
  const client = clientOf(batches);
  const { id } = await client.messages.batches.create({ requests: requests(10) });
  await vi.waitUntil(() => begun === 2);
  const cancelled = await client.messages.batches.cancel(id);
  expect(cancelled.processing_status).toBe("canceling");
  expect(cancelled.cancel_initiated_at).not.toBeNull();
  gate.resolve();
  expect((await untilEnded(client, id)).request_counts).toMatchObject({ succeeded: 2, canceled: 8 });
  expect(begun).toBe(2);
});

it("what has not begun after a day expires", async () => {
  verifies("batches.expiry");
  let now = Date.parse("2026-11-22T00:00:00Z");
  const first = await Batches.open({ folder, now: () => now });
  const client = clientOf(first);
  const { id } = await client.messages.batches.create({ requests: requests(3) });
  await first.close();
  now += 25 * 60 * 60 * 1000;
  await using second = await Batches.open({ folder, now: () => now });
  second.start(echo);
  const again = clientOf(second);
  expect((await untilEnded(again, id)).request_counts).toMatchObject({ expired: 3 });
  now += 30 * 24 * 60 * 60 * 1000;
  await second.close();
  await using third = await Batches.open({ folder, now: () => now });
  third.start(echo);
  await vi.waitUntil(() => third.get(id, "default").archived_at !== null);
  expect(third.get(id, "default").results_url).toBeNull();
});

it("a restart goes on with what has no result yet, and asks nothing twice that has one", async () => {
  const first = await Batches.open({ folder, concurrency: 2 });
  const asked: string[] = [];
  first.start(async (params, { signal }) => {
    const text = String((params.messages as { content: string }[])[0]?.content);
    asked.push(text);
    if (asked.length <= 4) return message(text);
    return await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  const { id } = await clientOf(first).messages.batches.create({ requests: requests(10) });
  await vi.waitUntil(() => asked.length === 6);
  await first.close();

  await using second = await Batches.open({ folder });
  const askedAgain: string[] = [];
  second.start(async (params, context) => {
    askedAgain.push(String((params.messages as { content: string }[])[0]?.content));
    return await echo(params, context);
  });
  const client = clientOf(second);
  expect((await untilEnded(client, id)).request_counts.succeeded).toBe(10);
  expect(askedAgain.sort()).toEqual(
    requests(10)
      .map(({ params }) => String(params.messages[0]?.content))
      .filter((text) => !asked.slice(0, 4).includes(text))
      .sort(),
  );
  expect((await resultsOf(client, id)).size).toBe(10);
});

it("a workspace sees its own batches only, newest first, in pages", async () => {
  verifies("batches.workspace", "routes.batches");
  let now = 0;
  await using batches = await Batches.open({ folder, now: () => (now += 1000) });
  const client = clientOf(batches);
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push((await client.messages.batches.create({ requests: requests(1) })).id);
  const seen: string[] = [];
  for await (const { id } of client.messages.batches.list({ limit: 2 })) seen.push(id);
  expect(seen).toEqual([...ids].reverse());
  const other = clientOf(batches, "other");
  expect((await other.messages.batches.list()).data).toEqual([]);
  await expect(other.messages.batches.retrieve(ids[0]!)).rejects.toThrow(Anthropic.NotFoundError);
});

it("deletes a batch that has ended, and no other", async () => {
  verifies("batches.delete", "routes.batches");
  await using batches = await Batches.open({ folder });
  const client = clientOf(batches);
  const { id } = await client.messages.batches.create({ requests: requests(1) });
  await expect(client.messages.batches.delete(id)).rejects.toThrow(/cancel it first/);
  batches.start(echo);
  await untilEnded(client, id);
  expect(await client.messages.batches.delete(id)).toEqual({ id, type: "message_batch_deleted" });
  await expect(client.messages.batches.retrieve(id)).rejects.toThrow(Anthropic.NotFoundError);
});

it("refuses a second process, and names the first", async () => {
  await using _batches = await Batches.open({ folder });
  await expect(Batches.open({ folder })).rejects.toMatchObject({
    code: "batches_in_use",
    message: expect.stringContaining(String(process.pid)),
  });
});

it.each([
  [{}, "requests: Field required"],
  [{ requests: {} }, "requests: Input should be a valid list"],
  [{ requests: [] }, "requests: List should have at least 1 item after validation, not 0"],
  [{ requests: [1] }, "requests.0: Input should be an object"],
  [{ requests: [{ params: {} }] }, "requests.0.custom_id: Field required"],
  [{ requests: [{ custom_id: "a b", params: {} }] }, "requests.0.custom_id: String should match pattern"],
  [{ requests: [{ custom_id: "a" }] }, "requests.0.params: Field required"],
  [
    {
      requests: [
        { custom_id: "a", params: {} },
        { custom_id: "a", params: {} },
      ],
    },
    "requests.1.custom_id: custom_id must be unique",
  ],
  [
    { requests: Array.from({ length: 100_001 }, (_, n) => ({ custom_id: `c${n}`, params: {} })) },
    "requests: List should have at most 100000 items after validation, not 100001",
  ],
])("a body that is no batch is refused with its fault %#", async (body, text) => {
  verifies("batches.create");
  await using batches = await Batches.open({ folder });
  const response = await appOf(batches).request("/v1/messages/batches", {
    method: "POST",
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(400);
  expect(((await response.json()) as { error: { message: string } }).error.message).toContain(text);
  expect(batches.list("default")).toEqual([]);
});

const NOT_FOUND = { status: 404, type: "not_found_error" } as const;
const OVERLOADED = { status: 529, type: "overloaded_error" } as const;

function appOf(batches: Batches, workspace = "default"): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  app.use(async (context, next) => {
    context.set("workspace", workspace);
    context.set("requestId", "req_1");
    context.set("notes", {});
    await next();
  });
  app.route("/v1/messages/batches", batchesRoutes(batches));
  app.onError(errorResponse);
  return app;
}

function clientOf(batches: Batches, workspace?: string): Anthropic {
  const app = appOf(batches, workspace);
  return new Anthropic({
    apiKey: "any",
    baseURL: "http://gateway.local",
    maxRetries: 0,
    fetch: async (input, init) => app.fetch(new Request(input, init)),
  });
}

function requests(count: number): Anthropic.Messages.BatchCreateParams.Request[] {
  return Array.from({ length: count }, (_, index) => ({
    custom_id: `item-${index}`,
    params: { model: "any", max_tokens: 10, messages: [{ role: "user", content: `question ${index}` }] },
  }));
}

async function untilEnded(client: Anthropic, id: string): Promise<Anthropic.Messages.MessageBatch> {
  return vi.waitUntil(
    async () => {
      const batch = await client.messages.batches.retrieve(id);
      return batch.processing_status === "ended" ? batch : null;
    },
    { timeout: 20_000 },
  );
}

async function resultsOf(
  client: Anthropic,
  id: string,
): Promise<Map<string, Anthropic.Messages.MessageBatchResult>> {
  const results = new Map<string, Anthropic.Messages.MessageBatchResult>();
  for await (const { custom_id, result } of await client.messages.batches.results(id)) {
    expect(results.has(custom_id)).toBe(false);
    results.set(custom_id, result);
  }
  return results;
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function message(text: string): Message {
  return {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "any",
    content: [{ type: "text", text }],
    stop_reason: "end_turn",
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: {
      input_tokens: 1,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      output_tokens: 1,
      output_tokens_details: null,
      server_tool_use: null,
      service_tier: "standard",
    },
  };
}
