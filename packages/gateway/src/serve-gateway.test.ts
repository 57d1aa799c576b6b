import { once } from "node:events";
import { connect, Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { GatewayError } from "./gateway-error.ts";
import {
  ListenError,
  type ServedGateway,
  type ServeGatewayOptions,
  type ServingTimeouts,
  serveGateway,
} from "./serve-gateway.ts";

type Fetch = (request: Request) => Response | Promise<Response>;

let cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
  cleanUps = [];
});

async function serve(fetch: Fetch, timeouts: ServingTimeouts = {}): Promise<ServedGateway> {
  // The application answers what a request needs; the front knows nothing of routes.
  const app = { fetch } as ServeGatewayOptions["app"];
  const served = await serveGateway({ app, timeouts });
  cleanUps.push(() => served.close());
  return served;
}

/** A client that speaks bytes. */
class Client {
  readonly socket: Socket;
  received = "";

  constructor({ port }: { port: number }, { allowHalfOpen = true }: { allowHalfOpen?: boolean } = {}) {
    this.socket = connect({ port, host: "127.0.0.1", allowHalfOpen });
    this.socket.setEncoding("latin1");
    this.socket.on("data", (text: string) => {
      this.received += text;
    });
    this.socket.on("error", () => {});
    cleanUps.push(() => void this.socket.destroy());
  }

  send(text: string): void {
    this.socket.write(text);
  }

  /** Resolves when this text has come. */
  until(text: string): Promise<string> {
    return this.#when(() => this.received.includes(text), `Closed after: ${this.received}`);
  }

  /** All that came until the server closed its side. */
  closed(): Promise<string> {
    return this.#when(() => this.socket.readableEnded || this.socket.closed, "");
  }

  #when(condition: () => boolean, failure: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const events = ["data", "end", "close"];
      const look = (): void => {
        const isMet = condition();
        if (!isMet && !this.socket.closed) return;
        for (const name of events) this.socket.off(name, look);
        if (isMet) resolve(this.received);
        else reject(new Error(failure));
      };
      for (const name of events) this.socket.on(name, look);
      look();
    });
  }
}

const GET = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
const post = (body: string): string =>
  `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
const STREAM = { headers: { "content-type": "text/event-stream" } };

/** An event stream that the test writes, and that notes when its reader leaves. */
function eventStream(signal?: AbortSignal): {
  response: Response;
  write: (text: string) => void;
  end: () => void;
  fail: (error: Error) => void;
  left: Promise<void>;
} {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let leave = (): void => {};
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  signal?.addEventListener("abort", () => leave());
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    cancel: () => leave(),
  });
  return {
    response: new Response(body, STREAM),
    write: (text) => controller.enqueue(new TextEncoder().encode(text)),
    end: () => controller.close(),
    fail: (error) => controller.error(error),
    left,
  };
}

describe("listening", () => {
  it("is on loopback until it is closed, and may be closed twice", async () => {
    const served = await serve(() => new Response("here"));
    expect(served.url).toBe(`http://127.0.0.1:${served.port}`);
    expect(await (await fetch(served.url)).text()).toBe("here");
    await served.close();
    await served.close();
    await expect(fetch(served.url)).rejects.toThrow();
  });

  it("says so when the port is taken", async () => {
    const first = await serve(() => new Response("here"));
    const app = { fetch: () => new Response("there") };
    const failure: unknown = await serveGateway({ app, port: first.port }).catch((error) => error);
    expect(failure).toBeInstanceOf(ListenError);
    expect(failure).toMatchObject({
      code: "port_in_use",
      message: `Another program already listens on 127.0.0.1 port ${first.port}`,
      mend: expect.stringContaining("another port"),
    });
  });

  it("leaves the global Request and Response alone", async () => {
    const before = [Request, Response];
    await serve(() => new Response("here"));
    expect([Request, Response]).toEqual(before);
  });

  it("takes no more connections than it is told", async () => {
    const app = { fetch: () => new Response("here") };
    await using served = await serveGateway({ app, maxConnections: 1 });
    const first = new Client(served);
    first.send(GET);
    await first.until("here");
    expect(await new Client(served).closed()).toBe("");
  });
});

describe("a request", () => {
  it("has the method, address, headers and body that the client sent", async () => {
    const seen: unknown[] = [];
    const served = await serve(async (request) => {
      const { method, url, headers } = request;
      seen.push([method, url, headers.get("x-a"), await request.json(), request instanceof Request]);
      return Response.json({ ok: true });
    });
    const url = `${served.url}/v1/messages?beta=true`;
    const answer = await fetch(url, { method: "POST", body: '{"a":1}', headers: { "x-a": "b" } });
    expect(await answer.json()).toEqual({ ok: true });
    expect(answer.headers.get("content-length")).toBe("11");
    expect(seen).toEqual([["POST", url, "b", { a: 1 }, true]]);
  });

  it.each(["body", "arrayBuffer", "text", "clone"] as const)("is read whole by %s", async (way) => {
    const sent = "é".repeat(200_000);
    const served = await serve(async (request) => {
      if (way === "arrayBuffer") return new Response(await request.arrayBuffer());
      if (way === "text") return new Response(await request.text());
      if (way === "clone") return new Response(await request.clone().text());
      return new Response(request.body);
    });
    const answer = await fetch(served.url, { method: "POST", body: sent });
    expect(await answer.text()).toBe(sent);
  });

  it("that fails in the application is answered with 500", async () => {
    const served = await serve(() => Promise.reject(new Error("boom")));
    expect((await fetch(served.url)).status).toBe(500);
  });

  it("by HEAD gets the head only", async () => {
    const served = await serve(() => new Response("here"));
    const answer = await fetch(served.url, { method: "HEAD" });
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
  });

  it("that is no HTTP is answered with 400, in the API's form", async () => {
    const served = await serve(() => new Response("here"));
    const client = new Client(served);
    client.send("what is this\r\n\r\n");
    const answer = await client.closed();
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('"type":"invalid_request_error"');
  });

  it("with too many headers is answered with 431", async () => {
    const served = await serve(() => new Response("here"));
    const client = new Client(served);
    client.send(`GET / HTTP/1.1\r\nhost: x\r\nx: ${"a".repeat(20_000)}\r\n\r\n`);
    expect(await client.closed()).toMatch(/^HTTP\/1.1 431 /);
  });

  it.each(["GET / HTTP/1.1\r\nhos", post("abc").slice(0, -1)])(
    "that trickles in too slowly is answered with 408: %j",
    async (begun) => {
      const served = await serve(async (request) => new Response(await request.text()), {
        headersMs: 50,
        requestMs: 50,
      });
      const client = new Client(served);
      client.send(begun);
      expect(await client.closed()).toMatch(/^HTTP\/1.1 408 /);
    },
  );

  it("is answered although the client is still sending it", async () => {
    const served = await serve(() => new Response("too large", { status: 413 }));
    const client = new Client(served);
    client.send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 40000000\r\n\r\n");
    const piece = "a".repeat(1_000_000);
    for (let count = 0; count < 40; count++) {
      if (!client.socket.write(piece)) await once(client.socket, "drain");
    }
    expect(await client.until("too large")).toMatch(/^HTTP\/1.1 413 /);
    client.received = "";
    client.send(GET);
    await client.until("too large");
  });
});

describe("an event stream", () => {
  it("reaches the client piece by piece", async () => {
    const stream = eventStream();
    const client = new Client(await serve(() => stream.response));
    client.send(GET);
    await client.until("\r\n\r\n");
    stream.write("data: 1\n\n");
    await client.until("data: 1");
    stream.write("data: 2\n\n");
    stream.end();
    expect(await client.until("0\r\n\r\n")).toContain("data: 2");
  });

  it("that fails cuts the connection", async () => {
    const stream = eventStream();
    const client = new Client(await serve(() => stream.response));
    client.send(GET);
    stream.write("data: 1\n\n");
    await client.until("data: 1");
    stream.fail(new Error("broken"));
    expect(await client.closed()).not.toContain("\r\n0\r\n\r\n");
  });

  it.each(["resets", "ends"])("stops within a second when the client %s the connection", async (way) => {
    let aborted: Promise<unknown> = Promise.resolve();
    let stream: ReturnType<typeof eventStream> | null = null;
    const served = await serve((request) => {
      stream = eventStream();
      aborted = once(request.signal, "abort");
      return stream.response;
    });
    const client = new Client(served);
    client.send(GET);
    await client.until("\r\n\r\n");
    if (way === "resets") client.socket.resetAndDestroy();
    else client.socket.destroy();
    const begun = performance.now();
    await aborted;
    await stream!.left;
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  it("goes on for a client that has closed its sending side and still reads", async () => {
    let aborted = false;
    const stream = eventStream();
    const served = await serve((request) => {
      request.signal.addEventListener("abort", () => {
        aborted = true;
      });
      return stream.response;
    });
    const client = new Client(served);
    client.socket.end(GET);
    // The comment with which the server makes sure that somebody is there.
    await client.until(":\n\n");
    stream.write("data: 1\n\n");
    await client.until("data: 1");
    stream.end();
    expect(await client.closed()).toContain("\r\n0\r\n\r\n");
    expect(aborted).toBe(false);
  });

  it("is not mixed with the server's own comment within an event", async () => {
    const stream = eventStream();
    const client = new Client(await serve(() => stream.response));
    client.send(GET);
    stream.write("data: 1");
    await client.until("data: 1");
    client.socket.end();
    stream.write("2\n");
    stream.write("\n");
    stream.end();
    const text = (await client.closed()).replaceAll(/\r\n[0-9a-f]+\r\n|\r\n/g, "");
    expect(text).toContain("data: 12\n\n");
  });
});

describe("a whole answer", () => {
  it("stops within a second when the client has closed its sending side, and reaches it until then", async () => {
    const prompt = await serve(() => new Response("here"));
    const quick = new Client(prompt);
    quick.socket.end(GET);
    expect(await quick.closed()).toContain("here");

    let aborted: Promise<unknown> = Promise.resolve();
    const slow = await serve((request) => {
      aborted = once(request.signal, "abort");
      return new Promise(() => {});
    });
    const begun = performance.now();
    const patient = new Client(slow);
    patient.socket.end(GET);
    expect(await patient.closed()).toBe("");
    await aborted;
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  it("stops when the client leaves in the middle of its request", async () => {
    const reading = serve(async (request) => new Response(await request.text()));
    const client = new Client(await reading);
    client.send(post("abc").slice(0, -1));
    client.socket.end();
    expect(await client.closed()).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe("a client that does not read", () => {
  it("costs bounded memory, stops the engine, and is cut off after a while", async () => {
    const piece = new Uint8Array(64 * 1024).fill(0x61);
    const pieces = 1600;
    let made = 0;
    let leave = (): void => {};
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const served = await serve(
      () =>
        new Response(
          new ReadableStream(
            {
              pull(stream) {
                if (made++ === pieces) stream.close();
                else stream.enqueue(piece);
              },
              cancel: () => leave(),
            },
            { highWaterMark: 0 },
          ),
          STREAM,
        ),
      { writeStallMs: 300 },
    );
    const before = process.memoryUsage().rss;
    const client = new Client(served);
    client.socket.pause();
    client.send(GET);
    await left;
    // What the kernel buffers on both sides, and no more.
    expect(made * piece.byteLength).toBeLessThan(20 * 1024 * 1024);
    expect(process.memoryUsage().rss - before).toBeLessThan(60 * 1024 * 1024);
  });

  it("is not cut off while it reads slowly", async () => {
    const served = await serve(() => new Response(new Uint8Array(6_000_000)), { writeStallMs: 200 });
    const client = new Client(served);
    let bytes = 0;
    client.socket.on("data", (text: string) => {
      bytes += text.length;
      client.socket.pause();
      setTimeout(() => client.socket.resume(), 2);
    });
    client.send(GET);
    while (bytes < 6_000_000) await once(client.socket, "data");
    expect(client.socket.destroyed).toBe(false);
  });
});

describe("closing", () => {
  it("closes idle connections at once, and lets open answers end", async () => {
    const stream = eventStream();
    const served = await serve(({ url }) =>
      url.endsWith("/stream") ? stream.response : new Response("here"),
    );
    const idle = new Client(served);
    idle.send(GET);
    await idle.until("here");
    const busy = new Client(served);
    busy.send(GET.replace("/", "/stream"));
    stream.write("data: 1\n\n");
    await busy.until("data: 1");
    const closing = served.close({ drainMs: 60_000 });
    await idle.closed();
    await expect(fetch(served.url)).rejects.toThrow();
    stream.write("data: 2\n\n");
    stream.end();
    expect(await busy.closed()).toContain("data: 2\n\n\r\n0\r\n\r\n");
    await closing;
  });

  it("refuses requests that come on open connections with 503", async () => {
    const stream = eventStream();
    const served = await serve(() => stream.response);
    const client = new Client(served);
    client.send(GET);
    stream.write("data: 1\n\n");
    await client.until("data: 1");
    const closing = served.close({ drainMs: 60_000 });
    client.send(GET);
    // Answers on one connection come in the order of the requests.
    setTimeout(() => stream.end(), 20);
    const answer = (await client.closed()).split("\r\n0\r\n\r\n")[1];
    expect(answer).toMatch(/^HTTP\/1.1 503 /);
    expect(answer?.toLowerCase()).toContain("connection: close");
    expect(answer).toContain('"type":"api_error"');
    await closing;
  });

  it("tells those that have not ended in time why", async () => {
    const reasons: unknown[] = [];
    const served = await serve((request) => {
      const stream = eventStream();
      request.signal.addEventListener("abort", () => {
        reasons.push(request.signal.reason);
        stream.write("event: error\n\n");
        stream.end();
      });
      return stream.response;
    });
    const client = new Client(served);
    client.send(GET);
    await client.until("\r\n\r\n");
    await served.close({ drainMs: 10 });
    expect(await client.closed()).toContain("event: error");
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toBeInstanceOf(GatewayError);
    expect(reasons[0]).toMatchObject({ code: "shutting_down", status: 503 });
  });

  it("drains no longer when it is closed again for less, and both calls end", async () => {
    const served = await serve((request) => {
      const stream = eventStream();
      request.signal.addEventListener("abort", () => stream.end());
      return stream.response;
    });
    const client = new Client(served);
    client.send(GET);
    await client.until("\r\n\r\n");
    const began = performance.now();
    const patient = served.close({ drainMs: 20_000 });
    await served.close();
    await patient;
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it("does not wait for an application that does not end", async () => {
    const served = await serve(() => new Promise<Response>(() => {}));
    const client = new Client(served);
    client.send(GET);
    await once(client.socket, "connect");
    await new Promise((resolve) => setTimeout(resolve, 20));
    await served.close();
    await client.closed();
  });
});

it("leaves nothing behind after thousands of requests", async () => {
  const served = await serve(async (request) => {
    await request.arrayBuffer();
    request.signal.addEventListener("abort", () => {});
    return new Response("here");
  });
  const client = new Client(served);
  const ask = async (times: number): Promise<void> => {
    for (let count = 0; count < times; count++) {
      client.received = "";
      client.send(post("abc"));
      await client.until("here");
    }
  };
  await ask(100);
  const { _getActiveHandles: handles } = process as unknown as { _getActiveHandles: () => unknown[] };
  const [serverSide] = handles().filter(
    (handle): handle is Socket => handle instanceof Socket && handle.localPort === served.port,
  );
  const listeners = (): number =>
    serverSide!.eventNames().reduce((sum, name) => sum + serverSide!.listenerCount(name), 0);
  const before = { resources: process.getActiveResourcesInfo().length, listeners: listeners() };
  await ask(2000);
  expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before.resources + 2);
  expect(listeners()).toBe(before.listeners);
});
