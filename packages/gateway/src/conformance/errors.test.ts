import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic, { type APIError } from "@anthropic-ai/sdk";
import type { ApiErrorType } from "@ml-intern/messages";
import { scriptedEngine } from "@ml-intern/testkit";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Batches } from "../batches/batches.ts";
import { createGateway } from "../create-gateway.ts";
import { GatewayError } from "../gateway-error.ts";
import { gatewayFetch } from "../gateway-fetch.ts";
import { scriptedGateway } from "./testing/ask.ts";
import { verifies } from "./verifies.ts";

const QUESTION = { model: "scripted/m", max_tokens: 9, messages: [{ role: "user" as const, content: "hi" }] };

function clientOf(error: GatewayError, maxRetries: number): { client: Anthropic; asked: () => number } {
  const { gateway, engine } = scriptedGateway({ fails: error });
  const options = {
    apiKey: "any",
    baseURL: "http://gateway.invalid",
    fetch: gatewayFetch(gateway),
    maxRetries,
  };
  return { client: new Anthropic(options), asked: () => engine.requests.length };
}

function failing(status: number, type: ApiErrorType, headers: Record<string, string> = {}): GatewayError {
  return new GatewayError("No", { code: "endpoint_failed", status, type, headers });
}

const TABLE: readonly [number, ApiErrorType, unknown, boolean][] = [
  [400, "invalid_request_error", Anthropic.BadRequestError, false],
  [401, "authentication_error", Anthropic.AuthenticationError, false],
  [402, "billing_error", Anthropic.APIError, false],
  [403, "permission_error", Anthropic.PermissionDeniedError, false],
  [404, "not_found_error", Anthropic.NotFoundError, false],
  [409, "conflict_error", Anthropic.ConflictError, true],
  [413, "request_too_large", Anthropic.APIError, false],
  [429, "rate_limit_error", Anthropic.RateLimitError, true],
  [500, "api_error", Anthropic.InternalServerError, true],
  [503, "api_error", Anthropic.InternalServerError, true],
  [504, "timeout_error", Anthropic.InternalServerError, true],
  [529, "overloaded_error", Anthropic.InternalServerError, true],
];

describe("an error", () => {
  it.each(TABLE)("%i %s is the official client's class for it", async (status, type, Class) => {
    verifies("error.statuses", "error.codes");
    const { client } = clientOf(failing(status, type), 0);
    const error: unknown = await client.messages.create(QUESTION).catch((reason) => reason);
    expect(error).toBeInstanceOf(Class);
    expect(error).toMatchObject({ status, type, requestID: expect.stringMatching(/^req_/) });
    expect((error as APIError).error).toMatchObject({
      error: { message: "No", details: { error_code: "endpoint_failed" } },
    });
  });

  it.each(TABLE)("%i %s is tried again only where that can help", async (status, type, _, isRetried) => {
    verifies("error.retries", "header.retry-hints");
    const { client, asked } = clientOf(failing(status, type, { "retry-after-ms": "1" }), 2);
    await expect(client.messages.create(QUESTION)).rejects.toThrow();
    expect(asked()).toBe(isRetried ? 3 : 1);
  });

  it("that cannot pass says so, and is not tried again", async () => {
    verifies("error.no-vain-retry", "header.retry-hints");
    const { client, asked } = clientOf(failing(429, "rate_limit_error", { "x-should-retry": "false" }), 2);
    await expect(client.messages.create(QUESTION)).rejects.toThrow();
    expect(asked()).toBe(1);
  });
});

describe("a batch's body", () => {
  it("over 256 MB is too large", async () => {
    verifies("body.batch-limit");
    const folder = await mkdtemp(join(tmpdir(), "batches-"));
    try {
      await using batches = await Batches.open({ folder });
      const gateway = createGateway({ engines: { scripted: scriptedEngine([]) }, batches });
      const post = async (bytes: number): Promise<number> => {
        const headers = { "content-length": String(bytes) };
        return (await gateway.request("/v1/messages/batches", { method: "POST", body: "{}", headers }))
          .status;
      };
      expect(await post(256 * 1024 * 1024 + 1)).toBe(413);
      // Not too large, and no batch.
      expect(await post(256 * 1024 * 1024)).toBe(400);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("the list of models", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("does not wait for an engine that says nothing", async () => {
    verifies("models.discovery");
    vi.useFakeTimers();
    const silent = { ...scriptedEngine([]), listModels: () => new Promise<never>(() => {}) };
    const gateway = createGateway({ engines: { silent, ok: scriptedEngine([], { models: ["claude-x"] }) } });
    const answer = Promise.resolve(
      gateway.request("/v1/models?limit=1000", { headers: { "x-api-key": "any" } }),
    );
    await vi.advanceTimersByTimeAsync(2_500);
    const response = await answer;
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ data: [{ id: "ok/claude-x" }], has_more: false });
  });
});
