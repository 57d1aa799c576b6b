import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { pooledFetch } from "./pooled-fetch.ts";
import { PushedBytes } from "./pushed-bytes.ts";
import { requestUpstream, type UpstreamResponse } from "./request-upstream.ts";

let cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps) cleanUp();
  cleanUps = [];
});

interface Upstream {
  readonly baseUrl: string;
  readonly sockets: readonly Socket[];
}

async function upstream(listener: RequestListener): Promise<Upstream> {
  const sockets: Socket[] = [];
  const server = createServer(listener);
  server.on("connection", (socket) => sockets.push(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUps.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

function ask(
  { baseUrl }: Pick<Upstream, "baseUrl">,
  { silenceMs = 10_000, signal = new AbortController().signal, fetch = pooledFetch } = {},
): Promise<UpstreamResponse> {
  return requestUpstream({ baseUrl, headers: {}, silenceMs, fetch }, { path: "/x", json: {}, signal });
}

async function read(response: UpstreamResponse): Promise<string> {
  return await response.text();
}

describe.each([
  ["the pool", pooledFetch],
  ["Node's own fetch", fetch],
] as const)("an endpoint that is asked over %s", (_, fetch) => {
  it("reads the beginning of a refusal that never ends, and hangs up", async () => {
    let gone = (): void => undefined;
    const hungUp = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const server = await upstream((_request, response) => {
      response.writeHead(500).on("close", gone);
      const more = (): void => {
        while (response.write("<p>".repeat(20_000)));
      };
      response.on("drain", more);
      more();
    });
    const silenceMs = 123_456;
    const timers = vi.spyOn(globalThis, "setTimeout");
    const cleared = vi.spyOn(globalThis, "clearTimeout");
    const text = await read(await ask(server, { fetch, silenceMs }));
    const index = timers.mock.calls.findIndex(([, ms]) => ms === silenceMs);
    expect(cleared.mock.calls.flat()).toContain(timers.mock.results[index]?.value);
    vi.restoreAllMocks();
    expect(text).toMatch(/^(<p>)+/);
    expect(text.length).toBeLessThan(16 * 1024 ** 2);
    await hungUp;
  });

  it("receives the request, and answers with status, headers and body", async () => {
    let asked: [string | undefined, string | undefined, string] | null = null;
    const server = await upstream(async (request, response) => {
      asked = [request.method, request.headers["content-type"], await bodyOf(request)];
      response.writeHead(418, { "x-a": "b" }).end("tea");
    });
    await using response = await ask(server, { fetch });
    expect([response.status, response.headers.get("x-a"), await read(response)]).toEqual([418, "b", "tea"]);
    expect(asked).toEqual(["POST", "application/json", "{}"]);
  });

  it("that is not there is named as such", async () => {
    const { baseUrl } = await upstream(() => {});
    for (const cleanUp of cleanUps) cleanUp();
    await expect(ask({ baseUrl }, { fetch })).rejects.toMatchObject({
      code: "endpoint_unreachable",
      message: expect.stringContaining("nothing listens there"),
    });
    await expect(ask({ baseUrl: "nonsense" }, { fetch })).rejects.toMatchObject({
      code: "endpoint_unreachable",
      message: expect.stringContaining("not a URL"),
    });
  });

  it("that closes before, or within, its answer is named as such", async () => {
    const before = await upstream((request) => request.socket.destroy());
    await expect(ask(before, { fetch })).rejects.toMatchObject({ code: "endpoint_unreachable", status: 503 });
    const within = await upstream((_, response) => {
      response.write("half");
      setImmediate(() => response.destroy());
    });
    await using response = await ask(within, { fetch });
    await expect(read(response)).rejects.toMatchObject({ code: "endpoint_cut" });
  });

  it("that is silent for too long is left, before its answer and within it", async () => {
    const hungUp: Promise<unknown>[] = [];
    const watched = (request: IncomingMessage): void => void hungUp.push(once(request.socket, "close"));
    const before = await upstream(watched);
    await expect(ask(before, { fetch, silenceMs: 20 })).rejects.toMatchObject({ code: "endpoint_timeout" });
    const within = await upstream((request, response) => {
      watched(request);
      response.write("half");
    });
    const response = await ask(within, { fetch, silenceMs: 500 });
    await expect(read(response)).rejects.toMatchObject({ code: "endpoint_timeout" });
    await Promise.all(hungUp);
  });

  it("is left when the client leaves, before its answer and within it", async () => {
    let hungUp: Promise<unknown> = Promise.resolve();
    let begun = (): void => {};
    const server = await upstream((request, response) => {
      hungUp = once(request.socket, "close");
      if (request.url === "/x") response.write("half");
      begun();
    });
    const arrived = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const early = new AbortController();
    const asking = ask({ baseUrl: `${server.baseUrl}/silent` }, { fetch, signal: early.signal });
    await arrived;
    early.abort(new Error("gone"));
    await expect(asking).rejects.toThrow("gone");
    await hungUp;
    const late = new AbortController();
    const response = await ask(server, { fetch, signal: late.signal });
    const reading = read(response);
    late.abort(new Error("gone"));
    await expect(reading).rejects.toThrow("gone");
    await hungUp;
  });

  it("is not read further than its reader gets", async () => {
    const piece = Buffer.alloc(64 * 1024);
    let sent = 0;
    const server = await upstream((_, response) => void pour(response));
    async function pour(response: ServerResponse): Promise<void> {
      for (; sent < 1600 && !response.destroyed; sent++) {
        if (!response.write(piece)) await Promise.race([once(response, "drain"), once(response, "close")]);
      }
    }
    await using response = await ask(server, { fetch });
    await response.body.next();
    let before = -1;
    while (sent !== before) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // What the kernel buffers on both sides.
    expect(sent * piece.byteLength).toBeLessThan(20 * 1024 * 1024);
  });
});

describe("a connection", () => {
  it("is used again after an answer, also when the end of the answer is still on its way", async () => {
    const server = await upstream((_, response) => {
      response.write("data: [DONE]\n\n");
      setTimeout(() => response.end(), 5);
    });
    for (let count = 0; count < 5; count++) {
      const response = await ask(server);
      for await (const _ of response.body) {
        response.finish();
        break;
      }
      await response[Symbol.asyncDispose]();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(server.sockets).toHaveLength(1);
  });

  it("is closed when the endpoint does not end an answer that is complete", async () => {
    const server = await upstream((_, response) => void response.write("data: [DONE]\n\n"));
    const response = await ask(server);
    await response.body.next();
    response.finish();
    await response[Symbol.asyncDispose]();
    await once(server.sockets[0]!, "close");
  });

  it("is closed at once when an answer is left before it is complete", async () => {
    const server = await upstream((_, response) => void response.write("data: 1\n\n"));
    const response = await ask(server);
    await response.body.next();
    await response[Symbol.asyncDispose]();
    await once(server.sockets[0]!, "close");
  });

  it("leaves no listener on the client's signal", async () => {
    const server = await upstream((_, response) => void response.end("here"));
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener.apply(signal, args);
    };
    for (let count = 0; count < 20; count++) await read(await ask(server, { signal }));
    expect(listeners).toBe(0);
  });
});

describe("bytes that are pushed", () => {
  const bytes = (text: string): Uint8Array => Buffer.from(text);
  const calls = (): { log: string[]; pushed: PushedBytes } => {
    const log: string[] = [];
    const pushed = new PushedBytes({
      pause: () => log.push("pause"),
      resume: () => log.push("resume"),
      leave: () => log.push("leave"),
    });
    return { log, pushed };
  };
  const text = ({ value }: IteratorResult<Uint8Array, undefined>): string =>
    Buffer.from(value ?? []).toString();

  it("are joined while nobody reads, and the source is asked to wait", async () => {
    const { log, pushed } = calls();
    pushed.push(bytes("a"));
    pushed.push(bytes("b"));
    expect(text(await pushed.next())).toBe("ab");
    pushed.push(new Uint8Array(70_000));
    pushed.push(bytes("c"));
    expect(log).toEqual(["pause"]);
    expect((await pushed.next()).value?.byteLength).toBe(70_001);
    expect(log).toEqual(["pause", "resume"]);
  });

  it("are all read before the end, or the failure, is", async () => {
    const ended = calls().pushed;
    ended.push(bytes("a"));
    ended.end();
    expect([text(await ended.next()), (await ended.next()).done]).toEqual(["a", true]);
    const failed = calls().pushed;
    failed.push(bytes("a"));
    failed.fail(new Error("cut"));
    expect(text(await failed.next())).toBe("a");
    await expect(failed.next()).rejects.toThrow("cut");
  });

  it("reach a reader that waits, and so do the end and the failure", async () => {
    const { log, pushed } = calls();
    const first = pushed.next();
    pushed.push(bytes("a"));
    expect(text(await first)).toBe("a");
    const second = pushed.next();
    pushed.end();
    expect((await second).done).toBe(true);
    const failing = calls().pushed;
    const third = failing.next();
    failing.fail(new Error("cut"));
    await expect(third).rejects.toThrow("cut");
    await pushed.return();
    expect(log).toEqual([]);
  });

  it("end with a reader who leaves", async () => {
    const { log, pushed } = calls();
    pushed.push(bytes("a"));
    for await (const _ of pushed) break;
    expect(log).toEqual(["leave"]);
    expect((await pushed.next()).done).toBe(true);
  });
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request) text += piece;
  return text;
}
