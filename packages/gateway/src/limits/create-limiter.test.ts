import { describe, expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { GatewayError } from "../gateway-error.ts";
import type { Admission, AdmissionSubject, Admit, SettledUsage } from "../routes/admission.ts";
import { createLimiter } from "./create-limiter.ts";
import { randomNumbers } from "./testing/random-numbers.ts";

const START = Date.UTC(2026, 0, 1);

interface Asking extends Partial<Omit<AdmissionSubject, "estimateInput" | "marksCache">> {
  readonly input?: number;
  readonly cached?: boolean;
  readonly workspace?: string;
  readonly key?: string | null;
}

function limiter(options: Omit<Parameters<typeof createLimiter>[0], "now">): {
  readonly clock: { seconds: number };
  readonly ask: (asking?: Asking) => Admission;
  readonly refused: (asking?: Asking) => GatewayError;
} {
  const clock = { seconds: 0 };
  const admit: Admit = createLimiter({ ...options, now: () => START + clock.seconds * 1000 });
  const ask = ({
    input = 0,
    cached = false,
    workspace = "w",
    key = null,
    ...subject
  }: Asking = {}): Admission =>
    admit(
      {
        kind: "message",
        model: "m",
        maxTokens: 0,
        ...subject,
        estimateInput: () => input,
        marksCache: () => cached,
      },
      { workspace, key },
    ) as Admission;
  const refused = (asking?: Asking): GatewayError => {
    try {
      ask(asking);
    } catch (error) {
      if (error instanceof GatewayError) return error;
      throw error;
    }
    throw new Error("it was let in");
  };
  return { clock, ask, refused };
}

function used(tokens: Partial<SettledUsage>): SettledUsage {
  return { inputTokens: 0, cacheCreationTokens: 0, cacheReadTokens: 0, outputTokens: 0, ...tokens };
}

describe("requests per minute", () => {
  const options = { workspaces: { w: { limits: { requestsPerMinute: 2 } } } };

  it("are refused beyond the limit, with the limit's name and the true time to wait", () => {
    const { clock, ask, refused } = limiter(options);
    ask();
    ask();
    const refusal = refused();
    expect(refusal).toMatchObject({
      status: 429,
      type: "rate_limit_error",
      code: "requests_limit_reached",
      message: "This request would exceed the rate limit of 2 requests per minute of the workspace `w`",
      mend: "Try again in 30 s.",
      headers: {
        "retry-after": "30",
        "anthropic-ratelimit-requests-limit": "2",
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2026-01-01T00:01:00Z",
      },
    });
    clock.seconds = 29.9;
    expect(refused().headers["retry-after"]).toBe("1");
    clock.seconds = 30;
    ask();
  });

  it("count when they fail, and not for others", () => {
    const { ask, refused } = limiter(options);
    ask().settle(null);
    ask().settle(null);
    refused();
    ask({ workspace: "other" });
  });

  it("do not hold for counting tokens, which has a limit of its own", () => {
    const { ask, refused } = limiter({
      workspaces: { w: { limits: { requestsPerMinute: 1, tokenCountsPerMinute: 1 } } },
    });
    ask();
    const counted = ask({ kind: "token_count" });
    expect(counted.headers()).toMatchObject({ "anthropic-ratelimit-requests-remaining": "0" });
    expect(refused({ kind: "token_count" }).message).toContain("1 token counts per minute");
  });
});

describe("tokens per minute", () => {
  const options = {
    workspaces: { w: { limits: { inputTokensPerMinute: 60_000, outputTokensPerMinute: 6000 } } },
  };

  it("are reserved by estimate and settled by what was used; what a cache gave is free", () => {
    verifies("caching.reads-are-not-limited");
    const { ask } = limiter(options);
    const admission = ask({ input: 30_000, maxTokens: 10_000 });
    expect(admission.headers()).toEqual({
      "anthropic-ratelimit-input-tokens-limit": "60000",
      "anthropic-ratelimit-input-tokens-remaining": "30000",
      "anthropic-ratelimit-input-tokens-reset": "2026-01-01T00:00:30Z",
      "anthropic-ratelimit-output-tokens-limit": "6000",
      "anthropic-ratelimit-output-tokens-remaining": "5000",
      "anthropic-ratelimit-output-tokens-reset": "2026-01-01T00:00:06Z",
      "anthropic-ratelimit-tokens-limit": "66000",
      "anthropic-ratelimit-tokens-remaining": "35000",
      "anthropic-ratelimit-tokens-reset": "2026-01-01T00:00:30Z",
    });
    admission.settle(
      used({ inputTokens: 1000, cacheCreationTokens: 9000, cacheReadTokens: 500_000, outputTokens: 2000 }),
    );
    expect(ask().headers()).toMatchObject({
      "anthropic-ratelimit-input-tokens-remaining": "50000",
      "anthropic-ratelimit-output-tokens-remaining": "4000",
    });
  });

  it("come back when nothing was used", () => {
    const { ask } = limiter(options);
    ask({ input: 60_000, maxTokens: 6000 }).settle(null);
    ask({ input: 60_000 });
  });

  it("that were used beyond the reservation are owed", () => {
    const { ask, refused } = limiter(options);
    ask({ maxTokens: 20_000 }).settle(used({ outputTokens: 12_000 }));
    const refusal = refused({ maxTokens: 1 });
    expect(refusal.message).toContain("6,000 output tokens per minute");
    expect(refusal.headers).toMatchObject({
      "retry-after": "61",
      "anthropic-ratelimit-output-tokens-remaining": "0",
    });
  });

  it("tell a client not to come back when a prompt alone is larger than the limit", () => {
    const { refused } = limiter(options);
    const { headers, mend } = refused({ input: 60_001 });
    expect(headers).toMatchObject({ "x-should-retry": "false" });
    expect(headers).not.toHaveProperty("retry-after");
    expect(mend).toMatch(/never fits/);
  });

  it("do not refuse a long prompt that may come out of a cache", () => {
    const { ask } = limiter(options);
    const admission = ask({ input: 200_000, cached: true });
    admission.settle(used({ inputTokens: 500, cacheReadTokens: 199_500 }));
    expect(ask().headers()).toMatchObject({ "anthropic-ratelimit-input-tokens-remaining": "60000" });
  });

  it("are not estimated for those whom no limit holds", () => {
    const admit = createLimiter({ workspaces: {} });
    const never = (): never => {
      throw new Error("the prompt was read");
    };
    const subject = { kind: "message", model: "m", maxTokens: 1, estimateInput: never } as const;
    void admit({ ...subject, marksCache: () => false }, { workspace: "w", key: null });
  });
});

it("holds a key to its own limits and to its workspace's, and a model to its own", () => {
  const { clock, ask, refused } = limiter({
    workspaces: {
      w: { limits: { requestsPerMinute: 4 }, modelLimits: { big: { requestsPerMinute: 1 } } },
    },
    keys: { ci: { requestsPerMinute: 2 } },
  });
  ask({ key: "ci", model: "big" });
  expect(refused({ key: "ci", model: "big" }).message).toContain(
    "1 requests per minute of the workspace `w` for `big`",
  );
  // What was refused has taken nothing from anybody.
  ask({ key: "ci" });
  expect(refused({ key: "ci" }).message).toContain("2 requests per minute of the key `ci`");
  ask({ key: "other" });
  ask({ key: "other" });
  expect(refused({ key: "other" }).message).toContain("4 requests per minute of the workspace `w`");
  clock.seconds = 60;
  expect(ask({ key: "ci" }).headers()).toMatchObject({ "anthropic-ratelimit-requests-limit": "2" });
});

it("lets only so many in at once, until one has ended in whatever way", () => {
  const { ask, refused } = limiter({ workspaces: { w: { limits: { concurrentRequests: 2 } } } });
  const first = ask();
  const second = ask();
  expect(refused()).toMatchObject({
    code: "concurrent_requests_limit_reached",
    headers: { "retry-after": "1" },
  });
  first.settle(null);
  ask();
  second.settle(used({ outputTokens: 5 }));
  ask();
  refused();
});

it("keeps to every limit in every window, and has everything back in the end", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = randomNumbers(seed);
    const limits = { requestsPerMinute: 20, inputTokensPerMinute: 5000, concurrentRequests: 6 };
    const { clock, ask } = limiter({ workspaces: { w: { limits } } });
    const kept: { at: number; input: number }[] = [];
    const running: (() => void)[] = [];
    for (let step = 0; step < 300; step++) {
      clock.seconds += random() < 0.5 ? 0 : random() * 10;
      const input = Math.ceil(random() * 3000);
      if (random() < 0.4) running.splice(Math.floor(random() * running.length), 1)[0]?.();
      try {
        const admission = ask({ input });
        const entry = { at: clock.seconds, input };
        kept.push(entry);
        running.push(() => {
          entry.input = random() < 0.4 ? 0 : Math.floor(random() * input);
          admission.settle(entry.input === 0 ? null : used({ inputTokens: entry.input }));
        });
      } catch (error) {
        expect(error).toBeInstanceOf(GatewayError);
      }
      expect(running.length).toBeLessThanOrEqual(6);
    }
    for (const settle of running) settle();
    expect(kept.length).toBeGreaterThan(30);
    let [requests, tokens] = [0, 0];
    for (const [first, { at: from }] of kept.entries()) {
      let [count, sum] = [0, 0];
      for (const { at, input } of kept.slice(first)) {
        const share = 1 + (at - from) / 60;
        requests = Math.max(requests, ++count - 20 * share);
        sum += input;
        tokens = Math.max(tokens, sum - 5000 * share);
      }
    }
    expect(requests, `seed ${seed}`).toBeLessThan(1e-6);
    expect(tokens, `seed ${seed}`).toBeLessThan(1e-6);
    clock.seconds += 60;
    expect(ask({ input: 5000 }).headers(), `seed ${seed}`).toMatchObject({
      "anthropic-ratelimit-requests-remaining": "19",
      "anthropic-ratelimit-input-tokens-remaining": "0",
    });
  }
});
