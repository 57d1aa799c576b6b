import { type CacheMissReason, emptyMessage, type Message } from "@ml-intern/messages";
import { expect, test } from "vitest";
import { describeCacheMiss } from "./describe-cache-miss.ts";

function answer(read: number, written: number, reason: CacheMissReason | null = null): Message {
  const cacheCreationTokens = { "5m": written, "1h": 0 };
  const message = emptyMessage({
    ...{ id: "msg_1", model: "m", inputTokens: 10, cacheReadTokens: read },
    cacheCreationTokens,
  });
  return { ...message, diagnostics: reason && { cache_miss_reason: reason } };
}

const before = answer(8_000, 2_000);

test("a prompt that comes from the cache is no news, also where its count differs by a little", () => {
  expect(describeCacheMiss({ before, after: answer(10_000, 300), sinceMs: 1_000 })).toBeNull();
  expect(describeCacheMiss({ before, after: answer(9_990, 310), sinceMs: 1_000 })).toBeNull();
  expect(describeCacheMiss({ before: answer(0, 0), after: answer(0, 0), sinceMs: 1_000 })).toBeNull();
});

test.each<[string, CacheMissReason | null, number | null, string]>([
  [
    "the server says why",
    { type: "tools_changed", cache_missed_input_tokens: 9_000 },
    1_000,
    "the tools changed",
  ],
  ["it expired", null, 400_000, "it had not been read for too long"],
  ["nobody knows when the last request was", null, null, "it had not been read for too long"],
  ["it is gone", null, 1_000, "it was not kept"],
])("%s", (_, reason, sinceMs, why) => {
  const told = describeCacheMiss({ before, after: answer(2_000, 8_000, reason), sinceMs });
  expect(told).toBe(`The prompt cache did not have 8,000 tokens: ${why}.`);
});
