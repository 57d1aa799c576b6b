import { expect, it } from "vitest";
import { isUsageLine } from "./is-usage-line.ts";
import type { MeteredRequest } from "./metered-request.ts";
import { createPriceBook } from "./prices/price-book.ts";
import { USAGE_COLUMNS, type UsageLine, usageLine } from "./usage-line.ts";

const TIME = "2026-11-22T10:00:00.000Z";
const REQUEST: MeteredRequest = {
  request_id: "req_1",
  workspace: "research",
  key: "notebook",
  session: "session-1",
  model: "smart",
  engine: "claude",
  upstream_model: "claude-opus-5-5",
  service_tier: "standard",
  input_tokens: 21,
  cache_creation_input_tokens: 248,
  cache_creation_1h_input_tokens: 100,
  cache_read_input_tokens: 1800,
  cache_promised_tokens: 1750,
  output_tokens: 503,
  stop_reason: "end_turn",
  status: 200,
  batch: false,
};

function line(changes: Partial<MeteredRequest> = {}): UsageLine {
  const made = usageLine({ ...REQUEST, ...changes }, { time: TIME, prices: createPriceBook() });
  if (!made) throw new Error("no line");
  expect(isUsageLine(JSON.parse(JSON.stringify(made)))).toBe(true);
  return made;
}

it("holds the split and the price of each kind, exactly, and what no cache would have cost", () => {
  expect(line()).toEqual({
    time: TIME,
    request_id: "req_1",
    workspace: "research",
    key: "notebook",
    session: "session-1",
    model: "smart",
    engine: "claude",
    upstream_model: "claude-opus-5-5",
    batch: false,
    service_tier: "standard",
    stop_reason: "end_turn",
    error: null,
    estimated: false,
    input_tokens: 21,
    cache_write_5m_tokens: 148,
    cache_write_1h_tokens: 100,
    cache_read_tokens: 1800,
    output_tokens: 503,
    cache_promised_tokens: 1750,
    input_usd: "0.000084",
    cache_write_5m_usd: "0.00074",
    cache_write_1h_usd: "0.0008",
    cache_read_usd: "0.00036",
    output_usd: "0.01006",
    total_usd: "0.012044",
    // (21 + 248 + 1800) × $4 and 503 × $20, a million.
    uncached_usd: "0.018336",
  });
});

it("has its keys in the order of the columns", () => {
  expect(Object.keys(line())).toEqual(USAGE_COLUMNS);
});

it("a request of a batch says so and costs half", () => {
  expect(line({ batch: true })).toMatchObject({ batch: true, service_tier: "batch", total_usd: "0.006022" });
});

it("a price that nobody knows is null, never nothing", () => {
  const { total_usd, input_usd, uncached_usd, input_tokens } = line({ upstream_model: "qwen3" });
  expect([total_usd, input_usd, uncached_usd, input_tokens]).toEqual([null, null, null, 21]);
});

it("there is none for a request that no engine was asked to answer", () => {
  const { engine: _, upstream_model: __, ...refused } = REQUEST;
  expect(usageLine({ ...refused, status: 401 }, { time: TIME, prices: createPriceBook() })).toBeNull();
});

it.each([
  ["a failure before the answer began used nothing", { status: 529, error_type: "overloaded_error" }, false],
  ["an answer that could not be read may have used anything", { status: 200 }, true],
  ["so may one whose client left before it began", { status: 499 }, true],
] as const)("%s", (_, changes, estimated) => {
  const { output_tokens: _output, input_tokens: _input, ...uncounted } = REQUEST;
  const made = usageLine({ ...uncounted, ...changes }, { time: TIME, prices: createPriceBook() });
  expect(made).toMatchObject({ estimated, output_tokens: 0, input_tokens: 0 });
});

it.each([-1, 0.5, 1e10, Number.POSITIVE_INFINITY, Number.NaN])(
  "a count of %d is nonsense, and none",
  (count) => {
    const made = line({ input_tokens: count, cache_creation_1h_input_tokens: count });
    expect(made).toMatchObject({ input_tokens: 0, cache_write_1h_tokens: 0, cache_write_5m_tokens: 248 });
  },
);

it("more for an hour than was written at all is what was written", () => {
  const made = line({ cache_creation_1h_input_tokens: 999 });
  expect(made).toMatchObject({ cache_write_1h_tokens: 248, cache_write_5m_tokens: 0 });
});

it("names have an end", () => {
  const made = line({
    model: "m".repeat(1e6),
    upstream_model: "u".repeat(1e6),
    stop_reason: "s".repeat(1e6),
  });
  expect(JSON.stringify(made).length).toBeLessThan(2000);
});
