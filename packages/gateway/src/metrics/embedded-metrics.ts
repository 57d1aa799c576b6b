import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { PlacedPrompt } from "../engines/llama/memory/prompt-memory.ts";
import type { StateStoreStats } from "../engines/llama/state/store/state-store.ts";

/** What embedded engines say of themselves whenever somebody asks for the metrics, by the engine's name. */
export interface EmbeddedFigures {
  /** Requests that wait. */
  readonly queueLengths: () => Readonly<Record<string, number>>;
  /** What is kept of prompts; an engine that has not loaded a model yet is left out. */
  readonly promptStates: () => Readonly<Record<string, StateStoreStats>>;
}

/** What an embedded engine need not read of a prompt. */
export interface EmbeddedPrompt extends PlacedPrompt {
  readonly engine: string;
  readonly model: string;
}

const RESTORES = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts what embedded engines do with prompts; called with each. Their models are files, so that there are few. */
export function embeddedMetrics(
  registers: Registry[],
  { queueLengths, promptStates }: EmbeddedFigures,
): (prompt: EmbeddedPrompt) => void {
  new Gauge({
    name: "gateway_engine_queue_length",
    help: "Requests that wait for an embedded engine.",
    labelNames: ["engine"] as const,
    registers,
    collect() {
      this.reset();
      for (const [engine, length] of Object.entries(queueLengths())) this.set({ engine }, length);
    },
  });
  new Gauge({
    name: "gateway_engine_state_bytes",
    help: "States of prompts that are kept: in memory, and on disk.",
    labelNames: ["place", "engine"] as const,
    registers,
    collect() {
      this.reset();
      for (const { engine, place, used } of places(promptStates())) this.set({ place, engine }, used);
    },
  });
  new Counter({
    name: "gateway_engine_state_evictions_total",
    help: "Pieces of states that made room for others: in memory, and on disk.",
    labelNames: ["place", "engine"] as const,
    registers,
    collect() {
      this.reset();
      for (const { engine, place, evicted } of places(promptStates())) this.inc({ place, engine }, evicted);
    },
  });
  const tokens = new Counter({
    name: "gateway_engine_prompt_tokens_total",
    help: "Tokens of prompts: held by the sequence, restored from memory, restored from disk, or read.",
    labelNames: ["source", "model", "engine"] as const,
    registers,
  });
  const restores = new Histogram({
    name: "gateway_engine_restore_seconds",
    help: "Until the state of a prompt was restored, with reading it from disk.",
    labelNames: ["engine"] as const,
    buckets: RESTORES,
    registers,
  });

  return ({ engine, model, tokens: all, held, restored, fromDisk, restoreMs }) => {
    const sources = { held, memory: restored - fromDisk, disk: fromDisk, read: all - held - restored };
    for (const [source, count] of Object.entries(sources)) {
      if (count > 0) tokens.inc({ source, model, engine }, count);
    }
    if (restored > 0) restores.observe({ engine }, restoreMs / 1000);
  };
}

function* places(
  states: Readonly<Record<string, StateStoreStats>>,
): Generator<{ engine: string; place: string; used: number; evicted: number }> {
  for (const [engine, { memory, disk }] of Object.entries(states)) {
    yield { engine, place: "memory", ...memory };
    if (disk) yield { engine, place: "disk", ...disk };
  }
}
