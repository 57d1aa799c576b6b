import { afterAll, beforeAll, expect, it } from "vitest";
import { WebClient } from "../http/web-client.ts";
import { serveWeb, type WebService } from "../testing/web-service.ts";
import { readPage } from "./read-page.ts";
import { HOSTILE_PAGES } from "./testing/hostile-pages.ts";

let service: WebService;

beforeAll(async () => {
  service = await serveWeb((request, response) => {
    HOSTILE_PAGES[Number(request.url?.slice(1))]?.answer(response, request);
  });
});

afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

it.each(HOSTILE_PAGES.map((page, index) => ({ ...page, index })))("$name", async ({ index, expected }) => {
  const signal = new AbortController().signal;
  const web = new WebClient({
    cache: null,
    hosts: { ownServers: [service.host] },
    random: () => -0.49,
    // What ends by itself or by its size is given its time, however busy the machine is.
    timeoutMs: "code" in expected && expected.code === "web/timeout" ? 1000 : 60_000,
  });
  const reading = readPage(web, { url: `${service.url}/${index}`, signal });
  if ("code" in expected) {
    await expect(reading).rejects.toMatchObject({
      code: expected.code,
      mend: expect.stringMatching(/\.$/),
    });
    return;
  }
  const { text } = await reading;
  expect(text).toMatch(expected.has);
  if (expected.not) expect(text).not.toMatch(expected.not);
});
