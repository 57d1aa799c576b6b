import type { Message, MessageStreamEvent } from "@ml-intern/messages";
import {
  type OpenAiAnswer,
  openAiChunk,
  openAiUsageChunk,
  startScriptedOpenAiServer,
} from "@ml-intern/testkit";
import { expect, it } from "vitest";
import { createGateway, type Gateway } from "../create-gateway.ts";
import { createOpenAiEngine } from "../engines/openai/create-openai-engine.ts";
import { ask, eventsIn, scriptedGateway } from "./testing/ask.ts";
import { verifies } from "./verifies.ts";

const MARKER = { cache_control: { type: "ephemeral" } };
/** About 2,000 tokens. */
const BOOK = "All happy families are alike. ".repeat(267);
const SYSTEM = [{ type: "text", text: BOOK, ...MARKER }];
const SAID = openAiChunk({ content: "Well." });
const OVER = openAiChunk({}, "stop");

interface Endpoint extends AsyncDisposable {
  readonly requests: readonly unknown[];
  ask(extra?: object): Promise<Response>;
  usage(extra?: object): Promise<Message["usage"]>;
  count(extra?: object): Promise<number>;
}

/** A gateway over an endpoint that speaks Chat Completions, and says this of tokens. */
async function endpoint(counts?: object, first: readonly OpenAiAnswer[] = []): Promise<Endpoint> {
  const chunks = [SAID, OVER, ...(counts ? [openAiUsageChunk(counts)] : [])];
  const answers = [...first];
  const server = await startScriptedOpenAiServer(() => answers.shift() ?? { chunks });
  const gateway = createGateway({ engines: { chat: createOpenAiEngine({ baseUrl: server.baseUrl }) } });
  const body = (extra: object): object => ({ model: "chat/m", system: SYSTEM, ...extra });
  return {
    get requests() {
      return server.requests;
    },
    ask: (extra = {}) => ask(gateway, body(extra)),
    usage: async (extra = {}) => ((await (await ask(gateway, body(extra))).json()) as Message).usage,
    count: async (extra = {}) => await countOf(gateway, body(extra)),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function countOf(gateway: Gateway, { ...body }: object): Promise<number> {
  const messages = [{ role: "user", content: "hi" }];
  const response = await gateway.request("/v1/messages/count_tokens", {
    method: "POST",
    body: JSON.stringify({ messages, ...body }),
  });
  return ((await response.json()) as { input_tokens: number }).input_tokens;
}

function sumOf(usage: Message["usage"]): number {
  return usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens;
}

it("the first and the last event say the same: what was written, then what was read", async () => {
  verifies("caching.usage-first-and-last", "caching.usage-adds-up", "caching.usage-explicit-zeros");
  await using at = await endpoint();
  const total = await at.count();
  const ends = async (): Promise<readonly [Message["usage"], object]> => {
    const events = eventsIn(await (await at.ask({ stream: true })).text());
    return [startOf(events).usage, (events.at(-2) as { usage: object }).usage];
  };
  const [written, writtenLast] = await ends();
  expect(written.cache_creation_input_tokens).toBeGreaterThan(1900);
  expect(written.cache_creation).toEqual({
    ephemeral_5m_input_tokens: written.cache_creation_input_tokens,
    ephemeral_1h_input_tokens: 0,
  });
  expect(written.cache_read_input_tokens).toBe(0);
  expect(sumOf(written)).toBe(total);
  const [read, readLast] = await ends();
  expect(read.cache_read_input_tokens).toBe(written.cache_creation_input_tokens);
  expect(read.cache_creation_input_tokens).toBe(0);
  expect(sumOf(read)).toBe(total);
  for (const [first, last] of [
    [written, writtenLast],
    [read, readLast],
  ]) {
    const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens } = first as Message["usage"];
    expect(last).toMatchObject({ input_tokens, cache_creation_input_tokens, cache_read_input_tokens });
    expect(last).not.toHaveProperty("cache_creation");
  }
});

function startOf(events: readonly MessageStreamEvent[]): Message {
  const [start] = events;
  if (start?.type !== "message_start") throw new Error("no message_start");
  return start.message;
}

it("without a marker everything is input, and the zeros are there", async () => {
  verifies("caching.usage-explicit-zeros");
  await using at = await endpoint();
  await at.usage();
  expect(await at.usage({ system: BOOK })).toMatchObject({
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  });
});

it("an endpoint's own counts are the last word", async () => {
  verifies("caching.usage-of-chat-completions");
  await using at = await endpoint({
    prompt_tokens: 3000,
    prompt_tokens_details: { cached_tokens: 1024 },
    completion_tokens: 2,
  });
  await at.usage();
  const usage = await at.usage();
  expect(usage.cache_read_input_tokens).toBe(1024);
  // Our own index says that the rest up to the marker was there as well; the endpoint says that it was not.
  expect(usage.cache_creation_input_tokens).toBeGreaterThan(1900);
  expect(sumOf(usage)).toBe(3000);
});

it("a request for no tokens warms the cache", async () => {
  verifies("caching.pre-warm-asks-upstream");
  await using at = await endpoint();
  const response = await at.ask({ max_tokens: 0 });
  const message = (await response.json()) as Message;
  expect(message).toMatchObject({ content: [], stop_reason: "max_tokens" });
  expect(message.usage.cache_creation_input_tokens).toBeGreaterThan(1900);
  expect(at.requests).toHaveLength(1);
  const next = await at.usage({ messages: [{ role: "user", content: "And then?" }] });
  expect(next.cache_read_input_tokens).toBe(message.usage.cache_creation_input_tokens);
});

it("a refused request writes nothing; one that has begun does, also when its client leaves", async () => {
  verifies("caching.readable-while-it-streams");
  await using refusing = await endpoint(undefined, [{ failure: "rate_limit" }]);
  expect((await refusing.ask()).status).toBe(429);
  expect((await refusing.usage()).cache_read_input_tokens).toBe(0);

  const half: OpenAiAnswer = { failure: "stall", chunks: [SAID] };
  await using hanging = await endpoint(undefined, [half, half]);
  const first = await hanging.ask({ stream: true });
  const reader = first.body?.getReader();
  await reader?.read();
  const second = await hanging.ask({ stream: true });
  const other = second.body?.getReader();
  const begun = eventsIn(new TextDecoder().decode((await other?.read())?.value));
  expect(startOf(begun).usage.cache_read_input_tokens).toBeGreaterThan(1900);
  await Promise.all([reader?.cancel(), other?.cancel()]);
  expect((await hanging.usage()).cache_read_input_tokens).toBeGreaterThan(1900);
});

it("an engine that keeps nothing says nothing of caches", async () => {
  verifies("caching.only-where-there-is-one");
  const { gateway } = scriptedGateway();
  for (const _ of [1, 2]) {
    const message = (await (await ask(gateway, { system: SYSTEM })).json()) as Message;
    expect(message.usage).toMatchObject({ cache_creation_input_tokens: 0, cache_read_input_tokens: 0 });
  }
});
