import Anthropic from "@anthropic-ai/sdk";
import type { Diagnostics, Message, MessagesRequest } from "@ml-intern/messages";
import {
  scriptedEngine,
  startScriptedMessagesServer,
  startScriptedOpenAiServer,
  turnEvents,
} from "@ml-intern/testkit";
import { describe, expect, it, vi } from "vitest";
import { createCacheDiagnostics } from "../cache/diagnostics/create-cache-diagnostics.ts";
import { createGateway, type GatewayLogEntry, type GatewayOptions } from "../create-gateway.ts";
import { createAnthropicEngine } from "../engines/anthropic/create-anthropic-engine.ts";
import { createOpenAiEngine } from "../engines/openai/create-openai-engine.ts";
import { GatewayError } from "../gateway-error.ts";
import { gatewayFetch } from "../gateway-fetch.ts";
import { modelResolver } from "../pipeline/resolve-models.ts";
import { runMessage } from "../pipeline/run-message.ts";
import { verifies } from "./verifies.ts";

type Params = Partial<Anthropic.MessageCreateParamsNonStreaming>;

const QUESTION: Anthropic.MessageCreateParamsNonStreaming = {
  model: "chat/m",
  max_tokens: 100,
  system: "You count pumpkins.",
  messages: [{ role: "user", content: "How many?" }],
};
const FIRST: Params = { diagnostics: { previous_message_id: null } };
const after = ({ id }: { readonly id: string }): Params => ({ diagnostics: { previous_message_id: id } });

interface Asked {
  readonly ask: (params?: Params, key?: string) => Promise<Anthropic.Message>;
  readonly lines: readonly GatewayLogEntry[];
}

/** The official client before a gateway; `streams` says how it asks. */
function askedThrough(
  options: Partial<GatewayOptions> & Pick<GatewayOptions, "engines">,
  { streams = false }: { readonly streams?: boolean } = {},
): Asked {
  const lines: GatewayLogEntry[] = [];
  const gateway = createGateway({ log: (line) => lines.push(line), ...options });
  return {
    lines,
    ask: async (params = {}, apiKey = "any") => {
      const client = new Anthropic({
        ...{ apiKey, baseURL: "http://gateway.invalid", maxRetries: 0 },
        fetch: gatewayFetch(gateway),
      });
      const request = { ...QUESTION, ...params };
      if (!streams) return client.messages.create(request);
      let begun: Diagnostics | null | undefined;
      const stream = client.messages.stream(request).on("streamEvent", (event) => {
        if (event.type === "message_start") begun = event.message.diagnostics as Diagnostics | null;
      });
      const message = await stream.finalMessage();
      expect(begun).toEqual(message.diagnostics);
      return message;
    },
  };
}

const scripted = () => ({ engines: { chat: scriptedEngine(() => ({ text: "Seven." }), { name: "chat" }) } });

describe.each([false, true])("the official client (stream: %s)", (streams) => {
  it("hears why a prompt was not in the cache, turn by turn, over Chat Completions", async () => {
    verifies(
      "diagnostics.response-field",
      "diagnostics.reasons",
      "diagnostics.independent",
      "diagnostics.never-pending",
    );
    await using server = await startScriptedOpenAiServer(() => ({
      text: "Seven.",
      usage: { input_tokens: 2000, output_tokens: 3 },
    }));
    const engine = createOpenAiEngine({ baseUrl: server.baseUrl, name: "chat" });
    const { ask } = askedThrough({ engines: { chat: engine } }, { streams });
    const first = await ask(FIRST);
    expect(first.diagnostics).toBeNull();
    const history: Params = {
      messages: [
        ...QUESTION.messages,
        { role: "assistant", content: first.content },
        { role: "user", content: "And gourds?" },
      ],
    };
    const second = await ask({ ...history, ...after(first) });
    expect(second.diagnostics).toBeNull();
    const system = `You count pumpkins. It is ${new Date(0).toISOString()}.`;
    const third = await ask({ ...history, system, ...after(second) });
    expect(third.diagnostics).toEqual({
      cache_miss_reason: { type: "system_changed", cache_missed_input_tokens: 2000 },
    });
    const tools = [{ name: "count", input_schema: { type: "object" as const } }];
    const fourth = await ask({ ...history, system, tools, ...after(third) });
    expect(fourth.diagnostics).toEqual({
      cache_miss_reason: { type: "tools_changed", cache_missed_input_tokens: 2000 },
    });
    const fifth = await ask({ ...QUESTION, system, tools, ...after(fourth) });
    expect(fifth.diagnostics?.cache_miss_reason).toMatchObject({
      type: "messages_changed",
      cache_missed_input_tokens: expect.toSatisfy((tokens) => tokens > 0 && tokens < 2000),
    });
    const sixth = await ask({ system, tools, tool_choice: { type: "any" }, ...after(fifth) });
    expect(sixth.diagnostics).toEqual({ cache_miss_reason: { type: "unavailable" } });
  });

  it("hears nothing unless it asks, and nothing is kept for it", async () => {
    verifies("diagnostics.opt-in", "diagnostics.previous-not-found");
    const { ask } = askedThrough(scripted(), { streams });
    const unasked = await ask();
    expect(unasked.diagnostics).toBeNull();
    expect((await ask({ system: "Other.", ...after(unasked) })).diagnostics).toEqual({
      cache_miss_reason: { type: "previous_message_not_found" },
    });
    expect((await ask({ system: "Another." })).diagnostics).toBeNull();
  });
});

it("the message before is not found where its id is made up, another workspace's, or too old", async () => {
  verifies("diagnostics.previous-not-found", "diagnostics.fingerprints");
  let time = 0;
  const keys = { mine: { workspace: "a" }, also: { workspace: "a" }, theirs: { workspace: "b" } };
  const { ask } = askedThrough({ ...scripted(), keys, now: () => time });
  const notFound = { cache_miss_reason: { type: "previous_message_not_found" } };
  const first = await ask(FIRST, "mine");
  expect((await ask(after(first), "also")).diagnostics).toBeNull();
  expect((await ask(after(first), "theirs")).diagnostics).toEqual(notFound);
  expect((await ask(after({ id: "msg_nobody" }), "mine")).diagnostics).toEqual(notFound);
  expect((await ask(after({ id: "" }), "mine")).diagnostics).toEqual(notFound);
  time = 3_600_000;
  expect((await ask(after(first), "mine")).diagnostics).toEqual(notFound);
});

it("betas change no prompt, and so nothing", async () => {
  verifies("diagnostics.betas");
  const gateway = createGateway(scripted());
  const ask = async (params: object, headers: Record<string, string>) => {
    const body = JSON.stringify({ ...QUESTION, ...params });
    const response = await gateway.request("/v1/messages", { method: "POST", body, headers });
    return (await response.json()) as Message;
  };
  const first = await ask(FIRST, {});
  const second = await ask(after(first), { "anthropic-beta": "interleaved-thinking-2025-05-14" });
  expect(second.diagnostics).toBeNull();
});

it("diagnostics that are something else are refused in the API's words", async () => {
  verifies("diagnostics.opt-in");
  const { ask } = askedThrough(scripted());
  const refused = ask({ diagnostics: { previous_message_id: 7 as unknown as string } });
  await expect(refused).rejects.toThrow("diagnostics.previous_message_id: Input should be a valid string");
  await expect(ask({ diagnostics: [] as object })).rejects.toThrow("diagnostics: Input should be an object");
});

describe("the model that is compared", () => {
  it("is the one that answers, by whatever name", async () => {
    verifies("diagnostics.who-answers");
    const busy = new GatewayError("busy", { code: "overloaded", status: 529, type: "overloaded_error" });
    const engines = {
      chat: scriptedEngine(() => ({ text: "Seven." }), { name: "chat" }),
      big: scriptedEngine([{ text: "Seven." }, { fails: busy }], { name: "big" }),
    };
    const models = { smart: ["big/m", "chat/m"], small: ["chat/m"] };
    const { ask } = askedThrough({ engines, models });
    const first = await ask({ model: "smart", ...FIRST });
    const second = await ask({ model: "smart", ...after(first) });
    expect(second.diagnostics?.cache_miss_reason?.type).toBe("model_changed");
    expect((await ask({ model: "small", ...after(second) })).diagnostics).toBeNull();
  });
});

describe("the log", () => {
  it("has the reason and the place, and no word of the prompt", async () => {
    verifies("diagnostics.log");
    const { ask, lines } = askedThrough(scripted());
    const tool = (name: string) => ({ name, input_schema: { type: "object" as const } });
    const tools = [tool("pumpkin_a"), tool("pumpkin_b")];
    const first = await ask({ tools, ...FIRST });
    const moved = await ask({ tools: [...tools].reverse(), ...after(first) });
    await ask({
      tools: [...tools].reverse(),
      messages: [{ role: "user", content: "Other." }],
      ...after(moved),
    });
    await ask(after({ id: "msg_pumpkin" }));
    expect(lines.map(({ cache_miss_reason: reason, cache_miss_at: at }) => [reason, at])).toEqual([
      [undefined, undefined],
      ["tools_changed", "tools.0"],
      ["messages_changed", "messages.0.content.0"],
      ["previous_message_not_found", undefined],
    ]);
    expect(JSON.stringify(lines)).not.toContain("pumpkin");
  });

  it("does not keep what was found out for one that broke off and was passed over", async () => {
    verifies("diagnostics.log");
    const begun = [...turnEvents({ text: "Sev" })].slice(0, 3);
    const cut = new GatewayError("cut", { code: "endpoint_cut", status: 502, type: "api_error" });
    const { ask, lines } = askedThrough({
      engines: {
        a: scriptedEngine([{ text: "Seven." }, ...[1, 2].map(() => ({ after: begun, fails: cut }))], {
          name: "a",
        }),
        b: scriptedEngine(() => ({ text: "Seven." }), { name: "b" }),
      },
      models: { both: ["a/m", "b/m"] },
    });
    const first = await ask({ model: "both", ...FIRST });
    const second = await ask({ model: "both", system: "Other.", ...after(first) });
    expect(lines[1]).toMatchObject({ passed_over: ["a/m"], cache_miss_reason: "model_changed" });
    expect(lines[1]).not.toHaveProperty("cache_miss_at");
    await ask({ model: "both", system: "Other.", ...after(second) });
    expect(lines[2]).toMatchObject({ passed_over: ["a/m"], status: 200 });
    expect(lines[2]).not.toHaveProperty("cache_miss_reason");
  });
});

describe.each([false, true])("an answer that is relayed (stream: %s)", (streams) => {
  it("has the upstream's own diagnostics, and its reason is in the log", async () => {
    verifies("diagnostics.relayed", "diagnostics.log");
    const reason = { type: "tools_changed", cache_missed_input_tokens: 12 };
    const message = {
      ...{ id: "msg_up", type: "message", role: "assistant", model: "m", content: [] },
      ...{ stop_reason: "end_turn", stop_sequence: null, stop_details: null, container: null },
      diagnostics: { cache_miss_reason: reason },
      usage: { input_tokens: 1, output_tokens: 1 },
    };
    const events = [
      { type: "message_start", message: { ...message, stop_reason: null } },
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } },
      { type: "message_stop" },
    ];
    await using server = await startScriptedMessagesServer(() =>
      streams ? { events } : { status: 200, json: message },
    );
    const engine = createAnthropicEngine({ baseUrl: server.url, apiKey: "k", name: "chat" });
    const { ask, lines } = askedThrough({ engines: { chat: engine } }, { streams });
    const answered = await ask(after({ id: "msg_before" }));
    expect(answered.diagnostics).toEqual({ cache_miss_reason: reason });
    expect(server.requests[0]?.body.diagnostics).toEqual({ previous_message_id: "msg_before" });
    await vi.waitFor(() => expect(lines).toMatchObject([{ cache_miss_reason: "tools_changed" }]));
  });
});

describe("a relayed answer's diagnostics", () => {
  it("are the upstream's in a batch as well", async () => {
    verifies("diagnostics.relayed");
    const diagnostics = { cache_miss_reason: { type: "tools_changed", cache_missed_input_tokens: 12 } };
    const events = [...turnEvents({ text: "Seven." })].map((event) =>
      event.type === "message_start" ? { ...event, message: { ...event.message, diagnostics } } : event,
    );
    await using server = await startScriptedMessagesServer(() => ({ events }));
    const engine = createAnthropicEngine({ baseUrl: server.url, apiKey: "k", name: "chat" });
    const names = { engines: { chat: engine } };
    const request = { ...QUESTION, ...after({ id: "msg_before" }) } as MessagesRequest;
    const answered = await runMessage(request, {
      ...{ names, resolveModels: modelResolver(names), workspace: "w", headers: new Headers() },
      diagnostics: createCacheDiagnostics({ now: () => 0 }),
      signal: new AbortController().signal,
    });
    expect(answered.diagnostics).toEqual(diagnostics);
  });

  it("cannot write into the log what is no reason", async () => {
    verifies("diagnostics.log");
    const message = (type: unknown) => ({
      ...{
        id: "msg_up",
        type: "message",
        role: "assistant",
        model: "m",
        content: [],
        stop_reason: "end_turn",
      },
      diagnostics: { cache_miss_reason: { type } },
      usage: { input_tokens: 1, output_tokens: 1 },
    });
    await using server = await startScriptedMessagesServer((_, index) => {
      const json = message([["tools_changed"], "the prompt was: pumpkins", "toString"][index]);
      return { status: 200, json };
    });
    const engine = createAnthropicEngine({ baseUrl: server.url, apiKey: "k", name: "chat" });
    const { ask, lines } = askedThrough({ engines: { chat: engine } });
    for (let turn = 0; turn < 3; turn++) await ask(after({ id: "msg_before" }));
    await vi.waitFor(() => expect(lines).toHaveLength(3));
    for (const line of lines) expect(line).not.toHaveProperty("cache_miss_reason");
  });
});
