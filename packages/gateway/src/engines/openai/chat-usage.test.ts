import { expect, it } from "vitest";
import { countTokens } from "./chat-usage.ts";

const ESTIMATED = { inputTokens: 50, outputTokens: 5 };
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
        const whole = Math.round(prompt ?? 0) > 0 ? Math.round(prompt ?? 0) : ESTIMATED.inputTokens;
        expect(counts.inputTokens + counts.cacheReadTokens, said).toBe(whole);
        for (const count of Object.values(counts)) {
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
