import type { UsageLine } from "../usage-line.ts";

/** A whole answer without a cache, at $1 and $5 a million tokens. */
export function exampleLine(changes: Partial<UsageLine> = {}): UsageLine {
  return {
    time: "2026-11-22T10:00:00.000Z",
    request_id: "req_1",
    workspace: "default",
    key: null,
    session: null,
    model: "claude-haiku-4-5",
    engine: "anthropic",
    upstream_model: "claude-haiku-4-5",
    batch: false,
    service_tier: "standard",
    stop_reason: "end_turn",
    error: null,
    estimated: false,
    input_tokens: 1000,
    cache_write_5m_tokens: 0,
    cache_write_1h_tokens: 0,
    cache_read_tokens: 0,
    output_tokens: 100,
    cache_promised_tokens: 0,
    input_usd: "0.001",
    cache_write_5m_usd: "0",
    cache_write_1h_usd: "0",
    cache_read_usd: "0",
    output_usd: "0.0005",
    total_usd: "0.0015",
    uncached_usd: "0.0015",
    ...changes,
  };
}
