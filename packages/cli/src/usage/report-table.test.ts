import { reportUsage, type UsageLine, type UsageReport } from "@ml-intern/gateway";
import { expect, it } from "vitest";
import { createStyle } from "../terminal/style.ts";
import { reportCsv } from "./report-csv.ts";
import { reportDocument } from "./report-document.ts";
import { reportRemarks } from "./report-remarks.ts";
import { reportTable } from "./report-table.ts";

const EXAMPLE: UsageLine = {
  time: "2026-11-22T10:00:00.000Z",
  request_id: "req_1",
  ...{ workspace: "default", key: null, session: null, model: "smart", batch: false },
  ...{ engine: "claude", upstream_model: "claude-haiku-4-5", service_tier: "standard" },
  ...{ stop_reason: "end_turn", error: null, estimated: false },
  ...{ input_tokens: 1000, cache_write_5m_tokens: 1_000_000, cache_write_1h_tokens: 0 },
  ...{ cache_read_tokens: 0, output_tokens: 100, cache_promised_tokens: 0 },
  ...{ input_usd: "0.001", cache_write_5m_usd: "1.25", cache_write_1h_usd: "0", cache_read_usd: "0" },
  ...{ output_usd: "0.0005", total_usd: "1.2515", uncached_usd: "1.0015" },
};
const READ: UsageLine = {
  ...EXAMPLE,
  ...{
    cache_write_5m_tokens: 0,
    cache_read_tokens: 9_000_000,
    cache_write_5m_usd: "0",
    cache_read_usd: "0.9",
  },
  ...{ total_usd: "0.9015", uncached_usd: "9.0015" },
};
const UNKNOWN: UsageLine = {
  ...EXAMPLE,
  ...{ engine: "vllm", upstream_model: "qwen3", estimated: true, error: "api_error" },
  ...{ input_usd: null, cache_write_5m_usd: null, cache_write_1h_usd: null, cache_read_usd: null },
  ...{ output_usd: null, total_usd: null, uncached_usd: null },
};

async function report(...lines: readonly UsageLine[]): Promise<UsageReport> {
  return reportUsage(
    (async function* () {
      yield* lines;
    })(),
    { by: "model" },
  );
}

it("shows tokens and money of each kind, the hit rate, what it cost and what was saved", async () => {
  const table = reportTable(await report(EXAMPLE, READ, UNKNOWN), createStyle(false));
  expect(table.split("\n").map((line) => line.trim().split(/\s{2,}/))).toEqual([
    ["model", "requests", "input", "5 m write", "1 h write", "read", "output", "hit rate", "cost", "saved"],
    [
      "claude/claude-haiku-4-5",
      "2",
      "2,000",
      "1,000,000",
      "0",
      "9,000,000",
      "200",
      "90.0 %",
      "$2.15",
      "$7.85",
    ],
    ["$0.0020", "$1.25", "$0", "$0.9000", "$0.0010"],
    ["vllm/qwen3", "1", "1,000", "1,000,000", "0", "0", "100", "0.0 %", "unknown", "unknown"],
    ["unknown", "unknown", "unknown", "unknown", "unknown"],
    ["total", "3", "3,000", "2,000,000", "0", "9,000,000", "300", "81.8 %", "$2.15 + ?", "$7.85"],
    ["$0.0020", "$1.25", "$0", "$0.9000", "$0.0010"],
    [""],
  ]);
});

it("says what a person should know of the sums", async () => {
  expect(reportRemarks(await report(EXAMPLE, READ, UNKNOWN))).toEqual([
    "Caching saved you $7.85, 78 % of what it would have cost.",
    "The price of 1 request is unknown, and not in these sums: vllm/qwen3. Add it to `prices` in gateway.yaml; it holds for requests to come.",
    "1 request did not come to an end; what was known by then is counted.",
    "1 request failed.",
  ]);
});

it("says plainly when caching cost money, and whose", async () => {
  const [losing] = reportRemarks(await report(EXAMPLE));
  expect(losing).toBe("Caching cost you $0.2500: what was written into the cache was never read.");
  const other = { ...EXAMPLE, upstream_model: "claude-haiku-4-6" };
  expect(reportRemarks(await report(other, READ))).toEqual([
    "Caching saved you $7.85, 78 % of what it would have cost.",
    "Caching cost you $0.2500 for claude/claude-haiku-4-6: what was written into the cache was never read.",
  ]);
  const little = {
    ...READ,
    cache_read_tokens: 1,
    cache_read_usd: "0.0000001",
    total_usd: "0.0015001",
    uncached_usd: "0.001501",
  };
  expect(reportRemarks(await report(EXAMPLE, little))[0]).toMatch(
    /^Caching cost you .*: what was written was read too rarely\.$/,
  );
  const none = {
    ...EXAMPLE,
    cache_write_5m_tokens: 0,
    cache_write_5m_usd: "0",
    total_usd: "0.0015",
    uncached_usd: "0.0015",
  };
  expect(reportRemarks(await report(none))).toEqual(["Nothing was cached."]);
});

it("says what an upstream's cache should have had and did not", async () => {
  const kept = { ...READ, cache_promised_tokens: 8_500_000 };
  const broken = { ...EXAMPLE, upstream_model: "claude-opus-5", cache_promised_tokens: 52_000 };
  const remark = async (...lines: readonly UsageLine[]): Promise<unknown> =>
    reportRemarks(await report(...lines)).find((text) => text.includes("upstream"));
  expect(await remark(EXAMPLE, READ)).toBeUndefined();
  expect(await remark(kept)).toBe("1 request should have found its prompt in an upstream's cache, and did.");
  expect(await remark(kept, kept, broken)).toBe(
    "3 requests should have found their prompt in an upstream's cache, and 2 did. About 52,000 tokens were paid in full instead of being read: claude/claude-opus-5.",
  );
  const { rows } = reportDocument(await report(kept, broken), { since: null, until: null });
  expect(rows.map(({ promised, kept, missed_tokens }) => [promised, kept, missed_tokens])).toEqual([
    [1, 0, 52_000],
    [1, 1, 0],
  ]);
});

it("names of models cannot write on the terminal what they like", async () => {
  const hostile = { ...EXAMPLE, upstream_model: "\u001b[2J\u001b]0;x\u0007\nclaude\u202e" };
  const made = await report(hostile, UNKNOWN);
  const shown = reportTable(made, createStyle(false)) + reportRemarks(made).join("\n");
  expect(shown).toContain("claude/\ufffd[2J");
  for (const character of ["\u001b", "\u0007", "\u202e"]) expect(shown).not.toContain(character);
});

it("CSV and JSON have the exact amounts, and nothing where a price is unknown", async () => {
  const made = await report(EXAMPLE, READ, UNKNOWN);
  expect(reportCsv(made).split("\r\n")).toEqual([
    "model,requests,failed,estimated,unpriced,input_tokens,cache_write_5m_tokens,cache_write_1h_tokens,cache_read_tokens,output_tokens,input_usd,cache_write_5m_usd,cache_write_1h_usd,cache_read_usd,output_usd,total_usd,uncached_usd,saved_usd,hit_rate,promised,kept,missed_tokens",
    "claude/claude-haiku-4-5,2,0,0,0,2000,1000000,0,9000000,200,0.002,1.25,0,0.9,0.001,2.153,10.003,7.85,0.8998200359928015,0,0,0",
    "vllm/qwen3,1,1,1,1,1000,1000000,0,0,100,,,,,,,,,0,0,0,0",
    "",
  ]);
  expect(reportDocument(made, { since: null, until: null })).toMatchObject({
    ...{ since: null, until: null, by: "model", unpriced_models: ["vllm/qwen3"] },
    rows: [
      { name: "claude/claude-haiku-4-5", usd: { total: "2.153", uncached: "10.003" }, saved_usd: "7.85" },
      { name: "vllm/qwen3", requests: 1, unpriced: 1, usd: null, saved_usd: null, hit_rate: 0 },
    ],
    total: { requests: 3, tokens: { cache_read: 9_000_000 }, usd: { total: "2.153" } },
  });
});
