import Anthropic from "@anthropic-ai/sdk";
import type { MessagesRequest } from "@ml-intern/messages";
import { type ScriptedAnswer, scriptedEngine, turnEvents } from "@ml-intern/testkit";
import { describe, expect, it, vi } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { createGateway, type GatewayLogEntry, type GatewayOptions } from "../create-gateway.ts";
import type { Engine, RelayedAnswer } from "../engines/engine.ts";
import { GatewayError, type GatewayErrorCode } from "../gateway-error.ts";
import { gatewayFetch } from "../gateway-fetch.ts";
import type { Admit, SettledUsage } from "../routes/admission.ts";
import { modelResolver } from "./resolve-models.ts";
import { runMessage } from "./run-message.ts";

const QUESTION = { model: "any", max_tokens: 100, messages: [{ role: "user" as const, content: "hi" }] };

function failing(status: number, code: GatewayErrorCode = "endpoint_failed"): ScriptedAnswer {
  const type = status === 529 ? "overloaded_error" : status === 400 ? "invalid_request_error" : "api_error";
  return { fails: new GatewayError(`says ${status}`, { code, status, type }) };
}

/** An engine whose upstream answers with these bytes. */
function relaying(answer: () => { status: number; json: unknown; headers?: Record<string, string> }): Engine {
  const relay = async (): Promise<RelayedAnswer> => {
    const { status, json, headers } = answer();
    async function* body(): AsyncGenerator<Uint8Array, void, undefined> {
      yield Buffer.from(JSON.stringify(json));
    }
    return {
      status,
      headers: new Headers({ "content-type": "application/json", ...headers }),
      body: body(),
      [Symbol.asyncDispose]: async () => {},
    };
  };
  return { ...scriptedEngine([]), name: "relaying", relay };
}

function gatewayOver(engines: Readonly<Record<string, Engine>>, options: Partial<GatewayOptions> = {}) {
  const lines: GatewayLogEntry[] = [];
  const models = { any: Object.keys(engines).map((prefix) => `${prefix}/m`) };
  const gateway = createGateway({ engines, models, log: (line) => lines.push(line), ...options });
  const ask = (body: object): Promise<Response> =>
    Promise.resolve(gateway.request("/v1/messages", { method: "POST", body: JSON.stringify(body) }));
  const client = new Anthropic({
    apiKey: "any",
    baseURL: "http://gateway.invalid",
    maxRetries: 0,
    fetch: gatewayFetch(gateway),
  });
  return { gateway, ask, client, lines };
}

describe.each([true, false])("with several models to ask (stream: %s)", (stream) => {
  it.each([401, 402, 403, 404, 408, 429, 500, 503, 529])(
    "the next one is asked after a %i, and the answer bears the name that was asked for",
    async (status) => {
      const second = scriptedEngine([{ text: "Hello" }]);
      const { client, lines } = gatewayOver({ a: scriptedEngine([failing(status)]), b: second });
      const message = stream
        ? await client.messages.stream(QUESTION).finalMessage()
        : await client.messages.create(QUESTION);
      expect(message).toMatchObject({ model: "any", content: [{ text: "Hello" }] });
      expect(second.requests[0]?.model).toBe("m");
      await vi.waitFor(() =>
        expect(lines).toMatchObject([{ model: "any", upstream_model: "m", status: 200 }]),
      );
      expect(lines[0]).not.toHaveProperty("error_type");
    },
  );

  it("the request's own fault goes back at once", async () => {
    const second = scriptedEngine([]);
    const { ask } = gatewayOver({ a: scriptedEngine([failing(400)]), b: second });
    const response = await ask({ ...QUESTION, stream });
    expect(response.status).toBe(400);
    expect(second.requests).toEqual([]);
  });

  it("the last failure is told when all fail, but not one that says nothing of the first", async () => {
    const engines = { a: scriptedEngine([failing(500)]), b: scriptedEngine([failing(529)]) };
    const response = await gatewayOver(engines).ask({ ...QUESTION, stream });
    expect([response.status, await response.text()]).toEqual([529, expect.stringContaining("says 529")]);
    const unfit = { a: scriptedEngine([failing(529)]), b: scriptedEngine([failing(400)]) };
    expect((await gatewayOver(unfit).ask({ ...QUESTION, stream })).status).toBe(529);
  });

  it("an upstream that relays may come first or last", async () => {
    const overloaded = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
    const busy = relaying(() => ({ status: 529, json: overloaded, headers: { "retry-after": "3" } }));
    const ok = relaying(() => ({ status: 200, json: { type: "message", theirs: true } }));
    const first = await gatewayOver({ a: busy, b: scriptedEngine([{ text: "ok" }]) }).ask({
      ...QUESTION,
      stream,
    });
    expect([first.status, await first.text()]).toEqual([200, expect.stringContaining("ok")]);
    const last = await gatewayOver({ a: scriptedEngine([failing(529)]), b: ok }).ask({ ...QUESTION, stream });
    expect(await last.json()).toEqual({ type: "message", theirs: true });
    const neither = await gatewayOver({ a: scriptedEngine([failing(503)]), b: busy }).ask({
      ...QUESTION,
      stream,
    });
    expect(neither.status).toBe(529);
    expect(neither.headers.get("retry-after")).toBe("3");
    expect(await neither.json()).toEqual(overloaded);
  });

  it("a request that only the first could take is not told to be wrong because it is busy", async () => {
    const busy = relaying(() => ({ status: 529, json: {} }));
    const { ask } = gatewayOver({ a: busy, b: scriptedEngine([{ text: "ok" }]) });
    const novel = { ...QUESTION, stream, messages: [{ role: "user", content: 7 }] };
    expect((await ask(novel)).status).toBe(529);
  });
});

it("a stream that has begun is not begun again elsewhere", async () => {
  const after = [...turnEvents({ text: "Hi" })].slice(0, 3);
  const fails = new GatewayError("gone", { code: "endpoint_cut", status: 502, type: "api_error" });
  const second = scriptedEngine([{ text: "Hello" }]);
  const { ask } = gatewayOver({ a: scriptedEngine([{ after, fails }]), b: second });
  expect(await (await ask({ ...QUESTION, stream: true })).text()).toMatch(/event: error\n.*gone/s);
  expect(second.requests).toEqual([]);
});

describe("admission", () => {
  function counting(): { admit: Admit; settled: (SettledUsage | null)[]; subjects: unknown[] } {
    const settled: (SettledUsage | null)[] = [];
    const subjects: unknown[] = [];
    const admit: Admit = ({ estimateInput, ...subject }, asker) => {
      expect(estimateInput()).toBeGreaterThan(0);
      subjects.push({ ...subject, ...asker });
      return {
        headers: () => ({ "anthropic-ratelimit-requests-remaining": "9" }),
        settle: (usage) => settled.push(usage),
      };
    };
    return { admit, settled, subjects };
  }
  const turn = { text: "Hello", usage: { input_tokens: 21, output_tokens: 6 } };
  const used = { inputTokens: 21, cacheCreationTokens: 0, cacheReadTokens: 0, outputTokens: 6 };
  const fails = new GatewayError("gone", { code: "endpoint_cut", status: 502, type: "api_error" });

  it.each<[string, ScriptedAnswer, unknown]>([
    ["finishes", turn, used],
    ["fails at once", failing(529), null],
    [
      "fails in the middle",
      { after: [...turnEvents(turn, { chunkSize: 400 })].slice(0, 3), fails },
      { ...used, outputTokens: 2 },
    ],
  ])("is settled once, with what was used, when an answer %s", async (_, answer, usage) => {
    for (const stream of [true, false]) {
      const { admit, settled, subjects } = counting();
      const { ask } = gatewayOver({ a: scriptedEngine([answer]) }, { admit });
      const response = await ask({ ...QUESTION, stream });
      expect(response.headers.get("anthropic-ratelimit-requests-remaining")).toBe("9");
      await response.text();
      expect(settled).toEqual([usage]);
      expect(subjects).toMatchObject([
        { kind: "message", model: "any", maxTokens: 100, workspace: "default", key: null },
      ]);
    }
  });

  it("is settled when the client leaves", async () => {
    const { admit, settled } = counting();
    const after = [...turnEvents(turn)].slice(0, 3);
    const { ask } = gatewayOver({ a: scriptedEngine([{ after, hangs: true }]) }, { admit });
    const reader = (await ask({ ...QUESTION, stream: true })).body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(settled).toHaveLength(1);
  });

  it("is settled for an answer that is relayed", async () => {
    const { admit, settled } = counting();
    const usage = { input_tokens: 3, cache_read_input_tokens: 40, output_tokens: 5 };
    const { ask } = gatewayOver({ a: relaying(() => ({ status: 200, json: { usage } })) }, { admit });
    await (await ask(QUESTION)).text();
    expect(settled).toEqual([
      { inputTokens: 3, cacheCreationTokens: 0, cacheReadTokens: 40, outputTokens: 5 },
    ]);
  });

  it("that is refused reaches no engine; a request that breaks the rules is not asked for", async () => {
    const engine = scriptedEngine([]);
    const admit = vi.fn<Admit>(() => {
      throw new GatewayError("Too many", {
        code: "endpoint_rate_limited",
        status: 429,
        type: "rate_limit_error",
        headers: { "retry-after": "7" },
      });
    });
    const { ask } = gatewayOver({ a: engine }, { admit });
    const response = await ask(QUESTION);
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "7"]);
    expect(engine.requests).toEqual([]);
    await ask({ ...QUESTION, messages: [] });
    expect(admit).toHaveBeenCalledTimes(1);
  });

  it("is asked for counts as well", async () => {
    const { admit, settled, subjects } = counting();
    const { gateway } = gatewayOver({ a: scriptedEngine([]) }, { admit });
    const { max_tokens: _, ...body } = QUESTION;
    await gateway.request("/v1/messages/count_tokens", { method: "POST", body: JSON.stringify(body) });
    expect(subjects).toMatchObject([{ kind: "token_count", maxTokens: 0 }]);
    expect(settled).toEqual([null]);
  });
});

describe("what is known of a model", () => {
  const known = (countsExactly: boolean): Engine => ({
    ...scriptedEngine(() => ({ text: "ok" })),
    countsExactly,
    countTokens: async () => 5000,
    describe: async (id) => ({
      id,
      displayName: id,
      contextWindow: 4096,
      maxOutputTokens: 128_000,
      supportsImages: false,
      supportsThinking: false,
    }),
  });
  const long = { ...QUESTION, messages: [{ role: "user", content: "x".repeat(5000) }] };

  it.each<[string, object, boolean, string]>([
    [
      "more output than it can give",
      { ...QUESTION, max_tokens: 128_001 },
      false,
      "max_tokens: 128001 > 128000, which is the maximum allowed number of output tokens for any",
    ],
    ["a prompt beyond its window", long, true, "prompt is too long: 5000 tokens > 4096 maximum"],
  ])("refuses %s", async (_, body, exact, message) => {
    verifies("request.max-tokens-of-model", "request.prompt-too-long");
    const response = await gatewayOver({ a: known(exact) }).ask(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error", message } });
  });

  it("refuses nothing by an estimate", async () => {
    expect((await gatewayOver({ a: known(false) }).ask(long)).status).toBe(200);
  });
});

it("a request outside of HTTP gets the whole message, or the error that a client would get", async () => {
  const engines = {
    a: scriptedEngine([failing(529), failing(529)]),
    b: scriptedEngine([{ text: "Hello" }, failing(500)]),
  };
  const models = { any: ["a/m", "b/m"] };
  const names = { engines, models };
  const notes = {};
  const options = {
    resolveModels: modelResolver(names),
    names,
    notes,
    signal: new AbortController().signal,
    headers: new Headers(),
    workspace: "w",
  };
  const request: MessagesRequest = QUESTION;
  expect(await runMessage(request, options)).toMatchObject({ model: "any", content: [{ text: "Hello" }] });
  expect(notes).toMatchObject({ upstream_model: "m", output_tokens: 5 });
  await expect(runMessage(request, options)).rejects.toMatchObject({ status: 500 });
  await expect(runMessage({ ...request, model: "none" }, options)).rejects.toMatchObject({ status: 404 });
});
