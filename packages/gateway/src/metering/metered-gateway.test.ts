import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import type { MessageStreamEvent, Usage } from "@ml-intern/messages";
import {
  type MessagesAnswer,
  type OpenAiAnswer,
  openAiChunk,
  openAiUsageChunk,
  type ScriptedAnswer,
  scriptedEngine,
  startScriptedMessagesServer,
  startScriptedOpenAiServer,
  turnEvents,
} from "@ml-intern/testkit";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Batches } from "../batches/batches.ts";
import { createGateway, type GatewayOptions } from "../create-gateway.ts";
import { createAnthropicEngine } from "../engines/anthropic/create-anthropic-engine.ts";
import { createOpenAiEngine } from "../engines/openai/create-openai-engine.ts";
import { GatewayError } from "../gateway-error.ts";
import { gatewayFetch } from "../gateway-fetch.ts";
import { randomNumbers } from "../limits/testing/random-numbers.ts";
import { openMetering } from "./open-metering.ts";
import { readUsage } from "./read-usage.ts";
import type { TokenCounts } from "./token-counts.ts";
import type { UsageLine } from "./usage-line.ts";
import { reportUsage } from "./usage-report.ts";

const QUESTION = {
  model: "upstream/claude-opus-5-5",
  max_tokens: 100,
  messages: [{ role: "user" as const, content: "My password is swordfish" }],
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "metered-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Metered extends AsyncDisposable {
  readonly client: Anthropic;
  readonly fetch: typeof fetch;
  /** What is on disk once all is written. */
  lines(): Promise<readonly UsageLine[]>;
}

function metered(options: GatewayOptions, headers: Record<string, string> = {}): Metered {
  const metering = openMetering({
    folder: join(folder, "usage"),
    onTrouble: (message) => expect.fail(message),
    prices: { "chat/*": { input: 0.3, output: 1.2 } },
  });
  const fetch = gatewayFetch(createGateway({ ...options, metering }));
  return {
    fetch,
    client: new Anthropic({
      ...{ baseURL: "http://gateway.invalid", apiKey: "sk-test", maxRetries: 0, fetch },
      defaultHeaders: headers,
    }),
    async lines() {
      await metering[Symbol.asyncDispose]();
      await mkdir(join(folder, "usage"), { recursive: true });
      return readAll(join(folder, "usage"));
    },
    [Symbol.asyncDispose]: () => metering[Symbol.asyncDispose](),
  };
}

async function readAll(from: string): Promise<readonly UsageLine[]> {
  const lines: UsageLine[] = [];
  const onDamage = (file: string): void => expect.fail(file);
  for await (const line of readUsage(from, { since: null, until: null, onDamage })) lines.push(line);
  return lines;
}

/** Random counts; some of them none. */
function usages(count: number): readonly Usage[] {
  const random = randomNumbers(count);
  const tokens = (): number => (random() < 0.3 ? 0 : Math.floor(random() * 200_000));
  return Array.from({ length: count }, () => {
    const written = { ephemeral_5m_input_tokens: tokens(), ephemeral_1h_input_tokens: tokens() };
    return {
      input_tokens: tokens(),
      cache_creation_input_tokens: written.ephemeral_5m_input_tokens + written.ephemeral_1h_input_tokens,
      cache_read_input_tokens: tokens(),
      cache_creation: written,
      output_tokens: 1 + tokens(),
      output_tokens_details: null,
      server_tool_use: null,
      service_tier: "standard",
    };
  });
}

/** An answer with these counts, as the API streams it: the split at the beginning, the output at the end. */
function eventsWith(usage: Usage): { readonly events: never[] } {
  const events = [...turnEvents({ text: "Hello there, how are you?" })].map((event) => {
    if (event.type === "message_start")
      return { ...event, message: { ...event.message, usage: { ...usage, output_tokens: 1 } } };
    if (event.type !== "message_delta") return event;
    const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens } = usage;
    const counts = { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens };
    return { ...event, usage: counts };
  });
  return { events: events as never[] };
}

function seen({ usage }: { readonly usage: Anthropic.Usage }): TokenCounts {
  return {
    input: usage.input_tokens,
    cache_write_5m: usage.cache_creation?.ephemeral_5m_input_tokens ?? 0,
    cache_write_1h: usage.cache_creation?.ephemeral_1h_input_tokens ?? 0,
    cache_read: usage.cache_read_input_tokens ?? 0,
    output: usage.output_tokens,
  };
}

function tokensOf(line: UsageLine): TokenCounts {
  return {
    input: line.input_tokens,
    cache_write_5m: line.cache_write_5m_tokens,
    cache_write_1h: line.cache_write_1h_tokens,
    cache_read: line.cache_read_tokens,
    output: line.output_tokens,
  };
}

/** Asks for streams and whole answers in turn, and gives back what the client saw of each. */
async function askAll(
  client: Anthropic,
  count: number,
  model = QUESTION.model,
): Promise<readonly TokenCounts[]> {
  const saw: TokenCounts[] = [];
  for (let index = 0; index < count; index++) {
    const question = { ...QUESTION, model };
    const message =
      index % 2 === 0
        ? await client.messages.stream(question).finalMessage()
        : await client.messages.create(question);
    saw.push(seen(message));
  }
  return saw;
}

describe("to the token, what clients saw", () => {
  it("of answers that are passed through, streamed and whole", async () => {
    const script = usages(20);
    await using server = await startScriptedMessagesServer((body, index): MessagesAnswer => {
      const usage = script[index]!;
      if (body.stream) return eventsWith(usage);
      const json = {
        ...[...turnEvents({ text: "Hi" })].slice(0, 1).map((e) => "message" in e && e.message)[0],
      };
      return { status: 200, json: { ...json, stop_reason: "end_turn", usage } };
    });
    const engine = createAnthropicEngine({ name: "upstream", apiKey: "k", baseUrl: server.url });
    await using gateway = metered({ engines: { upstream: engine } });
    const saw = await askAll(gateway.client, script.length);
    const lines = await gateway.lines();
    expect(saw.map((counts) => counts.cache_write_1h + counts.output)).not.toContain(0);
    expect(lines.map(tokensOf)).toEqual(saw);
    expect(lines.map(({ estimated, stop_reason, error }) => [estimated, stop_reason, error])).toEqual(
      saw.map(() => [false, "end_turn", null]),
    );
  });

  it("of answers of a Chat Completions endpoint, with what its cache had", async () => {
    const random = randomNumbers(7);
    await using server = await startScriptedOpenAiServer((): OpenAiAnswer => {
      const prompt = 1 + Math.floor(random() * 5000);
      const usage = {
        prompt_tokens: prompt,
        completion_tokens: 1 + Math.floor(random() * 500),
        prompt_tokens_details: { cached_tokens: Math.floor(random() * prompt) },
      };
      return { chunks: [openAiChunk({ content: "Hi" }), openAiChunk({}, "stop"), openAiUsageChunk(usage)] };
    });
    const engine = createOpenAiEngine({ name: "chat", baseUrl: server.baseUrl });
    await using gateway = metered({ engines: { chat: engine } });
    const saw = await askAll(gateway.client, 20, "chat/qwen3");
    const lines = await gateway.lines();
    expect(lines.map(tokensOf)).toEqual(saw);
    expect(saw.some(({ cache_read }) => cache_read > 0)).toBe(true);
    const { total } = await reportUsage(eachOf(lines), { by: "model" });
    const sum = (kind: keyof TokenCounts): number => saw.reduce((all, counts) => all + counts[kind], 0);
    expect(total.tokens).toEqual({
      input: sum("input"),
      cache_write_5m: 0,
      cache_write_1h: 0,
      cache_read: sum("cache_read"),
      output: sum("output"),
    });
    // $0.30, $0.03 and $1.20 a million tokens, in picodollars a token.
    expect(total.money).toEqual({
      input: BigInt(sum("input")) * 300_000n,
      cache_write_5m: 0n,
      cache_write_1h: 0n,
      cache_read: BigInt(sum("cache_read")) * 30_000n,
      output: BigInt(sum("output")) * 1_200_000n,
    });
  });

  it("of answers that engines write themselves", async () => {
    const script = usages(20);
    const engine = scriptedEngine((_, index): ScriptedAnswer => eventsWith(script[index]!));
    await using gateway = metered({ engines: { upstream: engine } });
    const saw = await askAll(gateway.client, script.length);
    expect((await gateway.lines()).map(tokensOf)).toEqual(saw);
  });

  it("of an answer whose end corrects what its beginning had estimated: both lifetimes in proportion", async () => {
    const [usage] = usages(1);
    const written = { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 800 };
    const { events } = eventsWith({ ...usage!, cache_creation: written, cache_creation_input_tokens: 1000 });
    const corrected = events.map((event: MessageStreamEvent) =>
      event.type === "message_delta"
        ? { ...event, usage: { ...event.usage, cache_creation_input_tokens: 500 } }
        : event,
    );
    await using gateway = metered({ engines: { upstream: scriptedEngine([{ events: corrected }]) } });
    await gateway.client.messages.stream(QUESTION).finalMessage();
    expect((await gateway.lines()).map(tokensOf)).toMatchObject([
      { cache_write_5m: 100, cache_write_1h: 400 },
    ]);
  });

  it("of batches, which say so", async () => {
    const script = usages(6);
    const engine = scriptedEngine((_, index): ScriptedAnswer => eventsWith(script[index]!));
    await using batches = await Batches.open({ folder: join(folder, "batches"), concurrency: 1 });
    const keys = { "sk-test": { workspace: "research", name: "nightly" } };
    await using gateway = metered({ engines: { upstream: engine }, batches, keys });
    const { messages } = gateway.client;
    const good = { ...QUESTION, metadata: { user_id: "user_1_account__session_0123456789" } };
    const { id } = await messages.batches.create({
      requests: [
        ...script.map((_, index) => ({ custom_id: `r${index}`, params: good })),
        // No engine is asked to answer this one.
        { custom_id: "bad", params: { ...QUESTION, messages: [] } },
      ],
    });
    await vi.waitUntil(async () => (await messages.batches.retrieve(id)).processing_status === "ended");
    const saw: TokenCounts[] = [];
    for await (const { result } of await messages.batches.results(id)) {
      if (result.type === "succeeded") saw.push(seen(result.message));
    }
    const lines = await gateway.lines();
    expect(lines.map(tokensOf)).toEqual(saw);
    expect(saw).toHaveLength(script.length);
    for (const line of lines) {
      expect(line).toMatchObject({
        ...{ workspace: "research", key: "nightly", session: "0123456789" },
        ...{ batch: true, service_tier: "batch", stop_reason: "end_turn" },
      });
    }
  });
});

async function* eachOf(lines: readonly UsageLine[]): AsyncGenerator<UsageLine> {
  yield* lines;
}

describe("what was not finished", () => {
  const START = [...turnEvents({ text: "x".repeat(400), usage: { input_tokens: 70, output_tokens: 9 } })];
  const gone = new GatewayError("gone", { code: "endpoint_cut", status: 502, type: "api_error" });

  it("an answer that broke off is metered by what had come, and says so", async () => {
    const engine = scriptedEngine(() => ({ after: START.slice(0, -3), fails: gone }));
    await using gateway = metered({ engines: { upstream: engine } });
    await expect(gateway.client.messages.stream(QUESTION).finalMessage()).rejects.toThrow("gone");
    await expect(gateway.client.messages.create(QUESTION)).rejects.toThrow("gone");
    const lines = await gateway.lines();
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toMatchObject({
        estimated: true,
        error: "api_error",
        stop_reason: null,
        input_tokens: 70,
      });
      // 400 characters.
      expect(line.output_tokens).toBeGreaterThan(50);
      expect(line.output_tokens).toBeLessThan(200);
    }
  });

  it("so is a stream that was passed through, and one whose client left", async () => {
    const ending = ["cut", "stall"] as const;
    await using server = await startScriptedMessagesServer((_, index) => ({
      events: START.slice(0, -3) as never[],
      ending: ending[index]!,
    }));
    const engine = createAnthropicEngine({ name: "upstream", apiKey: "k", baseUrl: server.url });
    await using gateway = metered({ engines: { upstream: engine } });
    await expect(gateway.client.messages.stream(QUESTION).finalMessage()).rejects.toThrow();
    const stream = gateway.client.messages.stream(QUESTION);
    await new Promise<void>((resolve) => stream.on("text", (_, text) => text.length === 400 && resolve()));
    stream.abort();
    await expect(stream.finalMessage()).rejects.toThrow();
    // The client's leaving takes its way through the streams.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const lines = await gateway.lines();
    expect(lines.map(({ error, estimated, input_tokens }) => [error, estimated, input_tokens])).toEqual([
      ["api_error", true, 70],
      [null, true, 70],
    ]);
    for (const { output_tokens } of lines) expect(output_tokens).toBeGreaterThan(90);
  });

  it("a failure before the answer is a line without tokens; a refusal of the gateway's own is none", async () => {
    const busy = new GatewayError("busy", {
      code: "endpoint_overloaded",
      status: 529,
      type: "overloaded_error",
    });
    const engine = scriptedEngine(() => ({ fails: busy }));
    await using gateway = metered({ engines: { upstream: engine } });
    await expect(gateway.client.messages.create(QUESTION)).rejects.toThrow();
    await expect(gateway.client.messages.create({ ...QUESTION, messages: [] })).rejects.toThrow();
    await expect(gateway.client.messages.create({ ...QUESTION, model: "nobody" })).rejects.toThrow();
    expect(await gateway.lines()).toMatchObject([
      { error: "overloaded_error", estimated: false, input_tokens: 0, output_tokens: 0, total_usd: "0" },
    ]);
  });

  it("counting tokens is no request for a message", async () => {
    await using gateway = metered({ engines: { upstream: scriptedEngine([]) } });
    const { max_tokens: _, ...question } = QUESTION;
    await gateway.client.messages.countTokens(question);
    expect(await gateway.lines()).toEqual([]);
  });
});

it("holds who asked, in which session, and nothing that anybody wrote", async () => {
  const engine = scriptedEngine(() => ({ text: "Your password is swordfish" }), { name: "upstream" });
  await using gateway = metered(
    {
      engines: { upstream: engine },
      models: { smart: ["upstream/claude-opus-5-5"] },
      keys: { "sk-test": { workspace: "research", name: "laptop" } },
    },
    { "x-claude-code-session-id": "session-1" },
  );
  const { _request_id: id } = await gateway.client.messages.create({ ...QUESTION, model: "smart" });
  const user = { user_id: "swordfish@example.org" };
  const headers = { "x-claude-code-session-id": null };
  await gateway.client.messages.create({ ...QUESTION, model: "smart", metadata: user }, { headers });
  const lines = await gateway.lines();
  expect(lines).toMatchObject([
    {
      ...{ request_id: id, workspace: "research", key: "laptop", session: "session-1", model: "smart" },
      ...{ engine: "upstream", upstream_model: "claude-opus-5-5", batch: false, service_tier: "standard" },
      total_usd: "0.00014",
    },
    { session: expect.stringMatching(/^user_[0-9a-f]{16}$/) },
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/password|swordfish|sk-test/);
});
