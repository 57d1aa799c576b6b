import { expect, it } from "vitest";
import { testCache } from "../../cache/testing/test-cache.ts";
import { type ChatUsage, chatChunk } from "./chat-chunk.ts";
import { countTokens } from "./chat-usage.ts";

const ESTIMATED = { estimated: { inputTokens: 50, outputTokens: 5 } };
const SAID = [undefined, null, -1e9, -1, -0.4, 0, 0.4, 1, 6.6, 64, 70, 1e9];

it("whatever an endpoint reports: read, written and the rest make up the prompt, and nothing is below zero or a fraction", () => {
  for (const prompt of SAID) {
    for (const cached of SAID) {
      for (const other of SAID) {
        const counts = countTokens(
          {
            prompt_tokens: prompt,
            prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: other },
            prompt_cache_hit_tokens: other,
            completion_tokens: cached,
            completion_tokens_details: { reasoning_tokens: prompt },
          },
          ESTIMATED,
        );
        const said = JSON.stringify([prompt, cached, other, counts]);
        const whole = Math.round(prompt ?? 0) > 0 ? Math.round(prompt ?? 0) : ESTIMATED.estimated.inputTokens;
        const { cacheCreationTokens, ...single } = counts;
        const written = cacheCreationTokens["5m"];
        expect(counts.inputTokens + counts.cacheReadTokens + written, said).toBe(whole);
        expect(cacheCreationTokens["1h"]).toBe(0);
        for (const count of [...Object.values(single), written]) {
          expect(count === null || (Number.isInteger(count) && count >= 0), said).toBe(true);
        }
        expect(counts.thinkingTokens ?? 0, said).toBeLessThanOrEqual(counts.outputTokens);
      }
    }
  }
});

it.each<[string, ChatUsage, object]>([
  ["OpenAI's", { prompt_tokens_details: { cached_tokens: 64 } }, { inputTokens: 6, cacheReadTokens: 64 }],
  ["DeepSeek's", { prompt_cache_hit_tokens: 64 }, { inputTokens: 6, cacheReadTokens: 64 }],
  ["Moonshot's", { cached_tokens: 64 }, { inputTokens: 6, cacheReadTokens: 64 }],
  [
    "OpenRouter's, which says what was written,",
    { prompt_tokens_details: { cached_tokens: 32, cache_write_tokens: 30 } },
    { inputTokens: 8, cacheReadTokens: 32, cacheCreationTokens: { "5m": 30, "1h": 0 } },
  ],
])("%s count of a prompt of 70 tokens", (_, usage, split) => {
  // As it comes over the wire.
  const chunk = chatChunk.parse({ usage: { prompt_tokens: 70, ...usage } });
  expect(countTokens(chunk.usage ?? null, ESTIMATED)).toMatchObject(split);
});

it.each([1e300, Number.POSITIVE_INFINITY, -5])("a count of %s tokens is no report", (count) => {
  const usage = { prompt_tokens: count, completion_tokens: count };
  expect(countTokens(usage, ESTIMATED)).toMatchObject({
    inputTokens: 50,
    outputTokens: 5,
  });
});

it("no part of an estimate is called read", () => {
  expect(countTokens({ prompt_cache_hit_tokens: 64 }, ESTIMATED)).toMatchObject({
    inputTokens: 50,
    cacheReadTokens: 0,
  });
});

it("what a marker asks for is counted by the plan, moved to the endpoint's own count", async () => {
  const cache = testCache();
  const marker = { cache_control: { type: "ephemeral" } };
  const text = (length: number): object => ({ type: "text", text: "x".repeat(length) });
  const system = [{ ...text(10), ...marker }];
  await cache.ask({ system, messages: [{ role: "user", content: "?" }] });
  const content = [{ ...text(30), ...marker }, text(10)];
  // Of 50 tokens 10 are found and 30 are marked.
  const plan = await cache.plan({ system, messages: [{ role: "user", content }] });
  const counted = (usage: ChatUsage): object => countTokens(usage, { ...ESTIMATED, plan });
  // It says what it found: the rest up to the marker is written.
  expect(counted({ prompt_tokens: 100, prompt_tokens_details: { cached_tokens: 30 } })).toMatchObject({
    inputTokens: 20,
    cacheReadTokens: 30,
    cacheCreationTokens: { "5m": 50, "1h": 0 },
  });
  // It says nothing of caches: the plan's expectation.
  expect(counted({ prompt_tokens: 100 })).toMatchObject({
    inputTokens: 20,
    cacheReadTokens: 20,
    cacheCreationTokens: { "5m": 60, "1h": 0 },
  });
  // It found more than was marked.
  expect(counted({ prompt_tokens: 100, prompt_tokens_details: { cached_tokens: 96 } })).toMatchObject({
    inputTokens: 4,
    cacheReadTokens: 96,
    cacheCreationTokens: { "5m": 0, "1h": 0 },
  });
  // It says what it wrote, too.
  const written = { cached_tokens: 30, cache_write_tokens: 64 };
  expect(counted({ prompt_tokens: 100, prompt_tokens_details: written })).toMatchObject({
    inputTokens: 6,
    cacheReadTokens: 30,
    cacheCreationTokens: { "5m": 64, "1h": 0 },
  });
  expect(counted({})).toMatchObject({ inputTokens: 10, cacheReadTokens: 10 });
});

it("what an endpoint has written is split by lifetime as the markers ask for it", async () => {
  const cache = testCache();
  const text = (length: number, ttl?: string): object => ({
    type: "text",
    text: "x".repeat(length),
    ...(ttl ? { cache_control: { type: "ephemeral", ttl } } : {}),
  });
  const plan = await cache.plan({
    system: [text(30, "1h")],
    messages: [{ role: "user", content: [text(10, "5m"), text(10)] }],
  });
  const usage = { prompt_tokens: 100, prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 40 } };
  expect(countTokens(usage, { ...ESTIMATED, plan })).toMatchObject({
    inputTokens: 60,
    cacheCreationTokens: { "5m": 10, "1h": 30 },
  });
});
