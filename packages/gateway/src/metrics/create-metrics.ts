import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { GatewayLogEntry } from "../create-gateway.ts";
import { routeLabel } from "../routes/route-label.ts";
import { cacheMetrics } from "./cache-metrics.ts";
import { type EmbeddedFigures, type EmbeddedPrompt, embeddedMetrics } from "./embedded-metrics.ts";
import { modelLabels } from "./model-labels.ts";

export interface MetricsOptions {
  /** Names of models that get a label of their own from the start. */
  readonly models?: readonly string[];
  /** Where there are embedded engines. */
  readonly embedded?: EmbeddedFigures;
  /** Also CPU, memory and event loop of the process; default false. */
  readonly process?: boolean;
}

/** Counts what a gateway does, in a registry of its own. */
export interface GatewayMetrics {
  /** A request has arrived. */
  began(): void;
  /** A response that is a stream has begun to leave. */
  streamBegan(): void;
  /** The last byte of a response has left. */
  finished(entry: GatewayLogEntry, options: { readonly streaming: boolean }): void;
  /** An embedded engine is about to read a prompt. */
  promptPlaced(prompt: EmbeddedPrompt): void;
  /** Everything in Prometheus' text format. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** Builds the metrics of one gateway. What clients write never becomes a label without bound. */
export function createMetrics({
  models = [],
  embedded = { queueLengths: () => ({}), promptStates: () => ({}) },
  process = false,
}: MetricsOptions = {}): GatewayMetrics {
  const registry = new Registry();
  const registers = [registry];
  const modelLabel = modelLabels(models);
  const by = ["route", "model", "engine", "workspace"] as const;
  const requests = new Counter({
    name: "gateway_requests_total",
    help: "Requests that have ended.",
    labelNames: [...by, "status"] as const,
    registers,
  });
  const durations = new Histogram({
    name: "gateway_request_duration_seconds",
    help: "From a request's arrival until the last byte of its response has left.",
    labelNames: by,
    buckets: DURATIONS,
    registers,
  });
  const firstEvents = new Histogram({
    name: "gateway_first_event_seconds",
    help: "From a request's arrival until the engine's first event.",
    labelNames: ["model", "engine"] as const,
    buckets: DURATIONS,
    registers,
  });
  const tokens = new Counter({
    name: "gateway_tokens_total",
    help: "Tokens: input, cache_read, cache_write_5m, cache_write_1h, output.",
    labelNames: ["kind", "model", "engine", "workspace"] as const,
    registers,
  });
  const limits = new Counter({
    name: "gateway_limits_reached_total",
    help: "Requests that a limit has refused.",
    labelNames: ["limit", "workspace"] as const,
    registers,
  });
  const upstreamErrors = new Counter({
    name: "gateway_upstream_errors_total",
    help: "Answers that an engine's endpoint failed to give.",
    labelNames: ["code", "engine"] as const,
    registers,
  });
  const passedOver = new Counter({
    name: "gateway_passed_over_total",
    help: "Requests that an engine did not answer and another one was asked.",
    labelNames: ["engine"] as const,
    registers,
  });
  const open = new Gauge({
    name: "gateway_open_requests",
    help: "Requests that have not ended.",
    registers,
  });
  const streams = new Gauge({
    name: "gateway_open_streams",
    help: "Streams that have begun and not ended.",
    registers,
  });
  const countCache = cacheMetrics(registers);
  const promptPlaced = embeddedMetrics(registers, embedded);
  if (process) collectDefaultMetrics({ register: registry, prefix: "gateway_" });

  return {
    began: () => open.inc(),
    streamBegan: () => streams.inc(),
    finished(entry, { streaming }) {
      open.dec();
      const { engine = "", workspace = "", error_code: code } = entry;
      const model = modelLabel(entry);
      const labels = { route: routeLabel(entry.path), model, engine, workspace };
      requests.inc({ ...labels, status: entry.status });
      durations.observe(labels, entry.duration_ms / 1000);
      if (entry.first_event_ms !== undefined)
        firstEvents.observe({ model, engine }, entry.first_event_ms / 1000);
      for (const [kind, count] of Object.entries(tokensOf(entry))) {
        if (count > 0) tokens.inc({ kind, model, engine, workspace }, count);
      }
      countCache(entry, model);
      const limit = /^(.+)_limit_reached$/.exec(code ?? "")?.[1];
      if (limit !== undefined) limits.inc({ limit, workspace });
      if (code?.startsWith("endpoint_")) upstreamErrors.inc({ code, engine });
      for (const name of entry.passed_over ?? []) passedOver.inc({ engine: name.split("/")[0] ?? "" });
      if (streaming) streams.dec();
    },
    promptPlaced,
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

function tokensOf(entry: GatewayLogEntry): Readonly<Record<string, number>> {
  const hour = entry.cache_creation_1h_input_tokens ?? 0;
  return {
    input: entry.input_tokens ?? 0,
    cache_read: entry.cache_read_input_tokens ?? 0,
    cache_write_5m: (entry.cache_creation_input_tokens ?? 0) - hour,
    cache_write_1h: hour,
    output: entry.output_tokens ?? 0,
  };
}
