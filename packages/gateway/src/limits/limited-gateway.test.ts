import Anthropic, { RateLimitError } from "@anthropic-ai/sdk";
import { type ScriptedEngine, scriptedEngine } from "@ml-intern/testkit";
import { expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { createGateway } from "../create-gateway.ts";
import { gatewayFetch } from "../gateway-fetch.ts";
import { createLimiter } from "./create-limiter.ts";
import type { Limits } from "./limits.ts";

const START = Date.UTC(2026, 0, 1);
const QUESTION = {
  model: "scripted/m",
  max_tokens: 100,
  messages: [{ role: "user" as const, content: "hi" }],
};

interface Limited {
  readonly client: Anthropic;
  readonly engine: ScriptedEngine;
  readonly clock: { seconds: number };
  /** Requests that reached the server, retries too. */
  readonly asked: () => number;
}

function limited(limits: Limits, { maxRetries = 0, headers = {} } = {}): Limited {
  const clock = { seconds: 0 };
  const engine = scriptedEngine(() => ({ text: "ok", usage: { input_tokens: 2000, output_tokens: 500 } }));
  const gateway = createGateway({
    engines: { scripted: engine },
    admit: createLimiter({
      workspaces: { default: { limits } },
      now: () => START + clock.seconds * 1000,
    }),
  });
  let asked = 0;
  const inProcess = gatewayFetch(gateway);
  const client = new Anthropic({
    baseURL: "http://gateway.invalid",
    apiKey: "any",
    maxRetries,
    defaultHeaders: headers,
    fetch: (input, init) => {
      asked++;
      return inProcess(input, init);
    },
  });
  return { client, engine, clock, asked: () => asked };
}

function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}

it("says with every answer what is left, streamed or whole", async () => {
  verifies("header.rate-limits");
  const { client, clock } = limited({
    requestsPerMinute: 4,
    inputTokensPerMinute: 10_000,
    outputTokensPerMinute: 5000,
  });
  const whole = await client.messages.create(QUESTION).withResponse();
  expect(Object.fromEntries(whole.response.headers)).toMatchObject({
    "anthropic-ratelimit-requests-limit": "4",
    "anthropic-ratelimit-requests-remaining": "3",
    "anthropic-ratelimit-requests-reset": "2026-01-01T00:00:15Z",
    "anthropic-ratelimit-input-tokens-remaining": "8000",
    "anthropic-ratelimit-output-tokens-remaining": "5000",
    "anthropic-ratelimit-tokens-limit": "15000",
    "anthropic-ratelimit-tokens-remaining": "13000",
  });
  clock.seconds = 60;
  const streamed = await client.messages.create({ ...QUESTION, stream: true }).withResponse();
  expect(streamed.response.headers.get("anthropic-ratelimit-requests-remaining")).toBe("3");
  for await (const _ of streamed.data);
  const after = await client.messages.create(QUESTION).withResponse();
  expect(after.response.headers.get("anthropic-ratelimit-requests-remaining")).toBe("2");
  expect(after.response.headers.get("anthropic-ratelimit-input-tokens-remaining")).toBe("6000");
});

it("refuses what is beyond a limit before an engine is asked, and says when to come back", async () => {
  verifies("header.retry-after");
  const { client, engine, clock } = limited({ requestsPerMinute: 2 });
  await client.messages.create(QUESTION);
  await client.messages.create(QUESTION);
  const refusal = await failure(client.messages.create({ ...QUESTION, stream: true }));
  expect(refusal).toBeInstanceOf(RateLimitError);
  expect((refusal as RateLimitError).headers?.get("retry-after")).toBe("30");
  expect(engine.requests).toHaveLength(2);
  clock.seconds = 30;
  await client.messages.create(QUESTION);
});

it("is not asked again for what can never fit", async () => {
  verifies("error.no-vain-retry");
  const { client, asked } = limited({ inputTokensPerMinute: 100 }, { maxRetries: 2 });
  const long = { ...QUESTION, messages: [{ role: "user" as const, content: "word ".repeat(1000) }] };
  expect(await failure(client.messages.create(long))).toBeInstanceOf(RateLimitError);
  expect(asked()).toBe(1);
});

it("counts tokens by a limit of their own", async () => {
  verifies("count.own-limit");
  const { client } = limited({ requestsPerMinute: 1, tokenCountsPerMinute: 2 });
  const { max_tokens: _, ...count } = QUESTION;
  await client.messages.countTokens(count);
  await client.messages.countTokens(count);
  await client.messages.create(QUESTION);
  expect(await failure(client.messages.countTokens(count))).toMatchObject({
    message: expect.stringContaining("2 token counts per minute"),
  });
});

it("gives back the place of an answer whose client has left", async () => {
  const { client, engine } = limited({ concurrentRequests: 1 });
  const stream = await client.messages.create({ ...QUESTION, stream: true });
  expect(String(await failure(client.messages.create(QUESTION)))).toContain("1 requests at once");
  for await (const event of stream) if (event.type === "content_block_start") break;
  await engine.idle();
  expect((await client.messages.create(QUESTION)).stop_reason).toBe("end_turn");
});
