import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { serveWeb } from "../testing/web-service.ts";
import { isJson, jsonOf, textOf } from "./contents.ts";
import { WebClient, type WebClientOptions } from "./web-client.ts";

const signal = new AbortController().signal;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "web-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function client(hosts: readonly string[], options: Partial<WebClientOptions> = {}): WebClient {
  // Half of the usual jitter: waits are 500 ms, 2 s, 8 s.
  return new WebClient({ cache: { folder }, hosts: { ownServers: hosts }, random: () => 0, ...options });
}

describe("answers that are kept", () => {
  it("are given again while they are fresh, then only if the service says that nothing changed", async () => {
    await using service = await serveWeb((request, response) => {
      if (request.headers["if-none-match"] === '"1"') response.writeHead(304).end();
      else response.writeHead(200, { etag: '"1"' }).end("hello");
    });
    let now = 1_000_000;
    const web = client([service.host], { now: () => now });
    const ask = () => web.request({ url: `${service.url}/a`, freshMs: 1000, signal });
    expect(await ask()).toMatchObject({ source: "network" });
    expect(await ask()).toMatchObject({ source: "cache", at: new Date(1_000_000) });
    expect(service.asked).toHaveLength(1);
    now += 2000;
    const again = await ask();
    expect(again).toMatchObject({ source: "network", at: new Date(1_002_000) });
    expect(textOf(again)).toBe("hello");
    expect(await ask()).toMatchObject({ source: "cache" });
    expect(service.asked).toHaveLength(2);
  });

  it("are not given to somebody who has stopped asking", async () => {
    await using service = await serveWeb((_, response) => void response.end("hello"));
    const web = client([service.host]);
    await web.request({ url: service.url, signal });
    const stopped = AbortSignal.abort(new Error("stopped"));
    await expect(web.request({ url: service.url, signal: stopped })).rejects.toThrow("stopped");
  });

  it("are not kept, and push out nothing, when they cannot be what was asked for", async () => {
    let body = '{"is":1}';
    await using service = await serveWeb((_, response) => void response.end(body));
    const asking = { url: service.url, isUsable: isJson, signal };
    const web = client([service.host]);
    await web.request(asking);
    body = "<html>Log in</html>";
    expect(textOf(await web.request({ ...asking, freshMs: 0 }))).toBe(body);
    const offline = client([service.host], { offline: true });
    expect(textOf(await offline.request(asking))).toBe('{"is":1}');
  });

  it("are told as stale when the service is away, and offline with their age; what was not read is named", async () => {
    let now = 5_000_000;
    const service = await serveWeb((_, response) => void response.end("old"));
    const url = `${service.url}/a`;
    await client([service.host], { now: () => now }).request({ url, signal });
    await service[Symbol.asyncDispose]();
    now += 86_400_000;
    const offline = client([service.host], { now: () => now, offline: true });
    expect(await offline.request({ url, signal })).toMatchObject({
      source: "cache",
      at: new Date(5_000_000),
    });
    await expect(offline.request({ url: `${service.url}/b`, signal })).rejects.toMatchObject({
      code: "web/offline",
    });
    const away = client([service.host], { now: () => now });
    expect(await away.request({ url, timeoutMs: 1500, signal })).toMatchObject({ source: "stale" });
  });

  it("are damaged: they count as absent", async () => {
    await using service = await serveWeb((_, response) => void response.end("whole"));
    const web = client([service.host]);
    await web.request({ url: service.url, signal });
    const name = (await readdir(folder, { recursive: true })).find((each) => each.length > 10) ?? "";
    await writeFile(join(folder, name), '{"url":"x"}\nhalf');
    expect(textOf(await web.request({ url: service.url, signal }))).toBe("whole");
    expect(service.asked).toHaveLength(2);
  });

  it("stay within the size; those longest unused go first", async () => {
    await using service = await serveWeb((_, response) => void response.end("x".repeat(10_000)));
    const web = client([service.host], { cache: { folder, maxBytes: 50_000 } });
    for (let i = 0; i < 8; i++) await web.request({ url: `${service.url}/${i}`, signal });
    const files = (await readdir(folder, { recursive: true })).filter((each) => each.length > 10);
    expect(files.length).toBeLessThan(5);
    expect(await web.request({ url: `${service.url}/7`, signal })).toMatchObject({ source: "cache" });
  });

  it("cannot be kept where the folder cannot be written, and are given all the same", async () => {
    await using service = await serveWeb((_, response) => void response.end("whole"));
    const blocked = join(folder, "file");
    await writeFile(blocked, "");
    const web = client([service.host], { cache: { folder: blocked } });
    expect(textOf(await web.request({ url: service.url, signal }))).toBe("whole");
  });

  it("belong to the credentials that opened them", async () => {
    await using service = await serveWeb(
      (request, response) => void response.end(request.headers.authorization),
    );
    const as = (token: string) =>
      client([service.host], { credentials: { [service.host]: { authorization: token } } });
    expect(textOf(await as("one").request({ url: service.url, signal }))).toBe("one");
    expect(textOf(await as("two").request({ url: service.url, signal }))).toBe("two");
  });
});

describe("a service that cannot answer now", () => {
  it("is asked again after the pause that it wants", async () => {
    await using service = await serveWeb((_, response) => {
      if (service.asked.length > 1) response.end("[]");
      else response.writeHead(429, { "retry-after": "1" }).end();
    });
    const begun = Date.now();
    const answer = await client([service.host]).request({ url: service.url, signal });
    expect(jsonOf(answer, z.array(z.unknown()))).toEqual([]);
    expect(Date.now() - begun).toBeGreaterThan(950);
  });

  it("is not waited for when it wants a long pause: it is said how long", async () => {
    await using service = await serveWeb(
      (_, response) => void response.writeHead(429, { "retry-after": "3600" }).end(),
    );
    await expect(client([service.host]).request({ url: service.url, signal })).rejects.toMatchObject({
      code: "web/rate_limited",
      mend: expect.stringContaining("3600 s"),
    });
    expect(service.asked).toHaveLength(1);
  });

  it("is told of when the pauses that it wants take longer than there is time", async () => {
    await using service = await serveWeb(
      (_, response) => void response.writeHead(429, { "retry-after": "1" }).end(),
    );
    const asking = client([service.host]).request({ url: service.url, timeoutMs: 1500, signal });
    await expect(asking).rejects.toMatchObject({
      code: "web/rate_limited",
      mend: expect.stringContaining("1 s"),
    });
    expect(service.asked).toHaveLength(2);
  });

  it.each([
    [401, "web/unauthorized"],
    [403, "web/forbidden"],
    [404, "web/not_found"],
    [422, "web/refused"],
  ])("and one that answers %i is not asked again", async (status, code) => {
    await using service = await serveWeb(
      (_, response) => void response.writeHead(status).end('{"error":"No such thing"}'),
    );
    await expect(client([service.host]).request({ url: service.url, signal })).rejects.toMatchObject({
      code,
      status,
      message: expect.stringContaining("No such thing"),
    });
    expect(service.asked).toHaveLength(1);
  });

  it("what changes something is not repeated", async () => {
    await using service = await serveWeb((_, response) => void response.writeHead(503).end());
    const writing = client([service.host]).request({ url: service.url, method: "POST", body: "{}", signal });
    await expect(writing).rejects.toMatchObject({ code: "web/server" });
    expect(service.asked).toHaveLength(1);
  });
});

describe("hostile services", () => {
  it("a redirect to a private address is not followed, and credentials go nowhere else", async () => {
    await using secret = await serveWeb((_, response) => void response.end("secret"));
    await using service = await serveWeb(
      (_, response) => void response.writeHead(302, { location: secret.url }).end(),
    );
    const credentials = { [service.host]: { authorization: "Bearer mine" } };
    const closed = client([service.host], { credentials });
    await expect(closed.request({ url: service.url, signal })).rejects.toMatchObject({
      code: "web/private_address",
    });
    expect(secret.asked).toEqual([]);
    const open = client([service.host, secret.host], { credentials });
    expect(textOf(await open.request({ url: service.url, signal }))).toBe("secret");
    expect(secret.asked[0]?.headers).not.toHaveProperty("authorization");
  });

  it("a redirect to another host is told, where somebody was asked about the first", async () => {
    const fetch = async (url: string) =>
      url === "https://www.example.org/b"
        ? new Response("b")
        : Response.redirect(
            url.includes("example.com") ? "https://example.net/" : "https://www.example.org/b",
            302,
          );
    const web = new WebClient({ cache: null, fetch });
    const ask = (url: string) => web.request({ url, redirects: "same_host", signal });
    expect(textOf(await ask("https://example.org/a"))).toBe("b");
    await expect(ask("https://example.com/")).rejects.toMatchObject({
      code: "web/redirected",
      url: "https://example.net/",
    });
  });

  it.each([
    "http://127.0.0.1/",
    "http://[::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://169.254.169.254/latest/meta-data",
    "http://localhost:8080/",
    "http://printer.local/",
    "http://intranet/",
    "http://100.64.0.1/",
  ])("%s is not asked", async (url) => {
    await expect(client([]).request({ url, signal })).rejects.toMatchObject({ code: "web/private_address" });
  });

  it.each(["file:///etc/passwd", "https://me:secret@example.com/", "not an address"])(
    "%s is no address",
    async (url) => {
      await expect(client([]).request({ url, signal })).rejects.toMatchObject({ code: "web/bad_url" });
    },
  );

  it("lists of hosts are kept, at redirects too", async () => {
    const hosts = { allow: ["*.example.org"], deny: ["bad.example.org"] };
    const web = new WebClient({
      cache: null,
      hosts,
      fetch: async () => Response.redirect("https://bad.example.org/", 302),
    });
    await expect(web.request({ url: "https://example.com/", signal })).rejects.toMatchObject({
      code: "web/refused_host",
    });
    await expect(web.request({ url: "https://a.example.org/", signal })).rejects.toMatchObject({
      code: "web/refused_host",
      url: "https://bad.example.org/",
    });
  });

  it("an endless body is left at the limit, and a packed one counts unpacked", async () => {
    await using service = await serveWeb((request, response) => {
      if (request.url === "/packed") {
        response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(5_000_000)));
        return;
      }
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", more);
      more();
    });
    const web = client([service.host]);
    for (const path of ["/endless", "/packed"]) {
      const reading = web.request({ url: service.url + path, maxBytes: 1_000_000, signal });
      await expect(reading).rejects.toMatchObject({ code: "web/too_large" });
    }
  });

  it("a body that never ends ends by time, a circle of redirects by number", async () => {
    await using service = await serveWeb((request, response) => {
      if (request.url === "/circle") response.writeHead(302, { location: "/circle" }).end();
      else response.write("x");
    });
    const web = client([service.host]);
    await expect(web.request({ url: service.url, timeoutMs: 300, signal })).rejects.toMatchObject({
      code: "web/timeout",
    });
    await expect(web.request({ url: `${service.url}/circle`, signal })).rejects.toMatchObject({
      code: "web/too_many_redirects",
    });
  });

  it("an interrupt ends a pause at once", async () => {
    await using service = await serveWeb(
      (_, response) => void response.writeHead(503, { "retry-after": "30" }).end(),
    );
    const stop = new AbortController();
    const asking = client([service.host]).request({ url: service.url, signal: stop.signal });
    setTimeout(() => stop.abort(new Error("stopped")), 100);
    const begun = Date.now();
    await expect(asking).rejects.toThrow("stopped");
    expect(Date.now() - begun).toBeLessThan(1000);
  });

  it("a page where JSON is due, half of a JSON and broken text are told apart", async () => {
    await using service = await serveWeb((request, response) => {
      if (request.url === "/page") response.end("<html>");
      else if (request.url === "/half") response.end('{"a":');
      else response.end(Buffer.from([0x61, 0xff, 0x62]));
    });
    const web = client([service.host]);
    const ask = (path: string) => web.request({ url: service.url + path, signal });
    const [page, half, broken] = [await ask("/page"), await ask("/half"), await ask("/broken")];
    expect(() => jsonOf(page, z.unknown())).toThrow(expect.objectContaining({ code: "web/wrong_type" }));
    expect(() => jsonOf(half, z.unknown())).toThrow(expect.objectContaining({ code: "web/malformed" }));
    expect(textOf(broken)).toBe("a\ufffdb");
  });
});

it("a host is asked by so many at a time as it likes, and the others wait their turn", async () => {
  let now = 0;
  let most = 0;
  await using service = await serveWeb(async (_, response) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 20));
    now--;
    response.end();
  });
  const web = client([service.host], { manners: { [service.host]: { atOnce: 2, gapMs: 0 } } });
  await Promise.all(Array.from({ length: 8 }, (_, i) => web.request({ url: `${service.url}/${i}`, signal })));
  expect(most).toBe(2);
});
