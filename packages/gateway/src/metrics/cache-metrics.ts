import { Counter, type Registry } from "prom-client";
import type { GatewayLogEntry } from "../create-gateway.ts";
import { isKept } from "../metering/cache-promise.ts";

/** Counts what caches did for requests that have ended; called with each, and its model's label. */
export function cacheMetrics(registers: Registry[]): (entry: GatewayLogEntry, model: string) => void {
  const by = ["model", "engine"] as const;
  const requests = new Counter({
    name: "gateway_cache_requests_total",
    help: "Requests by what the cache did: hit (something was read), miss (only written), none (neither).",
    labelNames: ["result", ...by] as const,
    registers,
  });
  const reasons = new Counter({
    name: "gateway_cache_miss_reasons_total",
    help: "Prompts that were not in the cache, where it is known why.",
    labelNames: ["reason", ...by] as const,
    registers,
  });
  const promises = new Counter({
    name: "gateway_cache_promises_total",
    help: "Requests whose prompt an upstream's own cache should have had: kept or missed.",
    labelNames: ["result", ...by] as const,
    registers,
  });
  const missed = new Counter({
    name: "gateway_cache_missed_tokens_total",
    help: "Tokens, about, that an upstream's cache should have had and that were paid in full.",
    labelNames: by,
    registers,
  });

  return (entry, model) => {
    if (entry.input_tokens === undefined) return;
    const {
      engine = "",
      cache_read_input_tokens: read = 0,
      cache_creation_input_tokens: written = 0,
    } = entry;
    requests.inc({ result: read > 0 ? "hit" : written > 0 ? "miss" : "none", model, engine });
    if (entry.cache_miss_reason !== undefined)
      reasons.inc({ reason: entry.cache_miss_reason, model, engine });
    const promised = entry.cache_promised_tokens ?? 0;
    if (promised === 0) return;
    const kept = isKept({ promised, read });
    promises.inc({ result: kept ? "kept" : "missed", model, engine });
    if (!kept) missed.inc({ model, engine }, promised - read);
  };
}
