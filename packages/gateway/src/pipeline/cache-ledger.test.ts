import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type MessagesAnswer,
  openAiChunk,
  startScriptedMessagesServer,
  startScriptedOpenAiServer,
  turnEvents,
} from "@ml-intern/testkit";
import { describe, expect, it, vi } from "vitest";
import { createGateway, type Gateway, type GatewayLogEntry } from "../create-gateway.ts";
import { createAnthropicEngine } from "../engines/anthropic/create-anthropic-engine.ts";
import { createOpenAiEngine } from "../engines/openai/create-openai-engine.ts";
import { openMetering } from "../metering/open-metering.ts";
import { readUsage } from "../metering/read-usage.ts";
import { reportUsage } from "../metering/usage-report.ts";
import { serveGateway } from "../serve-gateway.ts";

const START = Date.UTC(2026, 10, 22);
const MARKER = { cache_control: { type: "ephemeral" } };
/** About 1,700 tokens. */
const SYSTEM = [{ type: "text", text: "All happy families are alike. ".repeat(230), ...MARKER }];

interface Relayed extends AsyncDisposable {
  /** The log's line of the request. */
  ask(body: object): Promise<GatewayLogEntry>;
}

/** A gateway that relays to these URLs, the next one where one is down. */
async function relaying(
  urls: readonly string[],
  { now = () => START, folder = "" }: { readonly now?: () => number; readonly folder?: string } = {},
): Promise<Relayed> {
  const lines: GatewayLogEntry[] = [];
  const engines = urls.map((baseUrl, index) => [
    `up${index}`,
    createAnthropicEngine({ name: `up${index}`, apiKey: "k", baseUrl }),
  ]);
  const metering = folder === "" ? null : openMetering({ folder, onTrouble: expect.fail });
  const gateway = createGateway({
    engines: Object.fromEntries(engines),
    models: { "claude-*": urls.map((_, index) => `up${index}/claude-*`) },
    now,
    log: (line) => lines.push(line),
    ...(metering ? { metering } : {}),
  });
  return {
    async ask(body) {
      const before = lines.length;
      const whole = {
        model: "claude-x",
        max_tokens: 9,
        messages: [{ role: "user", content: "hi" }],
        ...body,
      };
      const request = { method: "POST", body: JSON.stringify(whole) };
      await (await gateway.request("/v1/messages", request)).text();
      await vi.waitFor(() => expect(lines.length).toBeGreaterThan(before));
      return lines.at(-1)!;
    },
    [Symbol.asyncDispose]: async () => metering?.[Symbol.asyncDispose](),
  };
}

interface Upstream extends AsyncDisposable {
  readonly url: string;
  readonly clock: { now: number };
  /** It forgets everything. */
  restart(): void;
}

/** An upstream that keeps the API's contract: another gateway of ours, over sockets. */
async function upstream(): Promise<Upstream> {
  const endpoint = await startScriptedOpenAiServer(() => ({
    chunks: [openAiChunk({ content: "Well." }), openAiChunk({}, "stop")],
  }));
  const clock = { now: START };
  const open = (): Gateway =>
    createGateway({
      engines: { chat: createOpenAiEngine({ baseUrl: endpoint.baseUrl }) },
      models: { "claude-*": ["chat/claude-*"] },
      now: () => clock.now,
    });
  let gateway = open();
  const served = await serveGateway({ app: { fetch: (request) => gateway.fetch(request) } });
  return {
    url: served.url,
    clock,
    restart: () => {
      gateway = open();
    },
    [Symbol.asyncDispose]: async () => {
      await served[Symbol.asyncDispose]();
      await endpoint[Symbol.asyncDispose]();
    },
  };
}

/** An agent's conversation of so many turns, each a call with its result, with a marker on the last. */
function conversation(turns: number): object {
  const tools = [{ name: "read", description: "Reads a file.", input_schema: { type: "object" } }];
  const messages = Array.from({ length: turns }, (_, turn) => [
    { role: "assistant", content: [{ type: "tool_use", id: `t${turn}`, name: "read", input: { turn } }] },
    {
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: `t${turn}`,
          content: `line ${turn}\n`.repeat(200),
          ...(turn === turns - 1 ? MARKER : {}),
        },
      ],
    },
  ]);
  return { tools, system: SYSTEM, messages: [{ role: "user", content: "Go on." }, ...messages.flat()] };
}

function promised({ cache_promised_tokens: tokens }: GatewayLogEntry): number | undefined {
  return tokens;
}

function wrote(tokens: number): object {
  return {
    ...{ input_tokens: 10, output_tokens: 1 },
    ...{ cache_creation_input_tokens: tokens, cache_read_input_tokens: 0 },
  };
}

/** A streamed answer with these counts at its beginning. */
function answerWith(usage?: object): MessagesAnswer {
  const events = [...turnEvents({ text: "Hi" })].map((event) => {
    if (event.type === "message_start") return { ...event, message: { ...event.message, usage } };
    return event.type === "message_delta" ? { ...event, usage: { output_tokens: 1 } } : event;
  });
  return { events };
}

describe("what an upstream's cache owes", () => {
  it("is known before it answers, streamed and whole, and comes turn by turn", async () => {
    await using up = await upstream();
    await using gateway = await relaying([up.url], { now: () => up.clock.now });
    expect(promised(await gateway.ask(conversation(1)))).toBeUndefined();
    for (let turns = 2; turns < 8; turns++) {
      up.clock.now += 200_000;
      const line = await gateway.ask({ ...conversation(turns), stream: turns % 2 === 0 });
      const read = line.cache_read_input_tokens ?? 0;
      expect(read).toBeGreaterThan(2_000);
      // By length, in proportion to the upstream's own count.
      expect(Math.abs((promised(line) ?? 0) - read) / read).toBeLessThan(0.05);
    }
  });

  it("is nothing when its time has passed, for another model, and without a marker", async () => {
    await using up = await upstream();
    await using gateway = await relaying([up.url], { now: () => up.clock.now });
    await gateway.ask({ system: SYSTEM });
    expect(promised(await gateway.ask({ system: SYSTEM, model: "claude-y" }))).toBeUndefined();
    expect(promised(await gateway.ask({ system: SYSTEM[0]?.text }))).toBeUndefined();
    up.clock.now += 299_000;
    expect(promised(await gateway.ask({ system: SYSTEM }))).toBeGreaterThan(1_000);
    up.clock.now += 301_000;
    expect(promised(await gateway.ask({ system: SYSTEM }))).toBeUndefined();
  });

  it("is missed where it does not come, which the report of usage says", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ledger-"));
    try {
      await using up = await upstream();
      await using gateway = await relaying([up.url], { folder });
      for (const turns of [1, 2]) await gateway.ask(conversation(turns));
      up.restart();
      const missed = await gateway.ask(conversation(3));
      expect(missed.cache_read_input_tokens).toBe(0);
      await gateway.ask(conversation(4));
      await gateway[Symbol.asyncDispose]();
      const lines = readUsage(folder, { since: null, until: null, onDamage: expect.fail });
      const { total } = await reportUsage(lines, { by: "model" });
      const { promised: all, kept, missedTokens } = total;
      expect({ all, kept, missedTokens }).toEqual({ all: 3, kept: 2, missedTokens: promised(missed) });
      expect(missedTokens).toBeGreaterThan(2_000);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("is only what it said that it wrote", async () => {
    const missed = { ...wrote(0), input_tokens: 1_710 };
    const counts = [missed, wrote(1_700), missed, { ...wrote(0), cache_read_input_tokens: 1_700 }];
    await using up = await startScriptedMessagesServer((_, index): MessagesAnswer => {
      if (index === 1) return { status: 529, json: { type: "error", error: { type: "overloaded_error" } } };
      return answerWith(counts[index - Number(index > 1)]);
    });
    await using gateway = await relaying([up.url]);
    const lines: GatewayLogEntry[] = [];
    for (let request = 0; request < 5; request++)
      lines.push(await gateway.ask({ system: SYSTEM, stream: true }));
    // It wrote nothing, it refused, it wrote, it read nothing, and it read.
    expect(lines.map((line) => [promised(line), line.cache_read_input_tokens])).toEqual([
      [undefined, 0],
      [undefined, undefined],
      [undefined, 0],
      [1_707, 0],
      [1_707, 1_700],
    ]);
  });

  it("is the debt of whoever answers", async () => {
    await using up = await upstream();
    let isDown = false;
    await using first = await startScriptedMessagesServer((): MessagesAnswer => {
      if (isDown) return { status: 529, json: { type: "error", error: { type: "overloaded_error" } } };
      return answerWith(wrote(1_700));
    });
    await using gateway = await relaying([first.url, up.url]);
    const asked = { system: SYSTEM, stream: true };
    await gateway.ask(asked);
    expect(promised(await gateway.ask(asked))).toBeGreaterThan(1_000);
    isDown = true;
    const line = await gateway.ask(asked);
    expect([line.engine, promised(line)]).toEqual(["up1", undefined]);
    expect(promised(await gateway.ask(asked))).toBeGreaterThan(1_000);
  });
});

const BIG = { type: "text", text: "x".repeat(8_000), ...MARKER };
it.each<[string, object]>([
  ["messages that are none", { system: [BIG], messages: "novel" }],
  ["no messages", { system: [BIG], messages: undefined }],
  ["null among the messages", { system: [BIG], messages: [null, { role: "user", content: [null, BIG] }] }],
  ["content of another type", { system: [BIG], messages: [{ role: 7, content: { a: BIG } }] }],
  ["tools that are none", { system: [BIG], tools: { a: 1 } }],
  ["null among the tools", { system: [BIG], tools: [null, 7, BIG] }],
  ["system of another type", { system: { a: BIG }, cache_control: { type: "ephemeral" } }],
  ["markers of another kind", { system: [{ ...BIG, cache_control: "please" }], cache_control: [7] }],
  ["lifetimes that nobody knows", { system: [{ ...BIG, cache_control: { ttl: "9h" } }] }],
  [
    "names of another world",
    JSON.parse('{"system":[{"__proto__":{"cache_control":{}},"type":"constructor"}]}'),
  ],
  [
    "blocks without end",
    {
      messages: [{ role: "user", content: Array.from({ length: 12_000 }, () => BIG.text[0]) }],
      system: [BIG],
    },
  ],
])("a request with %s is passed on as it is, and answered", async (_, body) => {
  const seen: unknown[] = [];
  await using up = await startScriptedMessagesServer((received): MessagesAnswer => {
    seen.push(received);
    return answerWith(wrote(1_700));
  });
  await using gateway = await relaying([up.url]);
  const whole = { model: "claude-x", stream: true, messages: [{ role: "user", content: "hi" }], ...body };
  for (let time = 0; time < 2; time++) {
    const line = await gateway.ask(whole);
    expect([line.status, line.error_code]).toEqual([200, undefined]);
  }
  expect(seen).toEqual([0, 1].map(() => JSON.parse(JSON.stringify({ max_tokens: 9, ...whole }))));
});
