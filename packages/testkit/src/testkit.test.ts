import { collectMessage, foldMessage, type MessagesRequest } from "@ml-intern/messages";
import { describe, expect, it } from "vitest";
import { scriptedEngine } from "./engine/scripted-engine.ts";
import { turnEvents } from "./engine/turn-events.ts";
import { startScriptedMessagesServer } from "./messages/scripted-messages-server.ts";
import { startScriptedOpenAiServer } from "./openai/scripted-openai-server.ts";

const REQUEST: MessagesRequest = { model: "m", max_tokens: 10, messages: [{ role: "user", content: "hi" }] };
const TURN = { thinking: "hm 😀", text: "Hello, world", toolCalls: [{ name: "f", input: { a: ["😀"] } }] };

describe("a scripted turn", () => {
  it("is a well-formed stream whatever the size of its pieces", () => {
    for (const chunkSize of [1, 3, 1000]) {
      expect(foldMessage(turnEvents(TURN, { chunkSize }))).toMatchObject({
        content: [
          { type: "thinking", thinking: "hm 😀" },
          { type: "text", text: "Hello, world" },
          { type: "tool_use", id: "toolu_scripted_1", name: "f", input: { a: ["😀"] } },
        ],
        stop_reason: "tool_use",
      });
    }
  });
});

describe("a scripted engine", () => {
  const headers = new Headers();

  it("answers in order, records requests, and complains when it is asked too often", async () => {
    const engine = scriptedEngine([{ text: "one" }, { fails: new Error("two") }]);
    const { signal } = new AbortController();
    expect(await collectMessage(engine.generate(REQUEST, { signal, headers }))).toMatchObject({
      content: [{ text: "one" }],
    });
    await expect(collectMessage(engine.generate(REQUEST, { signal, headers }))).rejects.toThrow("two");
    await expect(collectMessage(engine.generate(REQUEST, { signal, headers }))).rejects.toThrow(
      "The script has 2 answers; this was request 3",
    );
    expect(engine.requests).toHaveLength(3);
    expect(engine.running).toBe(0);
  });

  it("that hangs stops when it is aborted", async () => {
    const engine = scriptedEngine((request, index) => ({
      hangs: true,
      after: [...turnEvents({ text: `${request.model}${index}` })].slice(0, 1),
    }));
    const controller = new AbortController();
    const answer = engine.generate(REQUEST, { signal: controller.signal, headers })[Symbol.asyncIterator]();
    expect((await answer.next()).value).toMatchObject({ type: "message_start" });
    const next = answer.next();
    controller.abort(new Error("enough"));
    await expect(next).rejects.toThrow("enough");
    await engine.idle();
  });
});

describe("a scripted OpenAI server", () => {
  const post = (baseUrl: string, body: object): Promise<Response> =>
    fetch(`${baseUrl}/chat/completions`, { method: "POST", body: JSON.stringify(body) });

  it("streams its turns, with usage when it is asked for", async () => {
    await using server = await startScriptedOpenAiServer([TURN, { text: "b" }]);
    const first = await (
      await post(server.baseUrl, { model: "m", messages: [], stream_options: { include_usage: true } })
    ).text();
    expect(first).toContain('"finish_reason":"tool_calls"');
    expect(first).toContain('"prompt_tokens":10');
    expect(first.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(await (await post(server.baseUrl, { model: "m", messages: [] })).text()).not.toContain(
      "prompt_tokens",
    );
    expect(server.requests.map(({ body }) => body.model)).toEqual(["m", "m"]);
  });

  it("answers 500 in words when its script is used up", async () => {
    await using server = await startScriptedOpenAiServer([]);
    const response = await post(server.baseUrl, { model: "m", messages: [] });
    expect(response.status).toBe(500);
    expect(await response.text()).toContain("The script has 0 answers");
  });

  it("sends what it has before it cuts the connection", async () => {
    await using server = await startScriptedOpenAiServer([{ failure: "cut", chunks: [{ a: 1 }] }]);
    const response = await post(server.baseUrl, { model: "m", messages: [] });
    const decoder = new TextDecoder();
    let text = "";
    await expect(async () => {
      for await (const bytes of response.body ?? []) text += decoder.decode(bytes, { stream: true });
    }).rejects.toThrow();
    expect(text).toContain('data: {"a":1}');
    await server.clientLeft();
  });
});

describe("a scripted Messages server", () => {
  const post = (url: string, body: object, key = "k"): Promise<Response> =>
    fetch(`${url}/v1/messages?beta=true`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "x-api-key": key },
    });

  it("answers the same turn whole and streamed, and keeps what it was sent", async () => {
    await using server = await startScriptedMessagesServer(() => TURN, { apiKey: "k" });
    const whole = await (await post(server.url, REQUEST)).json();
    const streamed = await (await post(server.url, { ...REQUEST, stream: true })).text();
    expect(whole).toMatchObject({ stop_reason: "tool_use", content: [{}, { text: "Hello, world" }, {}] });
    expect(streamed).toMatch(/^event: message_start\ndata: .*event: message_stop\ndata: [^\n]*\n\n$/s);
    expect(server.requests.map(({ path, text }) => ({ path, text }))).toEqual([
      { path: "/v1/messages?beta=true", text: JSON.stringify(REQUEST) },
      { path: "/v1/messages?beta=true", text: JSON.stringify({ ...REQUEST, stream: true }) },
    ]);
  });

  it("refuses another key, answers with a status, and breaks after literal events", async () => {
    await using server = await startScriptedMessagesServer(
      [
        { status: 529, json: {}, headers: { "retry-after": "1" } },
        { events: [{ type: "x" }], ending: "cut" },
      ],
      { apiKey: "k" },
    );
    expect((await post(server.url, REQUEST, "other")).status).toBe(401);
    expect((await post(server.url, REQUEST)).headers.get("retry-after")).toBe("1");
    await expect((await post(server.url, { ...REQUEST, stream: true })).text()).rejects.toThrow();
  });
});
