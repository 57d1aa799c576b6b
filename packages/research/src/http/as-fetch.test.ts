import { expect, it } from "vitest";
import { serveWeb } from "../testing/web-service.ts";
import { asFetch } from "./as-fetch.ts";
import { WebClient, type WebClientOptions } from "./web-client.ts";

const signal = new AbortController().signal;

function fetchFor(host: string, options: Partial<WebClientOptions> = {}, stop = signal): typeof fetch {
  const hosts = { ownServers: [host] };
  return asFetch(new WebClient({ cache: null, hosts, random: () => -0.5, ...options }), { signal: stop });
}

it("sends what the library says, but the client's credentials and not the library's", async () => {
  const bodies: string[] = [];
  await using service = await serveWeb(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    bodies.push(body);
    response.writeHead(201, { "x-answer": "yes" }).end("made");
  });
  const credentials = { [service.host]: { authorization: "Bearer right" } };
  const ask = fetchFor(service.host, { credentials });
  for (const body of ["text", new Blob(["blob"]), new TextEncoder().encode("bytes")]) {
    const answer = await ask(`${service.url}/a`, {
      method: "PUT",
      headers: { Authorization: "Bearer wrong", "X-Own": "1" },
      body,
    });
    expect([answer.status, answer.headers.get("x-answer"), await answer.text()]).toEqual([
      201,
      "yes",
      "made",
    ]);
  }
  expect(bodies).toEqual(["text", "blob", "bytes"]);
  expect(service.asked[0]).toMatchObject({
    method: "PUT",
    headers: { authorization: "Bearer right", "x-own": "1" },
  });
});

it("an answer without success is an answer; nothing that may have had an effect is sent twice", async () => {
  await using service = await serveWeb((_, response) => void response.writeHead(500).end("no"));
  const answer = await fetchFor(service.host)(service.url, { method: "DELETE" });
  expect([answer.ok, await answer.text(), service.asked.length]).toEqual([false, "no", 1]);
});

it("a host's places are given back when answers were read or let go", async () => {
  await using service = await serveWeb((request, response) => {
    if (request.url === "/empty") response.writeHead(204).end();
    else response.end("x".repeat(100_000));
  });
  const ask = fetchFor(service.host, { manners: { [service.host]: { atOnce: 1, gapMs: 0 } } });
  expect((await (await ask(service.url)).text()).length).toBe(100_000);
  await (await ask(service.url)).body?.cancel();
  expect((await ask(`${service.url}/empty`)).status).toBe(204);
  expect((await ask(service.url)).ok).toBe(true);
});

it("is offline when the client is, and stops with the session", async () => {
  await using service = await serveWeb(() => undefined);
  await expect(fetchFor(service.host, { offline: true })(service.url)).rejects.toMatchObject({
    code: "web/offline",
  });
  const stop = new AbortController();
  const asking = fetchFor(service.host, {}, stop.signal)(service.url);
  setTimeout(() => stop.abort(new Error("stopped")), 50);
  await expect(asking).rejects.toThrow("stopped");
});
