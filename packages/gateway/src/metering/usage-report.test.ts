import { expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { formatDollars } from "./money.ts";
import { createPriceBook } from "./prices/price-book.ts";
import { exampleLine } from "./testing/example-line.ts";
import { type UsageLine, usageLine } from "./usage-line.ts";
import { reportUsage, type UsageGroup, type UsageReport } from "./usage-report.ts";
import { hitRate, savedBy, totalOf } from "./usage-sums.ts";

async function* each(lines: readonly UsageLine[]): AsyncGenerator<UsageLine> {
  yield* lines;
}

function report(lines: readonly UsageLine[], by: UsageGroup = "model"): Promise<UsageReport> {
  return reportUsage(each(lines), { by });
}

/** A line of claude-haiku-4-5: $1 input, $1.25 and $2 written, $0.10 read, $5 output. */
function cached(written: number, read: number, input = 0, hour = 0): UsageLine {
  const line = usageLine(
    {
      ...{
        request_id: "r",
        engine: "anthropic",
        upstream_model: "claude-haiku-4-5",
        status: 200,
        batch: false,
      },
      ...{ input_tokens: input, cache_creation_input_tokens: written, cache_read_input_tokens: read },
      ...{ cache_creation_1h_input_tokens: hour, output_tokens: 0 },
    },
    { time: "2026-11-22T10:00:00.000Z", prices: createPriceBook() },
  );
  if (!line) throw new Error("no line");
  return line;
}

it("adds up exactly, where numbers with a point would not", async () => {
  const lines = Array.from({ length: 1000 }, () => cached(0, 1, 1));
  const { total } = await report(lines);
  expect(formatDollars(totalOf(total))).toBe("0.0011");
  expect(total.tokens).toMatchObject({ input: 1000, cache_read: 1000 });
});

it("savings are what the prompts would have cost without a cache, less what they cost", async () => {
  // Written once at 1.25, read nine times at 0.1: 1.25 + 0.9 instead of 10.
  const { total } = await report([cached(1e6, 0), ...Array.from({ length: 9 }, () => cached(0, 1e6))]);
  expect(formatDollars(savedBy(total))).toBe("7.85");
  expect(hitRate(total)).toBe(0.9);
});

it("savings are negative where what was written was never read", async () => {
  const { total } = await report([cached(1e6, 0, 1000)]);
  expect(formatDollars(savedBy(total))).toBe("-0.25");
  expect(hitRate(total)).toBe(0);
});

it("a write for five minutes pays after one read, one for an hour after two", async () => {
  verifies("caching.break-even");
  const [fiveMinutes, hour, read] = [cached(1e6, 0), cached(1e6, 0, 0, 1e6), cached(0, 1e6)];
  const saved = async (...lines: readonly UsageLine[]): Promise<string> =>
    formatDollars(savedBy((await report(lines)).total));
  expect(await saved(fiveMinutes)).toBe("-0.25");
  expect(await saved(fiveMinutes, read)).toBe("0.65");
  expect(await saved(hour, read)).toBe("-0.1");
  expect(await saved(hour, read, read)).toBe("0.8");
});

it("there is no hit rate without a prompt", async () => {
  expect(hitRate((await report([])).total)).toBeNull();
});

it("requests without a price are counted beside the money, never as free", async () => {
  const unknown = exampleLine({
    ...{ engine: "vllm", upstream_model: "qwen3", total_usd: null, uncached_usd: null, input_usd: null },
    ...{ cache_write_5m_usd: null, cache_write_1h_usd: null, cache_read_usd: null, output_usd: null },
  });
  const { rows, total, unpricedModels } = await report([unknown, exampleLine(), unknown]);
  expect(unpricedModels).toEqual(["vllm/qwen3"]);
  expect(total).toMatchObject({ requests: 3, unpriced: 2, tokens: { input: 3000, output: 300 } });
  expect(formatDollars(totalOf(total))).toBe("0.0015");
  expect(rows.map(({ name, sums }) => [name, sums.unpriced])).toEqual([
    ["anthropic/claude-haiku-4-5", 0],
    ["vllm/qwen3", 2],
  ]);
});

it.each([
  ["model", ["anthropic/b", "anthropic/a"]],
  ["key", ["laptop", null]],
  ["workspace", ["sales", "research"]],
  ["session", ["s2", "s1"]],
  ["day", ["2026-11-21", "2026-11-22"]],
] as const)("groups by %s, the largest cost first and days in their order", async (by, names) => {
  const { rows, total } = await report(
    [
      exampleLine({ upstream_model: "a", workspace: "research", session: "s1" }),
      exampleLine({
        ...{ upstream_model: "b", key: "laptop", workspace: "sales", session: "s2", input_usd: "1" },
        time: "2026-11-21T23:59:59.999Z",
      }),
      exampleLine({ upstream_model: "a", workspace: "research", session: "s1", error: "api_error" }),
    ],
    by,
  );
  expect(rows.map(({ name }) => name)).toEqual(names);
  expect(total).toMatchObject({ requests: 3, failed: 1 });
});
