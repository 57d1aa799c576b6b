/**
 * Has embedded models of random weights answer random conversations, with the prompt cache on small limits, through
 * restarts, kills and damaged files, and compares each answer with that of an engine that remembers nothing.
 *
 *   node --conditions=source --import tsx packages/gateway/fuzz/prompt-cache.ts --conversations 1000 --seed 1
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { TinyFamily } from "@ml-intern/testkit";
import { machine, table } from "../bench/support/figures.ts";
import { FAMILIES, fuzzPromptMemory } from "../src/engines/llama/memory/fuzz/fuzz-prompt-memory.ts";
import { HIT_SOURCES, tallyRows } from "../src/engines/llama/memory/fuzz/fuzz-tally.ts";
import { openLlamaRuntime } from "../src/engines/llama/runtime/llama-runtime.ts";

const { values: given } = parseArgs({
  options: {
    conversations: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    family: { type: "string" },
  },
});
const families = given.family ? [given.family as TinyFamily] : FAMILIES;
const conversations = Number(given.conversations);
const unhandled: unknown[] = [];
process.on("unhandledRejection", (reason) => {
  unhandled.push(reason);
  console.log("unhandled rejection:", reason);
});

const stopping = new AbortController();
process.once("SIGINT", () => stopping.abort());

console.log(machine());
const folder = await mkdtemp(join(tmpdir(), "fuzz-prompt-cache-"));
const runtime = await openLlamaRuntime({ threads: 1, log: () => {} });
const started = performance.now();
const { tallies, faults } = await fuzzPromptMemory({
  ...{ folder, families, conversations, seed: Number(given.seed) },
  onFault: (fault) => console.log("fault:", JSON.stringify(fault, withReason)),
  onProgress: (ended) => process.stderr.write(`\r${ended} of ${conversations}`),
  signal: stopping.signal,
}).finally(async () => {
  await runtime.close();
  await rm(folder, { recursive: true });
});
const [head = [], ...rows] = tallyRows(tallies);
console.log(`\n${table(head, rows)}`);
// A cache that never hits is never wrong: enough must have come from each place for the comparison to say anything.
const idle = [...tallies].flatMap(([family, { share, hits, requests }]) => {
  // What a recurrent layer holds can be gone on from only where it is, and that is behind an answer.
  const isRewindable = family === "attention" || family === "sliding-window";
  const wanted = HIT_SOURCES.filter((source) => source !== "sequence" || isRewindable);
  const missing = wanted.filter((source) => hits[source].prompts < requests / 50);
  return [
    ...(share < 0.2 ? [`${family}: only ${(100 * share).toFixed(1)} % of the tokens needed no reading`] : []),
    ...missing.map((source) => `${family}: next to nothing came from ${source}`),
  ];
});
for (const each of idle) console.log(each);
const seconds = (performance.now() - started) / 1000;
console.log(
  `${faults.length} faults, ${unhandled.length} unhandled rejections, seed ${given.seed}, ${seconds.toFixed(0)} s`,
);
process.exitCode = faults.length + unhandled.length + idle.length === 0 ? 0 : 1;

function withReason(_key: string, value: unknown): unknown {
  return value instanceof Error ? { message: value.message, stack: value.stack, cause: value.cause } : value;
}
