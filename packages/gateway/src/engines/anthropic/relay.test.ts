import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import Anthropic, { APIError, RateLimitError } from "@anthropic-ai/sdk";
import { encodeSse } from "@ml-intern/messages";
import { startScriptedMessagesServer, turnEvents } from "@ml-intern/testkit";
import { describe, expect, it, vi } from "vitest";
import { verifies } from "../../conformance/verifies.ts";
import { createGateway, type GatewayLogEntry, type GatewayOptions } from "../../create-gateway.ts";
import { serveGateway } from "../../serve-gateway.ts";
import { createAnthropicEngine } from "./create-anthropic-engine.ts";

interface Upstream extends AsyncDisposable {
  readonly url: string;
}

async function upstream(handler: RequestListener): Promise<Upstream> {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: close,
  };
}

async function served({ url }: Upstream, options: Partial<GatewayOptions> = {}) {
  const lines: GatewayLogEntry[] = [];
  const engine = createAnthropicEngine({ apiKey: "sk-ours", baseUrl: url });
  const gateway = createGateway({
    engines: { anthropic: engine },
    log: (line) => lines.push(line),
    newId: (prefix) => `${prefix}_ours`,
    ...options,
  });
  return { ...(await serveGateway({ app: gateway })), lines };
}

const QUESTION = {
  model: "anthropic/claude-x",
  max_tokens: 10,
  messages: [{ role: "user" as const, content: "hi" }],
};

function ask(
  url: string,
  body: string | object = { ...QUESTION, stream: true },
  headers = {},
): Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return fetch(`${url}/v1/messages`, { method: "POST", body: text, headers });
}

const STREAM_HEADERS = { "content-type": "text/event-stream; charset=utf-8", "request-id": "req_theirs" };

/** The API's stream as no serialiser of ours would write it. */
const ODD =
  '\uFEFFevent: message_start\r\ndata: {"type": "message_start",  "message":{"usage":{"input_tokens":7,"cache_read_input_tokens":900,"output_tokens":1}}}\r\n\r\n' +
  ': comment\n\nevent:ping\ndata: {"type": "ping"}\n\nid: 4\nretry: 10\n\n\n' +
  'event: novel\ndata: {"type":"novel","n":1.0,\ndata: "é😀":"\\u00e9"}\n\n' +
  'event: content_block_delta\ndata: {"type":"content_block_delta"}\n\n' +
  'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":12}}\n\n' +
  'event: message_stop\ndata: {"type":"message_stop"}\n\n';

describe("a request that is relayed", () => {
  it("arrives byte for byte, but for the model's name, with its query and headers, under our key", async () => {
    let seen: { url?: string; headers?: IncomingMessage["headers"]; body?: string } = {};
    await using api = await upstream(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      seen = { url: request.url!, headers: request.headers, body: Buffer.concat(chunks).toString("utf8") };
      response.end("{}");
    });
    await using gateway = await served(api);
    const body =
      '{ "messages":[{"model":"x","content":"\\u00e9 \\"model\\":\\"y\\"" }],\n "max_tokens": 1e1, "model" : "anthropic/claude-x","novel":[1.0],"top_p":null }';
    await fetch(`${gateway.url}/v1/messages?beta=true&x=1`, {
      method: "POST",
      body,
      headers: {
        "x-api-key": "theirs",
        authorization: "Bearer theirs",
        cookie: "theirs=1",
        "anthropic-version": "2026-10-21",
        "anthropic-beta": "a-1, b-2,c-3",
        "x-claude-code-session-id": "s-1",
        "user-agent": "claude-cli/2.1.330",
        "anthropic-workspace-id": "default",
      },
    });
    expect(seen.body).toBe(body.replace("anthropic/claude-x", "claude-x"));
    expect(seen.url).toBe("/v1/messages?beta=true&x=1");
    expect(seen.headers).toMatchObject({
      "x-api-key": "sk-ours",
      "anthropic-version": "2026-10-21",
      "anthropic-beta": "a-1, b-2,c-3",
      "x-claude-code-session-id": "s-1",
      "user-agent": "claude-cli/2.1.330",
    });
    for (const name of ["authorization", "cookie", "anthropic-workspace-id"]) {
      expect(seen.headers).not.toHaveProperty(name);
    }
  });

  it("is not judged here: what the gateway's own rules refuse, the upstream may take", async () => {
    await using api = await upstream((_, response) => response.end('{"theirs":true}'));
    await using gateway = await served(api);
    const response = await ask(gateway.url, { model: "anthropic/claude-x", messages: "novel" });
    expect([response.status, await response.json()]).toEqual([200, { theirs: true }]);
    expect((await ask(gateway.url, "{")).status).toBe(400);
  });

  it("counts tokens at the upstream, and lists its models beside others", async () => {
    await using api = await startScriptedMessagesServer([], { apiKey: "sk-ours", models: ["claude-x"] });
    await using gateway = await served(api, { models: { "claude-x": ["anthropic/claude-x"] } });
    const client = new Anthropic({ apiKey: "any", baseURL: gateway.url, maxRetries: 0 });
    const { max_tokens: _, ...question } = QUESTION;
    expect((await client.messages.countTokens(question)).input_tokens).toBeGreaterThan(0);
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(["claude-x", "anthropic/claude-x"]);
    expect(await client.models.retrieve("claude-x")).toMatchObject({ id: "claude-x" });
  });

  it("lists models with all that the upstream says of them", async () => {
    const listed = {
      type: "model",
      id: "claude-x",
      display_name: "Claude X",
      created_at: "2026-01-01T00:00:00Z",
      lifecycle: "deprecated",
      max_input_tokens: 1_000_000,
      deprecated_at: "2026-06-01T00:00:00Z",
      capabilities: { thinking: { supported: true } },
    };
    await using api = await upstream((_, response) => response.end(JSON.stringify({ data: [listed] })));
    await using gateway = await served(api);
    const response = await fetch(`${gateway.url}/v1/models/anthropic/claude-x`);
    expect(await response.json()).toMatchObject({ ...listed, id: "anthropic/claude-x" });
    const active = await (await fetch(`${gateway.url}/v1/models?lifecycle=active`)).json();
    expect(active).toMatchObject({ data: [] });
  });
});

describe("an answer that is relayed", () => {
  it.each(["at once", "byte by byte"])("is the upstream's, byte for byte, when it comes %s", async (how) => {
    await using api = await upstream(async (_, response) => {
      response.writeHead(200, STREAM_HEADERS);
      const bytes = Buffer.from(ODD);
      if (how === "at once") response.write(bytes);
      else
        for (const byte of bytes)
          await new Promise((resolve) => response.write(Uint8Array.of(byte), resolve));
      response.end();
    });
    await using gateway = await served(api);
    const response = await ask(gateway.url);
    expect(Buffer.from(await response.arrayBuffer()).toString("utf8")).toBe(ODD);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("request-id")).toBe("req_theirs");
    expect(response.headers.get("x-gateway-request-id")).toBe("req_ours");
    await vi.waitFor(() => expect(gateway.lines).toHaveLength(1));
    expect(gateway.lines[0]).toMatchObject({
      request_id: "req_ours",
      upstream_request_id: "req_theirs",
      model: "anthropic/claude-x",
      upstream_model: "claude-x",
      input_tokens: 7,
      cache_read_input_tokens: 900,
      output_tokens: 12,
      stop_reason: "end_turn",
    });
  });

  it("is passed on piece by piece, each before the next is there", async () => {
    let answer: ServerResponse | null = null;
    await using api = await upstream((_, response) => {
      answer = response;
      response.writeHead(200, STREAM_HEADERS);
      response.write("event: mess");
    });
    await using gateway = await served(api);
    const reader = (await ask(gateway.url)).body!.getReader();
    const next = async (): Promise<string> => Buffer.from((await reader.read()).value!).toString("utf8");
    expect(await next()).toBe("event: mess");
    answer!.write("age_start\n");
    expect(await next()).toBe("age_start\n");
    answer!.write("data: {}\n\n");
    expect(await next()).toBe("data: {}\n\n");
    await reader.cancel();
  });

  it("whole is passed on as it was written, and counted", async () => {
    const body =
      '{ "model":"claude-x", "usage" : {"input_tokens":3,"output_tokens":4.0}, "stop_reason":"refusal" }\n';
    await using api = await upstream((_, response) => {
      response.writeHead(200, { "content-type": "application/json", "set-cookie": "a=1" });
      response.end(body);
    });
    await using gateway = await served(api);
    const response = await ask(gateway.url, QUESTION);
    expect(await response.text()).toBe(body);
    expect(response.headers.get("set-cookie")).toBeNull();
    await vi.waitFor(() => expect(gateway.lines).toHaveLength(1));
    expect(gateway.lines[0]).toMatchObject({ input_tokens: 3, output_tokens: 4, stop_reason: "refusal" });
  });

  it("that is an error keeps status, words, hints and id", async () => {
    verifies("error.wording-is-forwarded", "header.retry-hints");
    const body =
      '{"type":"error","error":{"type":"rate_limit_error","message":"Number of tokens…","details":{"error_code":"enforced_spend_limit_reached"}},"request_id":"req_theirs"}';
    const headers = {
      "content-type": "application/json",
      "request-id": "req_theirs",
      "retry-after": "30",
      "x-should-retry": "false",
      "anthropic-ratelimit-tokens-remaining": "0",
    };
    await using api = await upstream((_, response) => {
      response.writeHead(429, headers);
      response.end(body);
    });
    await using gateway = await served(api);
    for (const stream of [true, false]) {
      const response = await ask(gateway.url, { ...QUESTION, stream });
      expect([response.status, await response.text()]).toEqual([429, body]);
      expect(Object.fromEntries(response.headers)).toMatchObject(headers);
    }
    const client = new Anthropic({ apiKey: "any", baseURL: gateway.url, maxRetries: 2 });
    const failure: unknown = await client.messages.create(QUESTION).catch((error) => error);
    expect(failure).toBeInstanceOf(RateLimitError);
    expect((failure as APIError).requestID).toBe("req_theirs");
    expect(gateway.lines).toHaveLength(3);
    expect(gateway.lines[0]).toMatchObject({ status: 429, error_type: "rate_limit_error" });
  });

  it("that is compressed unasked is passed on as it is", async () => {
    const body = gzipSync(ODD);
    await using api = await upstream((_, response) => {
      response.writeHead(200, { ...STREAM_HEADERS, "content-encoding": "gzip" });
      response.end(body);
    });
    await using gateway = await served(api);
    expect(await (await ask(gateway.url)).text()).toBe(ODD.slice(1));
  });

  it("that cannot be read along is passed on all the same", async () => {
    const garbage = `event: message_start\ndata: not json\n\n${ODD}`;
    await using api = await upstream((_, response) => {
      response.writeHead(200, STREAM_HEADERS);
      response.end(garbage);
    });
    await using gateway = await served(api);
    expect(await (await ask(gateway.url)).text()).toContain("data: not json\n\n\uFEFFevent: message_start");
  });

  it.each([
    [200, "text/html", "<p>It works!</p>"],
    [204, "application/json", ""],
  ])("that cannot be the API's is an error (%i %s)", async (status, type, body) => {
    await using api = await upstream((_, response) => {
      response.writeHead(status, { "content-type": type });
      response.end(body);
    });
    await using gateway = await served(api);
    const response = await ask(gateway.url);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { details: { error_code: "endpoint_nonsense" } } });
  });

  it("that redirects is not followed, so that the key stays where it belongs", async () => {
    let elsewhere = 0;
    await using other = await upstream((_, response) => {
      elsewhere++;
      response.end();
    });
    await using api = await upstream((_, response) => {
      response.writeHead(307, { location: `${other.url}/v1/messages` });
      response.end();
    });
    await using gateway = await served(api);
    const response = await ask(gateway.url);
    expect([response.status, elsewhere]).toEqual([502, 0]);
    expect(await response.json()).toMatchObject({ error: { details: { error_code: "endpoint_nonsense" } } });
  });
});

describe("an upstream that breaks off", () => {
  const whole = encodeSse({ type: "message_start" });

  /** What the client has when the upstream ends so, right after the client has received the text. */
  async function after(text: string, ending: "end" | "reset"): Promise<string> {
    let answer: ServerResponse | null = null;
    await using api = await upstream((_, response) => {
      answer = response;
      response.writeHead(200, STREAM_HEADERS);
      response.write(text);
    });
    await using gateway = await served(api);
    const reader = (await ask(gateway.url)).body!.getReader();
    let received = "";
    try {
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        received += Buffer.from(piece.value).toString("utf8");
        if (received !== text) continue;
        if (ending === "end") answer!.end();
        else answer!.socket!.destroy();
      }
    } catch {
      received += "<broken>";
    }
    return received;
  }

  it.each(["end", "reset"] as const)("between two events adds the error event (%s)", async (ending) => {
    const received = await after(whole, ending);
    expect(received.startsWith(whole)).toBe(true);
    expect(received.slice(whole.length)).toMatch(
      /^event: error\ndata: \{"type":"error".*"request_id":"req_theirs"\}\n\n$/,
    );
  });

  it.each(["end", "reset"] as const)(
    "within an event adds nothing: the answer breaks off too (%s)",
    async (ending) => {
      const received = await after(`${whole}event: content_block_delta\ndata: {"ty`, ending);
      expect(received).toBe(`${whole}event: content_block_delta\ndata: {"ty<broken>`);
    },
  );

  it("after its last event has lost nothing", async () => {
    const text = whole + encodeSse({ type: "message_stop" });
    expect(await after(text, "reset")).toBe(text);
  });
});

it("an upstream that is silent is bridged by comments, but never within an event", async () => {
  const answers: ServerResponse[] = [];
  await using api = await upstream((_, response) => {
    answers.push(response);
    response.writeHead(200, STREAM_HEADERS);
    response.write("event: ping\ndata: {}\n\n");
  });
  await using gateway = await served(api, { pingIntervalMs: 5 });
  const reading = async (): Promise<{ received: string; until: (end: string) => Promise<void> }> => {
    const reader = (await ask(gateway.url)).body!.getReader();
    const stream = {
      received: "",
      until: async (end: string): Promise<void> => {
        while (!stream.received.endsWith(end)) {
          stream.received += Buffer.from((await reader.read()).value!).toString("utf8");
        }
      },
    };
    return stream;
  };
  const within = await reading();
  await within.until(": keep-alive\n\n: keep-alive\n\n");
  within.received = "";
  answers[0]!.write("event: message_stop\n");
  await within.until("event: message_stop\n");
  // Another stream tells that enough time has passed for comments.
  await (await reading()).until(": keep-alive\n\n".repeat(4));
  answers[0]!.end("data: {}\n\n");
  await within.until("data: {}\n\n");
  expect(within.received).toMatch(/^(: keep-alive\n\n)*event: message_stop\ndata: \{\}\n\n$/);
});

describe("the official client, through the gateway, at the API itself", () => {
  it("streams, asks at once, and leaves as if nothing were between", async () => {
    const turn = { text: "Hello, world.", toolCalls: [{ name: "f", input: { a: "é😀" } }] };
    const events = [...turnEvents({ text: "Hi" })].slice(0, 3);
    await using api = await startScriptedMessagesServer([turn, turn, { events, ending: "stall" }], {
      apiKey: "sk-ours",
    });
    await using gateway = await served(api);
    const client = new Anthropic({ apiKey: "any", baseURL: gateway.url, maxRetries: 0 });
    const streamed = await client.messages.stream(QUESTION).finalMessage();
    const whole = await client.messages.create(QUESTION);
    expect(streamed.content).toEqual(whole.content);
    expect(streamed).toMatchObject({ model: "claude-x", stop_reason: "tool_use" });
    expect(whole._request_id).toBe("req_upstream_2");
    for await (const event of await client.messages.create({ ...QUESTION, stream: true })) {
      if (event.type === "content_block_delta") break;
    }
    await api.clientLeft();
  });

  it("learns of an error in the middle in the upstream's words", async () => {
    const error = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
    const events = [...[...turnEvents({ text: "Hi" })].slice(0, 3), error];
    await using api = await startScriptedMessagesServer([{ events }]);
    await using gateway = await served(api);
    const client = new Anthropic({ apiKey: "any", baseURL: gateway.url, maxRetries: 0 });
    const failure: unknown = await client.messages
      .stream(QUESTION)
      .finalMessage()
      .catch((thrown) => thrown);
    expect(failure).toBeInstanceOf(APIError);
    expect(failure).toMatchObject({ type: "overloaded_error", status: undefined });
  });
});
