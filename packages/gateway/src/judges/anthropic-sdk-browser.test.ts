import { scriptedEngine } from "@ml-intern/testkit";
import { expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { createGateway } from "../create-gateway.ts";
import { serveGateway } from "../serve-gateway.ts";
import { anthropicSdk, createParams } from "./anthropic-sdk-judge.ts";
import { QUESTION } from "./scenarios.ts";

const PAGE = "http://localhost:5173";

/** What a browser would put between the client and the server, since these tests run without one. */
function browserFetch(seen: Headers[]): typeof fetch {
  return async (url, init) => {
    const sent = [...new Headers(init?.headers).keys()];
    const preflight = await fetch(url, {
      method: "OPTIONS",
      headers: {
        origin: PAGE,
        "access-control-request-method": init?.method ?? "GET",
        "access-control-request-headers": sent.join(","),
      },
    });
    const allowed = (preflight.headers.get("access-control-allow-headers") ?? "").split(", ");
    expect(sent.filter((name) => !allowed.includes(name))).toEqual([]);
    const response = await fetch(url, {
      ...init,
      headers: { ...Object.fromEntries(new Headers(init?.headers)), origin: PAGE },
    });
    seen.push(response.headers);
    return response;
  };
}

it("a page on this machine may use the official client, and reads the request's id", async () => {
  verifies("header.cors");
  const app = createGateway({ engines: { scripted: scriptedEngine([{ text: "Hello" }]) } });
  await using gateway = await serveGateway({ app });
  const seen: Headers[] = [];
  const target = { url: gateway.url, key: "any", model: "scripted/default" };
  const client = anthropicSdk(target, { dangerouslyAllowBrowser: true, fetch: browserFetch(seen) });
  const message = await client.messages.stream(createParams(target, QUESTION)).finalMessage();
  expect(message.content).toMatchObject([{ text: "Hello" }]);
  expect(seen[0]?.get("access-control-allow-origin")).toBe(PAGE);
  expect(seen[0]?.get("access-control-expose-headers")?.split(", ")).toContain("request-id");
});
