import { expect, it } from "vitest";
import { testCache } from "../../cache/testing/test-cache.ts";
import type { ChatUsage } from "./chat-chunk.ts";
import { countTokens } from "./chat-usage.ts";

const ESTIMATED = { estimated: { inputTokens: 50, outputTokens: 5 } };
const SAID = [undefined, null, -1e9, -1, -0.4, 0, 0.4, 1, 6.6, 64, 70, 1e9];

it("whatever an endpoint reports: read and unread make up the prompt, and nothing is below zero or a fraction", () => {
  for (const prompt of SAID) {
    for (const cached of SAID) {
      for (const hit of SAID) {
        const counts = countTokens(
          {
            prompt_tokens: prompt,
            prompt_tokens_details: { cached_tokens: cached },
            prompt_cache_hit_tokens: hit,
            completion_tokens: cached,
            completion_tokens_details: { reasoning_tokens: prompt },
          },
          ESTIMATED,
        );
        const said = JSON.stringify([prompt, cached, hit, counts]);
        const whole = Math.round(prompt ?? 0) > 0 ? Math.round(prompt ?? 0) : ESTIMATED.estimated.inputTokens;
        expect(counts.inputTokens + counts.cacheReadTokens, said).toBe(whole);
        const { cacheCreationTokens, ...single } = counts;
        expect(cacheCreationTokens).toEqual({ "5m": 0, "1h": 0 });
        for (const count of Object.values(single)) {
          expect(count === null || (Number.isInteger(count) && count >= 0), said).toBe(true);
        }
        expect(counts.thinkingTokens ?? 0, said).toBeLessThanOrEqual(counts.outputTokens);
      }
    }
  }
});

it("DeepSeek's count is used where there is no other, and no part of an estimate is called read", () => {
  expect(countTokens({ prompt_tokens: 70, prompt_cache_hit_tokens: 64 }, ESTIMATED)).toMatchObject({
    inputTokens: 6,
    cacheReadTokens: 64,
  });
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
  expect(counted({})).toMatchObject({ inputTokens: 10, cacheReadTokens: 10 });
});
