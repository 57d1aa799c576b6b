import Anthropic from "@anthropic-ai/sdk";
import { turnEvents } from "@ml-intern/testkit";
import { describe, expect, it } from "vitest";
import { serveGateway } from "../serve-gateway.ts";
import { QUESTION, scriptedGateway } from "./testing/ask.ts";
import { openConnection, requestHead } from "./testing/socket.ts";
import { verifies } from "./verifies.ts";

const START = [...turnEvents({ text: "Partial ans" })].slice(0, 3);
const LIMIT = 32 * 1024 * 1024;
const MEGABYTE = Buffer.alloc(1024 * 1024, 0x20);

function whole(extra: object = {}): string {
  const body = JSON.stringify({ ...QUESTION, ...extra });
  return `${requestHead({ "content-length": Buffer.byteLength(body) })}${body}`;
}

describe("over a socket", () => {
  it("each event leaves when it is made, though the engine makes no more", async () => {
    verifies("stream.flushed-per-event");
    const { gateway, engine } = scriptedGateway({ hangs: true, after: START });
    await using server = await serveGateway({ app: gateway });
    await using connection = await openConnection(server.port);
    connection.socket.write(whole({ stream: true }));
    expect(await connection.until(/Partial/)).toContain('"text_delta","text":"Partial');
    expect(engine.running).toBe(1);
  });

  it.each([
    ["in the middle of a stream", { stream: true }, /Partial/],
    ["before a whole answer", { stream: false }, null],
  ] as const)("a client that leaves %s stops the engine", async (_, extra, seen) => {
    verifies("connection.disconnect-cancels");
    const { gateway, engine } = scriptedGateway({ hangs: true, after: START });
    await using server = await serveGateway({ app: gateway });
    await using connection = await openConnection(server.port);
    connection.socket.write(whole(extra));
    if (seen) await connection.until(seen);
    while (engine.running === 0) await new Promise((resolve) => setImmediate(resolve));
    connection.socket.destroy();
    await engine.idle();
    expect(engine.running).toBe(0);
  });

  it("a client that has closed its sending side still gets its answer", async () => {
    verifies("connection.half-closed");
    const { gateway } = scriptedGateway({ text: "Hello" });
    await using server = await serveGateway({ app: gateway });
    for (const stream of [true, false]) {
      await using connection = await openConnection(server.port);
      connection.socket.end(whole({ stream }));
      expect(await connection.until(/message_stop|"stop_reason"/)).toContain("Hello");
    }
  });

  it("a client that closes its sending side and stays silent is not waited for", async () => {
    verifies("connection.half-closed");
    const { gateway, engine } = scriptedGateway({ hangs: true });
    await using server = await serveGateway({ app: gateway, timeouts: { halfClosedMs: 1 } });
    await using connection = await openConnection(server.port);
    connection.socket.end(whole());
    while (engine.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await engine.idle();
    await connection.closed;
    expect(connection.received).toBe("");
  });

  it("a body that is too large by its own word is refused before it is sent", async () => {
    verifies("body.limit", "body.limit-is-seen");
    const { gateway } = scriptedGateway();
    await using server = await serveGateway({ app: gateway });
    await using connection = await openConnection(server.port);
    connection.socket.write(requestHead({ "content-length": LIMIT + 1 }));
    const answer = await connection.until(/request_id/);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"type":"request_too_large"');
  });

  it.each([
    ["with its length declared", { "content-length": 33 * MEGABYTE.length }],
    ["in chunks", { "transfer-encoding": "chunked" }],
  ])("a client that sends 33 MB %s reads the 413, not a reset", async (_, headers) => {
    verifies("body.limit", "body.limit-is-seen");
    const { gateway, engine } = scriptedGateway();
    await using server = await serveGateway({ app: gateway });
    await using connection = await openConnection(server.port);
    const { socket } = connection;
    const failures: Error[] = [];
    socket.on("error", (error) => failures.push(error));
    socket.write(requestHead(headers));
    const isChunked = "transfer-encoding" in headers;
    for (let sent = 0; sent < 33; sent++) {
      const piece = isChunked
        ? Buffer.concat([Buffer.from("100000\r\n"), MEGABYTE, Buffer.from("\r\n")])
        : MEGABYTE;
      if (!socket.write(piece)) await new Promise((resolve) => socket.once("drain", resolve));
    }
    if (isChunked) socket.write("0\r\n\r\n");
    expect(await connection.until(/request_id/)).toMatch(/^HTTP\/1\.1 413 [\s\S]*request_too_large/);
    expect(failures).toEqual([]);
    expect(engine.requests).toEqual([]);
  });

  it("a body that never ends is given up when its client goes", async () => {
    verifies("connection.disconnect-cancels");
    const { gateway, engine } = scriptedGateway();
    await using server = await serveGateway({ app: gateway });
    await using connection = await openConnection(server.port);
    connection.socket.write(`${requestHead({ "content-length": 1000 })}{"model":`);
    connection.socket.destroy();
    await connection.closed;
    const answer = await fetch(`${server.url}/v1/messages`, {
      method: "POST",
      body: JSON.stringify(QUESTION),
    });
    expect(answer.status).toBe(200);
    expect(engine.requests).toHaveLength(1);
  });
});

describe("the official client", () => {
  it("asks for long answers only as streams, and gets them", async () => {
    verifies("client.long-answers-stream");
    const { gateway, engine } = scriptedGateway({ text: "long" });
    await using server = await serveGateway({ app: gateway });
    const client = new Anthropic({ apiKey: "any", baseURL: server.url, maxRetries: 0 });
    const request = {
      model: "scripted/m",
      max_tokens: 64_000,
      messages: [{ role: "user" as const, content: "hi" }],
    };
    await expect(async () => client.messages.create(request)).rejects.toThrow(/[Ss]treaming/);
    expect(engine.requests).toEqual([]);
    expect((await client.messages.stream(request).finalMessage()).content).toMatchObject([{ text: "long" }]);
    expect(engine.requests[0]?.max_tokens).toBe(64_000);
  });
});
