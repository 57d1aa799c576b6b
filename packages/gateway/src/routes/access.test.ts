import { scriptedEngine } from "@ml-intern/testkit";
import { describe, expect, it } from "vitest";
import { keyDigest } from "../configuration/key-digest.ts";
import { verifies } from "../conformance/verifies.ts";
import { createGateway, type Gateway, type GatewayLogEntry, type GatewayOptions } from "../create-gateway.ts";

const QUESTION = { model: "scripted/m", max_tokens: 9, messages: [{ role: "user", content: "hi" }] };
const KEYS = {
  [keyDigest("sk-research")]: { workspace: "research", name: "ci" },
  [keyDigest("sk-sales")]: { workspace: "sales" },
};

function gatewayOf(options: Partial<GatewayOptions> = {}): Gateway {
  const engines = { scripted: scriptedEngine(() => ({ text: "ok" })) };
  return createGateway({ engines, keys: KEYS, organizationId: "org-1", ...options });
}

function ask(gateway: Gateway, headers: Record<string, string>): Promise<Response> {
  return Promise.resolve(
    gateway.request("/v1/messages", { method: "POST", headers, body: JSON.stringify(QUESTION) }),
  );
}

describe("a key", () => {
  it("is known by its digest alone, in either header", async () => {
    verifies("auth.either-header", "auth.missing-or-invalid");
    const gateway = gatewayOf();
    expect((await ask(gateway, { "x-api-key": "sk-research" })).status).toBe(200);
    expect((await ask(gateway, { authorization: "Bearer sk-sales" })).status).toBe(200);
    expect((await ask(gateway, { "x-api-key": "wrong", authorization: "Bearer sk-sales" })).status).toBe(200);
    expect((await ask(gateway, { "x-api-key": keyDigest("sk-research") })).status).toBe(401);
  });

  it("that is missing is told from one that is wrong", async () => {
    const gateway = gatewayOf();
    expect(await (await ask(gateway, {})).json()).toMatchObject({
      error: {
        type: "authentication_error",
        message: expect.stringMatching(/^x-api-key header is required/),
      },
    });
    expect(await (await ask(gateway, { "x-api-key": "wrong" })).json()).toMatchObject({
      error: { type: "authentication_error", message: expect.stringMatching(/^invalid x-api-key/) },
    });
  });

  it("has a workspace with an id that stays, and an organization", async () => {
    verifies("header.organization");
    const ids = async (key: string, gateway = gatewayOf()): Promise<(string | null)[]> => {
      const { headers } = await ask(gateway, { "x-api-key": key });
      return [headers.get("anthropic-workspace-id"), headers.get("anthropic-organization-id")];
    };
    const [research, organization] = await ids("sk-research");
    expect(research).toMatch(/^wrkspc_01\w{22}$/);
    expect(organization).toBe("org-1");
    expect(await ids("sk-research")).toEqual([research, "org-1"]);
    expect((await ids("sk-sales"))[0]).not.toBe(research);
    expect((await ids("sk-research", gatewayOf({ organizationId: "org-2" })))[0]).not.toBe(research);
    expect(await ids("wrong")).toEqual([null, "org-1"]);
  });

  it("cannot be used for another workspace", async () => {
    verifies("header.workspace-choice");
    const gateway = gatewayOf();
    const own =
      (await ask(gateway, { "x-api-key": "sk-research" })).headers.get("anthropic-workspace-id") ?? "";
    for (const [workspace, status] of [
      [own, 200],
      ["research", 200],
      ["sales", 403],
      ["wrkspc_01other", 403],
    ] as const) {
      const response = await ask(gateway, {
        "x-api-key": "sk-research",
        "anthropic-workspace-id": workspace,
      });
      expect([workspace, response.status]).toEqual([workspace, status]);
    }
  });

  it("is named in the log, never written", async () => {
    const lines: GatewayLogEntry[] = [];
    const gateway = gatewayOf({ log: (line) => lines.push(line) });
    await ask(gateway, { "x-api-key": "sk-research" });
    await ask(gateway, { "x-api-key": "sk-sales" });
    await ask(gateway, { "x-api-key": "sk-wrong" });
    expect(lines.map(({ workspace, key, error_code }) => [workspace, key, error_code])).toEqual([
      ["research", "ci", undefined],
      ["sales", "sales", undefined],
      [undefined, undefined, "invalid_key"],
    ]);
    expect(JSON.stringify(lines)).not.toContain("sk-");
  });
});

describe("a web page", () => {
  const PAGE = "https://chat.example.org";
  const preflight = (gateway: Gateway, origin: string): Promise<Response> =>
    Promise.resolve(
      gateway.request("/v1/messages", {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers":
            "anthropic-beta,anthropic-dangerous-direct-browser-access,anthropic-version,authorization,content-type,x-api-key,x-stainless-lang,x-evil",
        },
      }),
    );

  it("of a configured origin may ask and read, errors too", async () => {
    verifies("header.cors");
    const gateway = gatewayOf({ origins: [PAGE] });
    const answer = await preflight(gateway, PAGE);
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe(PAGE);
    expect(answer.headers.get("access-control-allow-methods")).toContain("POST");
    expect(answer.headers.get("access-control-allow-headers")).toBe(
      "anthropic-beta, anthropic-dangerous-direct-browser-access, anthropic-version, authorization, content-type, x-api-key, x-stainless-lang",
    );
    for (const [key, status] of [
      ["sk-research", 200],
      ["wrong", 401],
    ] as const) {
      const { headers, status: given } = await ask(gateway, { origin: PAGE, "x-api-key": key });
      expect([given, headers.get("access-control-allow-origin")]).toEqual([status, PAGE]);
      expect(headers.get("access-control-expose-headers")).toMatch(/request-id.*retry-after/);
      expect(headers.get("vary")).toBe("origin");
    }
  });

  it("of another origin is not let read, with a key or not", async () => {
    const gateway = gatewayOf({ origins: [PAGE] });
    const answer = await preflight(gateway, "https://evil.example");
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    const { headers } = await ask(gateway, { origin: "https://evil.example", "x-api-key": "sk-research" });
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });

  it("of this machine may ask where no keys are configured, and no other may", async () => {
    verifies("auth.open-on-loopback");
    const gateway = gatewayOf({ keys: {} });
    const answer = await preflight(gateway, "http://localhost:3000");
    expect(answer.headers.get("access-control-allow-origin")).toBe("http://localhost:3000");
    expect((await ask(gateway, { origin: "http://localhost:3000" })).status).toBe(200);
    expect((await ask(gateway, { origin: PAGE })).status).toBe(403);
    expect((await preflight(gateway, PAGE)).headers.get("access-control-allow-origin")).toBeNull();
  });
});

it("answers probes without a key", async () => {
  verifies("routes.head-probe");
  const gateway = gatewayOf();
  expect((await gateway.request("/", { method: "HEAD" })).status).toBe(200);
  expect(await (await gateway.request("/healthz")).json()).toEqual({ status: "ok" });
});
