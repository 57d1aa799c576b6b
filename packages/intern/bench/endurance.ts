/**
 * A session that outgrows the model's window again and again, against a short one: the same ledger in the end, and what the
 * loop itself costs for each step. `npm run bench:endurance [-- --steps 300]`
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { SessionEvent } from "../src/session/session-event.ts";
import { readSession } from "../src/session/session-store.ts";
import { tracesOf, workOnSteps } from "../src/testing/stepping/stepping-session.ts";
import { stopwatch } from "../src/testing/stepping/stopwatch.ts";

const { values } = parseArgs({ options: { steps: { type: "string", default: "300" } } });
const steps = Number(values.steps);

interface Step {
  readonly tokens: number;
  /** Wall time without the model and the tools, and processor time without theirs. */
  readonly ms: number;
  readonly processor: number;
}

/** Of each row of the curve. */
const ROW = 50;
const WANTED_MS = 5;
/** Contexts of which the median is told apart. */
const LONG_CONTEXT = 140_000;

interface Memory {
  /** Of the heap, after everything that can go is gone. */
  readonly heap: number;
  readonly rss: number;
}

const home = await mkdtemp(join(tmpdir(), "endurance-"));
try {
  const long = await run({ resultCharacters: 9_000 });
  const short = await run({ resultCharacters: 20 });
  const [a, b] = [await tracesOf(long.directory), await tracesOf(short.directory)];
  const same = JSON.stringify(a.ledger) === JSON.stringify(b.ledger) && a.effects === b.effects;
  console.log(
    `${cpus().length} x ${cpus()[0]?.model}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(2)}`,
  );
  console.log(
    `${steps} steps in ${long.iterations} model calls; ${long.tokens.toLocaleString("en")} tokens in all, ` +
      `shortened ${long.compactions} times (short session: ${short.compactions}); outcome ${long.outcome}`,
  );
  console.log(`the same ledger and effects as the short session: ${same ? "yes" : "NO"}`);
  console.log(
    "| model calls | context, tokens | own time, median ms | p95 ms | processor, median ms | heap, MB | RSS, MB |",
  );
  console.log("| --- | --- | --- | --- | --- | --- | --- |");
  for (const row of curve(long)) console.log(row);
  const own = ({ ms }: Step): number => ms;
  const atLength = long.steps.filter(({ tokens }) => tokens >= LONG_CONTEXT);
  console.log(
    `own time of a model call (wanted ${WANTED_MS} ms): median ${quantile(long.steps.map(own), 0.5)}, p95 ${quantile(long.steps.map(own), 0.95)} ms; ` +
      `where the context is over ${LONG_CONTEXT / 1000}k tokens (${atLength.length} calls): median ${quantile(atLength.map(own), 0.5)}, p95 ${quantile(atLength.map(own), 0.95)} ms`,
  );
  const begun = performance.now();
  const read = await readSession(home, long.id);
  console.log(
    `reading a session of ${read?.events.length} events: ${(performance.now() - begun).toFixed(0)} ms`,
  );
  if (!same || long.compactions < 3) process.exitCode = 1;
} finally {
  await rm(home, { recursive: true });
}

interface Run {
  readonly id: string;
  readonly directory: string;
  readonly outcome: string;
  readonly compactions: number;
  readonly iterations: number;
  readonly tokens: number;
  readonly steps: readonly Step[];
  readonly memory: readonly Memory[];
}

async function run({ resultCharacters }: { readonly resultCharacters: number }): Promise<Run> {
  const curve: Step[] = [];
  const memory: Memory[] = [];
  let [id, directory, compactions, tokens] = ["", "", 0, 0];
  const others = { wall: 0, processor: 0 };
  let mark = { spent: stopwatch(), ...others };
  const { outcome } = await workOnSteps({
    ...{ home, id: null, steps, resultCharacters, lingerMs: 0 },
    onSession: (session) => {
      id = session.state.id;
      directory = session.paths.directory;
      session.subscribe((event: SessionEvent) => {
        if (event.type === "compacted") compactions++;
        if (event.type === "assistant_message") tokens += event.message.usage.output_tokens;
        if (event.type !== "iteration_started") return;
        const { wall, processor } = mark.spent();
        curve.push({
          tokens: session.state.size.tokens + session.state.size.characters / 3,
          ms: wall - (others.wall - mark.wall),
          processor: processor - (others.processor - mark.processor),
        });
        if (curve.length % ROW === 0) {
          globalThis.gc?.();
          const { heapUsed, rss } = process.memoryUsage();
          memory.push({ heap: heapUsed / 1e6, rss: rss / 1e6 });
        }
        mark = { spent: stopwatch(), ...others };
      });
    },
    onSpent: ({ wall, processor }) => {
      others.wall += wall;
      others.processor += processor;
    },
  });
  return { id, directory, compactions, iterations: curve.length, tokens, outcome, steps: curve, memory };
}

function curve({ steps: all, memory }: Run): readonly string[] {
  return memory.map(({ heap, rss }, index) => {
    const part = all.slice(index * ROW, (index + 1) * ROW);
    const times = part.map(({ ms }) => ms);
    const context = Math.round(
      Number(
        quantile(
          part.map(({ tokens }) => tokens),
          0.5,
        ),
      ),
    );
    const processor = quantile(
      part.map((step) => step.processor),
      0.5,
    );
    const cells = [
      index * ROW + 1,
      context.toLocaleString("en"),
      quantile(times, 0.5),
      quantile(times, 0.95),
      processor,
    ];
    return `| from ${cells.join(" | ")} | ${heap.toFixed(0)} | ${rss.toFixed(0)} |`;
  });
}

function quantile(values: readonly number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
}
