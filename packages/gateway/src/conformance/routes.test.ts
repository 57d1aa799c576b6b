import { describe, expect, it } from "vitest";
import { ask, QUESTION, scriptedGateway } from "./testing/ask.ts";
import { verifies } from "./verifies.ts";

describe("routes", () => {
  const { gateway } = scriptedGateway();

  it("answer and count requests, whatever the query says", async () => {
    verifies("routes.messages", "routes.query-is-ignored", "count.answer", "response.json-content-type");
    for (const query of ["", "?beta=true", "?stream=true&x="]) {
      const answer = await ask(gateway, {}, { path: `/v1/messages${query}` });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).toBe("application/json");
      expect(await answer.json()).toMatchObject({ type: "message", content: [{ text: "ok" }] });
      const count = await ask(gateway, {}, { path: `/v1/messages/count_tokens${query}` });
      expect(await count.json()).toEqual({ input_tokens: expect.any(Number) });
    }
  });

  it("answer without /v1, too", async () => {
    verifies("routes.without-prefix");
    expect((await ask(gateway, {}, { path: "/messages" })).status).toBe(200);
    expect((await ask(gateway, {}, { path: "/messages/count_tokens" })).status).toBe(200);
    expect((await gateway.request("/models")).status).toBe(200);
    expect((await gateway.request("/models/scripted/default")).status).toBe(200);
  });

  it("are where they are: other paths and methods are not found, and say what there is", async () => {
    verifies("routes.unknown", "routes.base-url-with-path", "error.envelope");
    const places: [string, string][] = [
      ["POST", "/prefix/v1/messages"],
      ["GET", "/v1/messages"],
      ["DELETE", "/v1/models"],
      ["GET", "/v1/complete"],
      ["POST", "/v1/messages/"],
    ];
    for (const [method, path] of places) {
      const response = await gateway.request(path, { method });
      expect(response.status, path).toBe(404);
      expect(await response.json()).toEqual({
        type: "error",
        error: {
          type: "not_found_error",
          message: expect.stringContaining("POST /v1/messages"),
          details: { error_code: "route_not_found" },
        },
        request_id: response.headers.get("request-id"),
      });
    }
  });

  it("never redirect, and answer the probe of the root", async () => {
    verifies("routes.no-redirect", "routes.head-probe", "routes.models");
    for (const path of ["/v1/models", "/v1/models/", "/v1/models/scripted/default", "/", "//v1/models"]) {
      const response = await gateway.request(path);
      expect([200, 404], path).toContain(response.status);
    }
    expect((await gateway.request("/v1/models/scripted/default")).status).toBe(200);
    expect((await gateway.request("/", { method: "HEAD" })).status).toBe(200);
  });
});

describe("an answer", () => {
  it("is a stream when the body says so, whatever Accept says", async () => {
    verifies("streaming.from-body-only", "stream.headers");
    const { gateway } = scriptedGateway();
    for (const accept of ["text/event-stream", "application/json", "*/*"]) {
      const whole = await ask(gateway, { stream: false }, { headers: { accept } });
      expect(whole.headers.get("content-type")).toBe("application/json");
      const stream = await ask(gateway, { stream: true }, { headers: { accept } });
      expect(stream.status).toBe(200);
      expect(stream.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
      expect(stream.headers.get("cache-control")).toBe("no-cache");
    }
  });

  it("has its own request id, also when it is an error or a stream", async () => {
    verifies("header.request-id", "client.stream-request-id");
    const { gateway } = scriptedGateway();
    const responses = [
      await ask(gateway),
      await ask(gateway, { stream: true }),
      await ask(gateway, { max_tokens: -1 }),
      await gateway.request("/v1/models"),
      await gateway.request("/nowhere"),
    ];
    const ids = responses.map(({ headers }) => headers.get("request-id"));
    for (const id of ids) expect(id).toMatch(/^req_[0-9A-Za-z]{20,}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("does not repeat the version, and is not changed by headers that clients send about themselves", async () => {
    verifies("version.accepted", "header.tolerated");
    const { gateway, engine } = scriptedGateway();
    const response = await ask(
      gateway,
      {},
      {
        headers: {
          "anthropic-version": "2023-06-01",
          "x-stainless-lang": "js",
          "x-stainless-timeout": "600",
          "x-app": "cli",
          "user-agent": "claude-cli/2.1.330",
          "x-claude-code-session-id": "a",
          "x-claude-code-agent-id": "b",
          "x-claude-code-parent-agent-id": "c",
        },
      },
    );
    expect(response.status).toBe(200);
    expect(response.headers.get("anthropic-version")).toBeNull();
    expect(engine.requests[0]).toEqual({ ...QUESTION, model: "m" });
  });
});

describe("a body", () => {
  it("is read as JSON whatever its content type says", async () => {
    verifies("body.any-content-type");
    const { gateway } = scriptedGateway();
    for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded", "nonsense"]) {
      expect((await ask(gateway, {}, { headers: { "content-type": type } })).status, type).toBe(200);
    }
  });

  it("may hold 100,000 messages and not one more, and is looked through in linear time", async () => {
    verifies("body.message-count");
    const { gateway } = scriptedGateway();
    const messages = (count: number): object[] =>
      Array.from({ length: count }, (_, index) => ({
        role: index % 2 === 0 ? "user" : "assistant",
        content: "x",
      }));
    expect((await ask(gateway, { messages: messages(100_000) })).status).toBe(200);
    const refused = await ask(gateway, { messages: messages(100_001) });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: { message: "messages: List should have at most 100000 items after validation, not 100001" },
    });
  });

  it("that is long in every way is looked through in linear time", async () => {
    verifies("body.message-count", "request.system-messages");
    const { gateway } = scriptedGateway();
    const many = 50_000;
    const sections = Array.from({ length: many }, () => ({ role: "system", content: "s" }));
    const calls = Array.from({ length: many }, (_, index) => ({
      type: "tool_use",
      id: `toolu_${index}`,
      name: "f",
      input: {},
    }));
    const results = calls.map(({ id }) => ({ type: "tool_result", tool_use_id: id }));
    const started = process.cpuUsage();
    const [user] = QUESTION.messages;
    expect((await ask(gateway, { messages: [user, ...sections] })).status).toBe(200);
    const loop = [user, { role: "assistant", content: calls }, { role: "user", content: results }];
    expect((await ask(gateway, { messages: loop })).status).toBe(200);
    const { user: time } = process.cpuUsage(started);
    // Quadratic checks would take minutes.
    expect(time / 1e6).toBeLessThan(20);
  });
});
