import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { scriptedEngine } from "@ml-intern/testkit";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { createGateway, type GatewayLogEntry } from "../create-gateway.ts";
import { serveGateway } from "../serve-gateway.ts";
import { Batches } from "./batches.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "batches-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("a batch goes the way of every request: validation, aliases, engines; over a socket", async () => {
  verifies("version.strict-batches", "batches.create");
  const engine = scriptedEngine(() => ({ text: "answered" }));
  await using batches = await Batches.open({ folder });
  const gateway = createGateway({
    engines: { scripted: engine },
    models: { alias: ["scripted/real"] },
    batches,
  });
  await using server = await serveGateway({ app: gateway });
  const client = new Anthropic({ apiKey: "any", baseURL: `${server.url}/`, maxRetries: 0 });
  const params = { model: "alias", max_tokens: 10, messages: [{ role: "user" as const, content: "hello" }] };
  const { id } = await client.messages.batches.create({
    requests: [
      { custom_id: "good", params },
      { custom_id: "no-messages", params: { ...params, messages: [] } },
      { custom_id: "no-model", params: { ...params, model: "nobody" } },
      { custom_id: "sampling", params: { ...params, temperature: 1 } as never },
    ],
  });
  await vi.waitUntil(async () => (await client.messages.batches.retrieve(id)).processing_status === "ended", {
    timeout: 10_000,
  });
  const results: Record<string, unknown> = {};
  for await (const { custom_id, result } of await client.messages.batches.results(id))
    results[custom_id] = result;
  expect(results).toMatchObject({
    good: { type: "succeeded", message: { model: "alias", content: [{ type: "text", text: "answered" }] } },
    "no-messages": { type: "errored", error: { error: { type: "invalid_request_error" } } },
    "no-model": { type: "errored", error: { error: { type: "not_found_error" } } },
    // The version that the client sent with the batch forbids it.
    sampling: { type: "errored", error: { error: { message: expect.stringContaining("temperature") } } },
  });
  expect(engine.requests.map(({ model }) => model)).toEqual(["real"]);
});

it("the log has a line for each of its requests, with what a single request's has: why its prompt was not cached, too", async () => {
  const tool = { name: "read", input_schema: { type: "object" as const } };
  const params = {
    ...{ model: "scripted/m", max_tokens: 10, tools: [tool] },
    messages: [{ role: "user" as const, content: "hello" }],
  };
  const lines: GatewayLogEntry[] = [];
  await using batches = await Batches.open({ folder });
  const gateway = createGateway({
    engines: { scripted: scriptedEngine(() => ({ text: "answered" })) },
    batches,
    log: (line) => lines.push(line),
  });
  const post = (path: string, body: object) =>
    gateway.request(path, { method: "POST", body: JSON.stringify(body) });
  const first = { ...params, diagnostics: { previous_message_id: null } };
  const { id } = (await (await post("/v1/messages", first)).json()) as { readonly id: string };
  const changed = {
    ...{ ...params, tools: [{ ...tool, description: "Reads." }] },
    diagnostics: { previous_message_id: id },
  };
  await post("/v1/messages/batches", {
    requests: [
      { custom_id: "changed", params: changed },
      { custom_id: "nobody", params: { ...params, model: "nobody" } },
    ],
  });
  await vi.waitFor(() => expect(lines.filter(({ batch }) => batch)).toHaveLength(2));
  const batched = lines.filter(({ batch }) => batch).sort((one, other) => one.status - other.status);
  expect(batched).toMatchObject([
    {
      ...{ path: "/v1/messages", status: 200, workspace: "default", engine: "scripted", output_tokens: 5 },
      ...{ cache_miss_reason: "tools_changed", cache_miss_at: "tools.0", request_id: expect.any(String) },
    },
    { status: 404, model: "nobody", error_type: "not_found_error" },
  ]);
  expect(JSON.stringify(batched)).not.toContain("hello");
});

it("without a folder for batches the routes are not found, and say so in the API's words", async () => {
  const gateway = createGateway({ engines: { scripted: scriptedEngine([]) } });
  const response = await gateway.request("/v1/messages/batches");
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ type: "error", error: { type: "not_found_error" } });
});
